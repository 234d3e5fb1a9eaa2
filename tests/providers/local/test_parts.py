"""The parts that need no process: files, secrets, names, checks.

Proves rules and messages. What the parts do together is in `test_life.py` and `test_loop.py`.
"""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_local import environments, files, secrets, store
from mlops_iac_local.capabilities import CAPABILITIES
from mlops_iac_local.errors import LocalError, NotOursError
from mlops_iac_local.layout import MAX_SOCKET_PATH, Layout
from mlops_iac_local.ownership import adopt_or_make
from mlops_iac_local.processes import clean_environment
from mlops_iac_local.provider import PROVIDER

from mlops_iac.provider import Capability
from mlops_iac.specs import KINDS, Dataset, Platform, ProcessingJob, TrainingJob
from tests.providers.local.world import World, declaration, project


def test_the_provider_loads_without_its_libraries() -> None:
    program = (
        "import sys; from mlops_iac_local.provider import PROVIDER; "
        "from mlops_iac_local.resources import RESOURCES; "
        "print([m for m in ('mlflow','pandas','pyarrow','supervisor','pulumi','numpy') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_every_capability_and_kind_is_answered() -> None:
    assert set(CAPABILITIES) == set(Capability)
    assert set(PROVIDER.adapters) == set(KINDS)
    assert all(PROVIDER.adapter(kind) is not None for kind in KINDS)


# --- files and store


def test_a_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.make_folder(tmp_path / "a" / "b")
        files.write_json(tmp_path / "a" / "b" / "c.json", {"x": 1})
    finally:
        os.umask(before)

    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "b" / "c.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["c.json"]


def test_the_store_refuses_what_changed_under_its_hands(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "root")
    layout.make()
    (tmp_path / "x").write_text("one")

    with pytest.raises(LocalError, match="changed while"):
        store.add(layout, "data", "0" * 64, {"x": tmp_path / "x"}, lambda _: "f" * 64)
    assert not store.stored(layout, "data", "0" * 64).exists()
    assert list(layout.temporary.iterdir()) == []


def test_a_folder_without_a_mark_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "precious.txt").write_text("mine")

    with pytest.raises(NotOursError, match="without a mark"):
        adopt_or_make(tmp_path / "thing", "urn:a")


def test_a_long_path_moves_the_socket_to_a_short_private_folder(tmp_path: Path) -> None:
    layout = Layout(tmp_path / ("long-" * 30) / "dev")

    assert len(str(layout.socket)) < MAX_SOCKET_PATH
    assert str(os.getuid()) in str(layout.socket)


# --- secrets and environments


@pytest.fixture
def secret_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "mlops-iac" / "secrets"
    folder.mkdir(parents=True)
    return folder


def test_a_secret_is_read_from_a_private_file_only(secret_folder: Path) -> None:
    (secret_folder / "db").write_text("value\n")
    (secret_folder / "db").chmod(0o644)
    with pytest.raises(LocalError, match="chmod 600"):
        secrets.read_secret("db")
    (secret_folder / "db").chmod(0o600)

    assert secrets.read_secret("db") == "value"
    with pytest.raises(LocalError, match="there is no secret `other`"):
        secrets.require_secrets({"X": {"secret": "other"}})


@pytest.mark.parametrize("name", ["../db", "a/../../db", "/etc/passwd"])
@pytest.mark.usefixtures("secret_folder")
def test_a_secrets_name_never_leads_out(name: str) -> None:
    with pytest.raises(LocalError, match="leads out"):
        secrets.read_secret(name)


def test_every_line_of_a_long_secret_is_masked() -> None:
    assert secrets.masked("a KEYLINE2 b", ["KEYLINE1\nKEYLINE2"]) == f"a {secrets.MASK} b"


def test_a_child_inherits_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")

    given = clean_environment(home="/h", cpu=3)

    assert "AWS_SECRET_ACCESS_KEY" not in given
    assert "PYTHONPATH" not in given
    assert (given["OMP_NUM_THREADS"], given["DO_NOT_TRACK"], given["HOME"]) == ("3", "true", "/h")


def test_requirements_lie_before_the_runtimes_own_packages(tmp_path: Path) -> None:
    """A real installation from a folder; a package index is not in it."""
    wheel = tmp_path / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "VALUE = 7\n")
        archive.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        archive.writestr(
            "tiny-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    (tmp_path / "requirements.txt").write_text("--no-index\n--find-links .\ntiny==1.0\n")
    world = World(tmp_path, {})
    layout = Layout(tmp_path / "root")
    layout.make()

    python = environments.prepare(layout, "requirements.txt", tmp_path, world.call("fit"))
    again = environments.prepare(layout, "requirements.txt", tmp_path, world.call("fit"))
    program = "import tiny, yaml, mlops_iac.runtime; print(tiny.VALUE)"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False,
                          env=clean_environment(home=str(tmp_path)))  # fmt: skip

    assert (done.stdout.strip(), done.stderr) == ("7", "")
    assert again == python


def test_requirements_that_cannot_be_installed_say_so(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("--no-index\nnot-there==1.0\n")
    layout = Layout(tmp_path / "root")
    layout.make()

    with pytest.raises(LocalError, match="cannot be installed"):
        environments.prepare(layout, "requirements.txt", tmp_path, World(tmp_path, {}).call("fit"))


# --- checks


def codes(world: World, name: str) -> list[str]:
    return [problem.code for problem in world.problems(name)]


def test_a_right_declaration_has_no_problems(tmp_path: Path) -> None:
    world = World(project(tmp_path), declaration())

    assert [codes(world, name) for name in world.specs] == [[], [], [], []]


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (Dataset("x", source="nothing/*.csv"), "dataset.no-files"),
        (Dataset("x", source="s3://bucket/x"), "dataset.remote-source"),
        (Dataset("x", source="data", format="files", columns={"a": "string"}),
         "dataset.no-columns"),
        (TrainingJob("x", script="nothing.py", data="people"), "job.code"),
        (TrainingJob("x", script="code/train.py", data="people", requirements="no.txt"),
         "job.no-requirements"),
        (TrainingJob("x", script="code/train.py", data="people", framework="pytorch"),
         "training.no-framework"),
        (ProcessingJob("x", script="nothing.py", data="people", outputs={"rows": "csv"}),
         "job.code"),
        (ProcessingJob("x", script="code/train.py", data="people", outputs={"rows": "csv"},
                       requirements="no.txt"), "job.no-requirements"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_here_is_said_while_planning(
    tmp_path: Path, spec: Any, code: str
) -> None:
    world = World(project(tmp_path), {"x": spec})

    (problem,) = world.problems("x")
    assert problem.code == code
    assert problem.remedy
    assert problem.rule


def test_a_stack_named_like_a_folder_of_the_engine_is_refused() -> None:
    from mlops_iac.provider import Scope

    adapter = PROVIDER.adapter("Platform")
    assert adapter is not None
    scope = Scope(**{**World(Path("/x"), {}).scope(), "stack": "pulumi"})
    assert [problem.code for problem in adapter.check(Platform(), scope)] == ["stack.reserved"]


def test_the_key_follows_what_decides_a_run_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlops_iac_local import job_adapting, training_job

    seen: list[dict[str, Any]] = []
    world = World(project(tmp_path), declaration())

    def register(*named: str, **_: Any) -> Any:
        seen.append(named[2])
        outputs = ("id", "definition", *job_adapting.RUN_OUTPUTS)
        return type("Made", (), dict.fromkeys(outputs))

    def key(**change: Any) -> str:
        world.specs["fit"] = TrainingJob(**{**world.specs["fit"].model_dump(), **change})
        # Undone in the order in which it was done: `register` is the adapter's own again.
        with world.registering(monkeypatch), pytest.MonkeyPatch.context() as inner:
            inner.setattr(job_adapting, "register", register)
            world_key(world)
        return str(seen[-1]["key"])

    def world_key(world: World) -> None:
        from mlops_iac.provider import BuildContext

        context = BuildContext(**world.scope(), component="fit", parent=None)  # type: ignore[arg-type]
        training_job.TrainingJobAdapter().build(world.specs["fit"], context)  # type: ignore[arg-type]

    first = key()
    for how in ({"wait": "submitted"}, {"timeout": "2h"}, {"compute": {"cpu": 1}}):
        assert key(**how) == first
    assert len({first, key(hyperparameters={"C": 2.0}), key(metrics=("auc",)),
                key(environment={"A": "b"})}) == 4  # fmt: skip
    before = key()
    (tmp_path / "code" / "notes.md").write_text("not code")
    assert key() == before
    (tmp_path / "code" / "helper.py").write_text("code")
    assert key() != before
    (tmp_path / "data" / "more.csv").write_text("age,income,bought\n1,2,0\n")
    assert len({before, key()}) == 2
