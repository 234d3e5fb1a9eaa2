"""What a run of a pipeline has come to: `pipeline.json`, written while it goes on."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.operations import Run
from mlops_iac_local.files import read_json, write_json
from mlops_iac_local.jobs.runs import OUTPUT, run_folder
from mlops_iac_local.layout import Layout

NAME = "pipeline.json"
_VERSION = 1

WAITING, SKIPPED = "waiting", "skipped"
"""States of a step beside those of a run: its turn has not come, or never will."""
PASSED, REFUSED = "passed", "refused"
"""Outcomes beside `failed`, `stopped` and `running`."""


@dataclass(kw_only=True)
class StepRecord:
    """One step."""

    name: str
    kind: str
    after: Sequence[str]
    status: str = WAITING
    """As of a run, or `waiting`, `skipped`."""
    run_id: str | None = None
    key: str | None = None
    seconds: float | None = None
    adopted: bool = False
    """Whether a run of the same key was there."""
    reason: str | None = None


@dataclass(kw_only=True)
class PipelineRecord:
    """One run."""

    steps: list[StepRecord]
    gates: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    """Verdicts as `mlops_iac.runtime.evaluate` gives them."""
    outcome: str = "running"
    """`passed`, `refused`, `failed`, `stopped` or `running`."""
    reason: str | None = None
    model: str | None = None
    version: int | None = None
    """Version of `model` that the candidate became."""
    data: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of each dataset that it ran on."""


class Progress:
    """The record of a running pipeline, in memory and in its file; threads may share it."""

    def __init__(self, file: Path, record: PipelineRecord) -> None:
        self.record = record
        self._file = file
        self._lock = threading.Lock()
        self._steps = {step.name: step for step in record.steps}
        self.change()

    def change(self, **values: Any) -> None:
        """Note facts of the run."""
        with self._lock:
            _set(self.record, values)
            write_json(self._file, {"format": _VERSION, **asdict(self.record)})

    def change_step(self, name: str, **values: Any) -> None:
        """Note facts of a step."""
        with self._lock:
            _set(self._steps[name], values)
        self.change()


def read_record(layout: Layout, run: Run) -> PipelineRecord | None:
    """Return what a run of a pipeline has come to; `None` before it has begun."""
    document = read_json(run_folder(layout, run) / OUTPUT / NAME)
    if document is None:
        return None
    steps = [StepRecord(**step) for step in document["steps"]]
    facts = {name: value for name, value in document.items() if name not in {"format", "steps"}}
    record = PipelineRecord(steps=steps, **facts)
    # A killed run leaves its record as it was; how the run ended is the run's own.
    if record.outcome == "running" and run.status != "running":
        record.outcome = run.status
    return record


def _set(target: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(target, name, value)
