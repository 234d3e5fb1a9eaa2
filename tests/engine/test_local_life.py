"""One whole life of the template's stack on this machine, through the real engine and real parts.

Proves what a user sees of `up`, promotion, drift, retraining and `destroy` on `local`. Limits: one
small model; kills are in `tests/faults`.
"""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.laptop import Laptop, eventually

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

ROWS = '[{"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}]'


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A project from the template, `up` once; destroyed at the end whatever happens."""
    machine = Laptop(tmp_path_factory.mktemp("life") / "flowers")
    machine.folder.mkdir()
    machine.run("init", ".", "--yes", "--name", "flowers")
    manifest = machine.folder / "mlops.yaml"
    text = manifest.read_text().replace(
        "species: {kind: RegisteredModel}",
        "species: {kind: RegisteredModel, approval: manual}",
    )
    manifest.write_text(
        text.replace("model: species@champion}", "model: species@champion, capture: {}}")
    )
    yield machine
    for process in machine.processes():
        process.kill()


def deployed(laptop: Laptop) -> dict[str, object]:
    """Return the endpoint's details as `status` sees them in the world."""
    found = {item["component"]: item for item in laptop.json("status")}
    return {"state": found["classify"]["state"], **found["classify"]["details"]}


def unchanged(laptop: Laptop, *words: str) -> bool:
    """Whether an operation touched nothing."""
    return set(laptop.json(*words)["changes"]) <= {"same"}


def test_life(laptop: Laptop) -> None:
    """One story, told in order: each step stands on the one before."""
    first = laptop.json("up")
    assert first["changes"] == {"create": 14}
    assert first["outputs"]["classify"]["state"] == "waiting"
    assert "is pending" in refused(laptop, "promote", "classify", "1")
    assert "waits for an approved version" in refused(laptop, "predict", "classify", ROWS)

    laptop.run("approve", "species", "1", "--as", "ada", "-m", "looks right")
    assert laptop.json("versions", "species")[0]["approver"] == "ada"
    assert deployed(laptop)["state"] == "serving"
    answer = laptop.json_text("predict", "classify", ROWS)
    assert answer["predictions"] == [0]
    assert unchanged(laptop, "preview")
    assert unchanged(laptop, "up")

    script = laptop.folder / "train.py"
    script.write_text(script.read_text().replace("max_iter=500", "max_iter=400"))
    second = laptop.json("up")
    assert second["outputs"]["train"]["modelVersion"] == "2"
    assert deployed(laptop)["version"] == 1

    laptop.run("approve", "species", "2", "--as", "ada")
    laptop.run("promote", "classify", "2")
    assert deployed(laptop)["version"] == 2
    assert unchanged(laptop, "preview")
    assert unchanged(laptop, "refresh")
    laptop.run("rollback", "classify")
    assert deployed(laptop)["version"] == 1
    assert unchanged(laptop, "up")

    (server,) = laptop.processes(("runtime.serve",))
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: answers(laptop))

    assert no_secret_in(laptop)
    laptop.run("destroy", "--yes")
    eventually(lambda: not laptop.processes())
    assert not (laptop.folder / ".mlops-iac").exists()
    assert not list(laptop.folder.glob("Pulumi.*.yaml"))


def refused(laptop: Laptop, *words: str) -> str:
    """Run a command that must fail, and return what it says."""
    process = laptop.start(*words)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    return said


def answers(laptop: Laptop) -> bool:
    """Whether the endpoint predicts."""
    process = laptop.start("predict", "classify", ROWS)
    out, _ = process.communicate(timeout=60)
    return process.returncode == 0 and '"predictions"' in out


def no_secret_in(laptop: Laptop) -> bool:
    """The token and the passphrase stand in their own files only, and in no process list."""
    tokens = [p.read_text().strip() for p in laptop.folder.rglob("token*") if p.is_file()]
    secrets = [*tokens, (laptop.folder / ".mlops-iac/passphrase").read_text().strip()]
    assert tokens
    for path in laptop.folder.rglob("*"):
        if path.is_file() and path.stat().st_mode & 0o077 and ".mlops-iac" in path.parts:
            pytest.fail(f"{path} is open to others")
        if path.is_file() and path.name not in {"token", "passphrase"}:
            text = path.read_bytes()
            assert not any(secret.encode() in text for secret in secrets if secret), path
    for process in laptop.processes():
        assert not any(secret in " ".join(process.cmdline()) for secret in secrets)
    return True
