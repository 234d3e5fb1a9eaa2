"""What a search tries, and what it makes of what its trials tell; the trials are stand-ins here.

`test_search_runs.py` has real ones.
"""

import json
import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlops_iac_local.control import Control, StoppedError
from mlops_iac_local.files import make_folder
from mlops_iac_local.jobs.definition import Definition, changed, write_definition
from mlops_iac_local.jobs.starting import Request
from mlops_iac_local.layout import Layout
from mlops_iac_local.search.document import SearchRecord
from mlops_iac_local.search.space import space_of
from mlops_iac_local.search.trials import run_trials

from mlops_iac.operations import Run

RATE = {"mode": "number", "min": 0.01, "max": 1.0, "log": True}
DEPTH = {"mode": "integer", "min": 1, "max": 4, "log": False}
KIND = {"mode": "choice", "choices": ["a", "b", True, 1.5]}
TASK: dict[str, Any] = {
    "job": "fit",
    "parameters": {"rate": RATE, "depth": DEPTH, "kind": KIND},
    "metric": "auc",
    "goal": "maximize",
    "strategy": "bayesian",
    "trials": 12,
    "parallel": 1,
    "seed": 0,
    "timeout": 60.0,
}


class FakeControl(Control):
    """A control whose runs are a function of their hyperparameters."""

    def __init__(self, root: Path, task: Mapping[str, Any], answer: Callable[..., Any]) -> None:
        layout, folder = Layout(root), root / "run"
        own = {"rate": 0.1, "depth": 2, "other": 7}
        record = {"run_id": "s", "component": "tune", "key": "k", "parent": None, "again": False,
                  "parameters": own, "inputs": {"rows": "d1"}, "features": {}}  # fmt: skip
        super().__init__(layout=layout, folder=folder, record=record, task=task)
        make_folder(folder / "output")
        limits = {"cpu": 1, "memory_gb": 1, "disk_gb": 1}
        job = Definition(component="fit", kind="TrainingJob", key="j", module="m", timeout=1,
                         limits=limits, python="python", inputs={"rows": "d1"},
                         hyperparameters=own)  # fmt: skip
        for made in (job, replace(job, component="tune", key="k")):
            make_folder(layout.job(made.component))
            write_definition(layout, made)
        self.asked: list[dict[str, Any]] = []
        self.requests: list[Request] = []
        self._answer = answer
        self._guard = threading.Lock()

    def perform(self, made: Definition, request: Request) -> tuple[Run, bool]:
        if self.stopping.is_set():
            raise StoppedError("it was stopped before its turn")
        values = dict(
            changed(made, request.overrides, request.inputs, request.features).hyperparameters
        )
        with self._guard:
            self.asked.append(values)
            self.requests.append(request)
        answer = self._answer(**values)
        status = "finished" if isinstance(answer, float) else "failed"
        run = Run(
            component="fit",
            kind="TrainingJob",
            id=f"r{len(self.asked)}",
            key=json.dumps(values),
            status=status,
            started="2026-01-01T00:00:00+00:00",
            ended="2026-01-01T00:00:02+00:00",
            metrics={"auc": answer} if isinstance(answer, float) else {},
            model_version=None,
            reason=answer if isinstance(answer, str) else None,
        )
        return run, False


class Clock:
    """A timer that a test strikes."""

    def __init__(self, seconds: float, strike: Callable[[], None]) -> None:
        self.seconds, self.strike = seconds, strike
        self.daemon = False

    def start(self) -> None:
        assert self.daemon

    def cancel(self) -> None: ...


def hill(rate: float, depth: int, **_: Any) -> float:
    """Highest at a rate of 0.5 and a depth of 3."""
    return 1 - abs(rate - 0.5) - 0.1 * abs(depth - 3)


def searched(
    folder: Path, answer: Callable[..., Any] = hill, **task: Any
) -> tuple[SearchRecord, FakeControl]:
    control = FakeControl(folder, {**TASK, **task}, answer)
    return run_trials(control), control


def test_the_job_s_own_values_are_tried_first_and_hold_where_none_is_searched(
    tmp_path: Path,
) -> None:
    record, control = searched(tmp_path)

    assert control.asked[0] | {"kind": None} == {"rate": 0.1, "depth": 2, "kind": None, "other": 7}
    # What is as declared is no other value: the run that `up` made is found by its key.
    assert control.requests[0].overrides.keys() == {"kind"}
    assert {values["other"] for values in control.asked} == {7}
    assert [trial.number for trial in record.trials] == list(range(12))
    assert all(request.parent == "s" and not request.registers for request in control.requests)


def test_a_search_finds_what_chance_would_not(tmp_path: Path) -> None:
    tries = {"trials": 40, "parameters": {"rate": RATE, "depth": DEPTH}}
    record, _ = searched(tmp_path / "b", **tries)

    best = record.best
    assert best is not None
    assert record.value == best.value == max(trial.value or 0 for trial in record.trials)
    assert record.parameters == {**best.parameters, "other": 7}
    assert record.value > 0.9
    losses, _ = searched(tmp_path / "m", lambda **v: -hill(**v), goal="minimize", **tries)
    assert losses.value == -record.value


@pytest.mark.parametrize("strategy", ["bayesian", "random"])
@pytest.mark.parametrize("parallel", [1, 3])
def test_the_same_declaration_tries_the_same_values(
    tmp_path: Path, strategy: str, parallel: int
) -> None:
    tries = [
        searched(tmp_path / name, strategy=strategy, parallel=parallel, seed=seed)[0]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    values = [[trial.parameters for trial in record.trials] for record in tries]

    assert values[0] == values[1] != values[2]
    assert values[0][1:] != values[2][1:]


def test_a_grid_is_walked_once_from_the_job_s_own_values(tmp_path: Path) -> None:
    axes = {"depth": DEPTH, "rate": {"mode": "choice", "choices": [0.1, 0.5, 1]}}
    record, control = searched(tmp_path, strategy="grid", parameters=axes, trials=100, parallel=2)

    tried = [tuple(trial.parameters.items()) for trial in record.trials]
    assert (len(tried), len(set(tried))) == (12, 12)
    assert control.asked[0].items() >= {"depth": 2, "rate": 0.1}.items()
    assert record.parameters == {"depth": 3, "rate": 0.5, "other": 7}
    part, _ = searched(tmp_path / "part", strategy="grid", parameters=axes, trials=5)
    assert [tuple(trial.parameters.items()) for trial in part.trials] == tried[:5]


def test_failed_trials_are_told_and_do_not_count(tmp_path: Path) -> None:
    def mostly(rate: float, depth: int, **more: Any) -> Any:
        if depth == 1:
            raise RuntimeError("too flat")
        return "no memory" if depth == 4 else hill(rate, depth, **more)

    record, _ = searched(tmp_path, mostly, strategy="random", trials=20)

    reasons = {trial.reason for trial in record.failures}
    assert reasons == {"RuntimeError: too flat", "no memory"}
    assert all(trial.parameters["depth"] in {1, 4} for trial in record.failures)
    assert record.best is not None
    none, _ = searched(tmp_path / "none", lambda **_: "no memory")
    assert (none.best, none.value, len(none.failures)) == (None, None, 12)
    unlogged, _ = searched(tmp_path / "unlogged", metric="f1", trials=2)
    assert unlogged.failures[0].reason == "the script logged no metric `f1`"


def test_a_search_whose_time_is_over_keeps_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is a stand-in that strikes during the third trial."""
    clocks: list[Clock] = []

    def until_over(**values: Any) -> float:
        if len(control.asked) == 3:
            clocks[0].strike()
            raise StoppedError("it was stopped")
        return hill(**values)

    monkeypatch.setattr(
        threading, "Timer", lambda *facts: clocks.append(Clock(*facts)) or clocks[0]
    )
    control = FakeControl(tmp_path, TASK, until_over)
    record = run_trials(control)

    assert clocks[0].seconds == 60.0
    assert [trial.state for trial in record.trials] == ["finished", "finished", "stopped"]
    assert record.value == max(trial.value or 0 for trial in record.trials)
    written = json.loads((tmp_path / "run" / "output" / "search.json").read_text())
    assert [trial["state"] for trial in written["trials"]] == ["finished", "finished", "stopped"]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["bayesian", "random"]),
    st.integers(0, 100),
    st.fixed_dictionaries({}, optional={
        "rate": st.sampled_from([0.001, 0.01, 1, 2, True, "x"]),
        "depth": st.sampled_from([0, 1, 4, 2.5, True]),
        "kind": st.sampled_from(["a", "c", True, 1, 1.5]),
    }),
)  # fmt: skip
def test_values_lie_in_their_ranges_whatever_the_job_has(
    strategy: str, seed: int, base: dict[str, Any]
) -> None:
    space = space_of({**TASK, "strategy": strategy, "seed": seed}, base)

    for number in range(5):
        values = space.ask()
        assert values is not None
        assert values.keys() == TASK["parameters"].keys()
        assert 0.01 <= values["rate"] <= 1
        assert isinstance(values["depth"], int)
        assert 1 <= values["depth"] <= 4
        assert (values["kind"], type(values["kind"])) in [
            ("a", str), ("b", str), (True, bool), (1.5, float),
        ]  # fmt: skip
        space.tell(number, None if number % 2 else math.sin(number))
