"""Verbs on runs: what of a command line reaches the target, and what a person reads of it.

Limit: the target is a stand-in; what it does with a run is tested in `tests/providers`.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from mlops_iac.cli import verbs
from mlops_iac.cli.main import app
from mlops_iac.errors import OperationError
from mlops_iac.operations import Run

FIRST = Run(
    component="fit", kind="TrainingJob", id="run-1", key="k", status="running",
    started="2013-01-01T00:00:00", ended=None, metrics={"auc": 0.5}, model_version=None,
)  # fmt: skip
OLDER = replace(FIRST, id="run-0", status="failed", reason="no rows")


@dataclass
class Target:
    """Takes every call, and ends every run as `ending` says."""

    ending: str = "finished"
    known: tuple[Run, ...] = (FIRST, OLDER)
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def run(self, component: str, *, again: bool, parameters: dict[str, Any]) -> Run:
        self.calls.append(("run", component, again, parameters))
        return FIRST

    def runs(self, component: str) -> tuple[Run, ...]:
        self.calls.append(("runs", component))
        return self.known

    def wait(self, run: Run) -> Run:
        self.calls.append(("wait", run.id))
        return replace(run, status=self.ending)

    def stop(self, run: Run) -> Run:
        self.calls.append(("stop", run.id))
        return replace(run, status="stopped")


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target()
    project = type("Project", (), {"operations": lambda *_: target})
    monkeypatch.setattr(verbs, "open_project", lambda *_: project())
    return target


def call(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_values_of_parameters_keep_their_types(target: Target) -> None:
    done = call("run", "fit", "--set", "depth=3", "--set", "name=a=b", "--set", "on=true", "--json")

    assert done.exit_code == 0
    parameters = {"depth": 3, "name": "a=b", "on": True}
    assert target.calls == [("run", "fit", False, parameters), ("wait", "run-1")]
    assert json.loads(done.stdout)["status"] == "finished"


def test_all_that_is_no_value_is_told(target: Target) -> None:
    done = call("run", "fit", "--set", "depth", "--set", "=3", "--set", "right=1")

    assert isinstance(done.exception, OperationError)
    assert done.exception.message == "`depth`, `=3` is no `key=value`"
    assert target.calls == []


@pytest.mark.parametrize(("ending", "code"), [("finished", 0), ("failed", 1), ("stopped", 1)])
def test_the_end_of_a_run_is_the_exit_code(target: Target, ending: str, code: int) -> None:
    target.ending = ending

    assert call("run", "fit").exit_code == code
    assert call("wait", "fit").exit_code == code


def test_no_wait_returns_a_running_run(target: Target) -> None:
    done = call("run", "fit", "--no-wait", "--again")

    assert (done.exit_code, target.calls) == (0, [("run", "fit", True, {})])


def test_wait_and_stop_take_the_newest_run_or_the_named_one(target: Target) -> None:
    call("wait", "fit")
    call("stop", "fit", "--run", "run-0")

    assert [item for item in target.calls if item[0] != "runs"] == [
        ("wait", "run-1"),
        ("stop", "run-0"),
    ]
    assert "has no run `run-9`" in str(call("stop", "fit", "--run", "run-9").exception)
    target.known = ()
    assert "has no run" in str(call("wait", "fit").exception)


def test_runs_are_listed(target: Target) -> None:
    lines = call("runs", "fit").stdout.splitlines()

    assert [line.split()[:2] for line in lines] == [
        ["run", "status"],
        ["run-1", "running"],
        ["run-0", "failed"],
    ]
    assert json.loads(call("runs", "fit", "--json").stdout)[1]["reason"] == "no rows"
    assert target.calls[0] == ("runs", "fit")
