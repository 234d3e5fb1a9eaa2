"""The command line as a script sees it: documents, streams and exit codes of processes.

Proves the form of DESIGN's interfaces for what needs no engine. Limit: `up` and its neighbours are
tested in `tests/engine`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FLIGHTS = Path(__file__).parents[2] / "examples" / "first_endpoint"
KEYS = {
    "type", "name", "parent", "provider", "inputs", "depends_on", "protect", "secrets", "component",
    "field",
}  # fmt: skip


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `mlops-iac` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from mlops_iac.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


@pytest.fixture
def flights(tmp_path: Path) -> Path:
    """The example, with data of its own: the real rows are downloaded by its demo."""
    for name in ("mlops.yaml", "__main__.py", "train.py"):
        (tmp_path / name).write_bytes((FLIGHTS / name).read_bytes())
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.parquet").write_bytes(b"PAR1")
    return tmp_path


def test_all_targets_are_planned_into_one_document(flights: Path) -> None:
    done = run("plan", "-f", str(flights), "--target", "all", "--format", "json")
    document = json.loads(done.stdout)

    assert done.returncode == 0
    assert document["version"] == 1
    assert set(document["targets"]) >= {"aws", "azure", "gcp", "local"}
    for target in document["targets"].values():
        assert target["resources"]
        assert all(set(resource) >= KEYS for resource in target["resources"])


@pytest.mark.parametrize("stack", ["dev", "aws", "gcp", "azure"])
def test_the_manifest_and_the_program_plan_alike(flights: Path, stack: str) -> None:
    ours = run("plan", "-f", str(flights / "mlops.yaml"), "-s", stack, "--json")
    (flights / "mlops.yaml").unlink()
    theirs = run("plan", "-f", str(flights), "-s", stack, "--json")

    assert json.loads(ours.stdout)["targets"] == json.loads(theirs.stdout)["targets"]


def test_a_wrong_declaration_leaves_with_2_and_an_empty_standard_output(flights: Path) -> None:
    (flights / "mlops.yaml").write_text("name: flights\nplatfrom: {}\n")
    done = run("plan", "-f", str(flights), "--json")

    assert (done.returncode, done.stdout) == (2, "")
    (problem,) = json.loads(done.stderr)["problems"]
    assert (problem["line"], problem["remedy"]) == (2, "did you mean `platform`?")


def test_a_folder_with_nothing_in_it_leaves_with_1(tmp_path: Path) -> None:
    done = run("plan", "-f", str(tmp_path))

    assert (done.returncode, done.stdout) == (1, "")
    assert "`mlops-iac init` makes one" in done.stderr


def test_an_unknown_option_leaves_with_2() -> None:
    assert run("plan", "--no-such-option").returncode == 2


def test_no_colour_where_nobody_looks(flights: Path) -> None:
    done = run("plan", "-f", str(flights), NO_COLOR="1")

    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("template", ["yaml", "python"])
def test_what_init_writes_plans_without_a_problem(tmp_path: Path, template: str) -> None:
    folder = tmp_path / "new"
    made = run("init", str(folder), "--name", "new", "--template", template, "-y")
    done = run("plan", "-f", str(folder), "--json")

    assert (made.returncode, done.returncode) == (0, 0)
    assert json.loads(done.stdout)["targets"]["local"]["problems"] == []
    assert run("init", str(folder), "-y").returncode == 1


@pytest.mark.parametrize("command", [("providers",), ("matrix",), ("schema",)])
def test_what_is_shown_can_be_had_as_json(command: tuple[str, ...]) -> None:
    arguments = command if command == ("schema",) else (*command, "--json")

    assert json.loads(run(*arguments).stdout)
