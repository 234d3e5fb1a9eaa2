"""`check` and `truth`: what reaches the target, and what a person reads.

Limit: the target is a stand-in; what it does is tested in `tests/providers`.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mlops_iac.cli import monitoring
from mlops_iac.cli.main import app
from mlops_iac.errors import NothingToDoError
from mlops_iac.operations import Run, Truth

CHECK = Run(
    component="watch", kind="ModelMonitor", id="run-1", key="k", status="running",
    started="2013-01-01T00:00:00", ended=None, metrics={}, model_version=None,
)  # fmt: skip


@dataclass
class Target:
    ending: str = "finished"
    is_idle: bool = False
    unknown: int = 0
    told: tuple[str, Path, str | None] | None = None

    def check(self, monitor: str) -> Run:
        if self.is_idle:
            raise NothingToDoError(f"3 new rows wait for `{monitor}`; a check needs 200")
        return CHECK

    def wait(self, run: Run) -> Run:
        return replace(
            run, status=self.ending, metrics={"alarm": 1.0, "data_drift": 0.75}, reports=("r.json",)
        )

    def truth(self, endpoint: str, path: Path, *, label: str | None) -> Truth:
        self.told = (endpoint, path, label)
        return Truth(endpoint=endpoint, rows=9, unknown=self.unknown, examples=("a",), file="f")


@pytest.fixture
def target(monkeypatch: pytest.MonkeyPatch) -> Target:
    target = Target()
    project = type("Project", (), {"operations": lambda *_: target})
    monkeypatch.setattr(monitoring, "open_project", lambda *_: project())
    return target


def call(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_a_check_tells_its_verdict_and_an_alarm_is_no_failure(target: Target) -> None:
    done = call("check", "watch")

    assert done.exit_code == 0
    assert done.stdout == "watch  run-1  finished  alarm\n  data_drift: 0.75\n  r.json\n"
    target.ending = "failed"
    assert call("check", "watch").exit_code == 1


def test_too_few_rows_are_told_and_are_no_failure(target: Target) -> None:
    target.is_idle = True

    done = call("check", "watch", "--json")

    assert done.exit_code == 0
    assert json.loads(done.stdout) is None
    assert "3 new rows wait" in done.stderr


def test_truth_counts_what_is_not_known(target: Target) -> None:
    target.unknown = 2

    done = call("truth", "score", "labels.csv", "--label", "late")

    assert target.told == ("score", Path("labels.csv"), "late")
    assert done.stdout.startswith("score  9 labels kept\n  2 of them are of requests that are not")
