"""`mlops-iac:local:JobRun`: a run as a resource, keyed by all that decides its outcome."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Properties
from mlops_iac.operations import Run
from mlops_iac_local import store
from mlops_iac_local.jobs import finishing, runs, starting
from mlops_iac_local.jobs.definition import Definition, definition
from mlops_iac_local.jobs.models import is_waiting
from mlops_iac_local.layout import Layout
from mlops_iac_local.resources.common import LocalHandler, declared, existing
from mlops_iac_local.search.document import best_values

_OUTPUTS = frozenset(
    {"runId", "status", "modelVersion", "metrics", "outputs", "predictions", "report",
     "parameters", "value", "root"}
)  # fmt: skip
_WAITING = "waiting"
_POLL_SECONDS = 0.2
_TELL_SECONDS = 5.0


class JobRunHandler(LocalHandler):
    """One run per key: `up` runs a job exactly when something that matters changed."""

    token = "mlops-iac:local:JobRun"  # noqa: S105
    replace_on = frozenset({"job", "kind", "key"})

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare the inputs, and see whether a run still waits for a model's first version."""
        change = super().diff(state, old, new)
        if change.changed or state["status"] != _WAITING:
            return change
        layout = Layout(Path(state["root"]))
        is_free = not is_waiting(layout, definition(layout, state["job"]))
        return Change(changed=("status",)) if is_free else change

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Run the job, or adopt the run that its key has; a failed key fails without a run.

        A job that follows an alias waits, without a run, until an `up` finds the model's first
        approved version.
        """
        layout = self.layout(call)
        made = definition(layout, inputs["job"])
        if is_waiting(layout, made):
            call.log(f"waiting for an approved version of {(made.reads or {})['model']}")
            return f"{_WAITING}-{made.key}", _state(layout, inputs, None)
        run = _run(layout, made, inputs, call)
        return run.id, _state(layout, inputs, run)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the run as it is now; gone when its folder is gone."""
        layout = self.layout(call)
        known = {run.id: run for run in runs.runs_of(layout, state["job"])}
        run = known.get(state.get("runId") or resource_id)
        if run is None and state["status"] != _WAITING:
            return None
        inputs = declared(self, state, _OUTPUTS)
        return existing(resource_id, _state(layout, inputs, run), inputs, None)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Take a new way of waiting, which changes no run; run what waited for its model."""
        layout = self.layout(call)
        made = definition(layout, inputs["job"])
        if state["status"] != _WAITING or is_waiting(layout, made):
            return {**{key: state[key] for key in _OUTPUTS if key in state}, **inputs}
        return _state(layout, inputs, _run(layout, made, inputs, call))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the run when it still runs; its record stays: it is history."""
        layout = self.layout(call)
        for run in runs.runs_of(layout, state["job"]):
            if run.id == state.get("runId") and run.status == runs.RUNNING:
                starting.stop(layout, run)


def _run(layout: Layout, made: Definition, inputs: Properties, call: Call) -> Run:
    waits = inputs["wait"] == "finished"
    started = starting.start(layout, made, attached=waits, note=call.journal)
    run = runs.read_run(started.folder)
    if waits:
        run = finishing.complete(layout, started, _teller(started.folder, call))
    assert run is not None  # noqa: S101  it was started just now
    if run.status in {runs.FAILED, runs.STOPPED}:
        raise starting.failure(run)
    return run


def _teller(folder: Path, call: Call) -> Callable[[], None]:
    """Return what waits a moment, and says now and then what the run's log says."""
    told, since = "", _TELL_SECONDS

    def tick() -> None:
        nonlocal told, since
        call.wait(_POLL_SECONDS)
        since += _POLL_SECONDS
        line = _last_line(folder / runs.LOG)
        if line and line != told and since >= _TELL_SECONDS:
            call.log(line)
            told, since = line, 0.0

    return tick


def _state(layout: Layout, inputs: Properties, run: Run | None) -> dict[str, Any]:
    if run is None:
        return {**inputs, "status": _WAITING, "root": str(layout.root)}
    version = None if run.model_version is None else str(run.model_version)
    predictions = run.outputs.get("predictions")
    return {
        **inputs,
        "root": str(layout.root),
        "runId": run.id,
        "status": run.status,
        "modelVersion": version,
        "metrics": dict(run.metrics),
        "outputs": dict(run.outputs),
        "predictions": predictions and str(store.data(layout, predictions)),
        "report": next(iter(run.reports), None),
        **best_values(layout, run),
    }


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
