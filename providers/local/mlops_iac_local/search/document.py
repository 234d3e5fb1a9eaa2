"""What a search has come to: `search.json`, written after each trial."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.operations import Run
from mlops_iac_local.files import read_json, write_json
from mlops_iac_local.jobs.runs import OUTPUT, run_folder
from mlops_iac_local.layout import Layout

KIND = "HyperparameterSearch"
NAME = "search.json"
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One try."""

    number: int
    parameters: Mapping[str, Any]
    """Values of what is searched."""
    state: str
    """As of a run."""
    value: float | None = None
    """The metric; `None` when the trial did not finish."""
    seconds: float | None = None
    run_id: str | None = None
    adopted: bool = False
    """Whether a run of the same values was there."""
    reason: str | None = None
    """Why it has no value."""


@dataclass(kw_only=True)
class SearchRecord:
    """One run of a search."""

    metric: str
    goal: str
    """`maximize` or `minimize`."""
    trials: list[TrialRecord] = field(default_factory=list[TrialRecord])
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """All hyperparameters of the best trial."""
    value: float | None = None
    """The metric of the best trial."""

    @property
    def best(self) -> TrialRecord | None:
        """The trial that counts; the earliest of equal ones."""
        sign = -1.0 if self.goal == "maximize" else 1.0
        known = [(sign * trial.value, trial) for trial in self.trials if trial.value is not None]
        return min(known, key=lambda pair: (pair[0], pair[1].number))[1] if known else None

    @property
    def failures(self) -> list[TrialRecord]:
        """The trials without a value."""
        return [trial for trial in self.trials if trial.value is None]


class Progress:
    """The record of a running search, in memory and in its file; threads may share it."""

    def __init__(self, file: Path, record: SearchRecord) -> None:
        self.record = record
        self._file = file
        self._lock = threading.Lock()
        self.write()

    def add(self, trial: TrialRecord) -> None:
        """Note a trial that has ended."""
        with self._lock:
            self.record.trials.append(trial)
            self.record.trials.sort(key=lambda known: known.number)
        self.write()

    def write(self) -> None:
        """Write the record as it is."""
        with self._lock:
            write_json(self._file, {"format": _VERSION, **asdict(self.record)})


def read_record(layout: Layout, run: Run) -> SearchRecord | None:
    """Return what a run of a search has come to; `None` before its first trial."""
    document = read_json(run_folder(layout, run) / OUTPUT / NAME)
    if document is None:
        return None
    trials = [TrialRecord(**trial) for trial in document["trials"]]
    facts = {name: value for name, value in document.items() if name not in {"format", "trials"}}
    return SearchRecord(trials=trials, **facts)


def best_values(layout: Layout, run: Run) -> dict[str, Any]:
    """Return `parameters` and `value` of a search's best trial; none of both for other runs."""
    record = read_record(layout, run) if run.kind == KIND else None
    if record is None:
        return {"parameters": {}, "value": None}
    return {"parameters": dict(record.parameters), "value": record.value}
