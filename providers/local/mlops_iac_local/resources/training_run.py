"""`mlops-iac:local:TrainingRun`: a run as a resource, keyed by all that decides its outcome."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from pathlib import Path
from typing import Any

from mlops_iac.custom import Call, Existing, Properties
from mlops_iac.operations import Run
from mlops_iac_local import finishing, training
from mlops_iac_local.resources.common import LocalHandler, declared, existing
from mlops_iac_local.training import FAILED, RUNNING, STOPPED

_OUTPUTS = frozenset({"runId", "status", "modelVersion", "metrics"})
_POLL_SECONDS = 0.2
_TELL_SECONDS = 5.0


class TrainingRunHandler(LocalHandler):
    """One run per key: `up` trains exactly when something that matters changed."""

    token = "mlops-iac:local:TrainingRun"  # noqa: S105
    replace_on = frozenset({"job", "key"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Run the job, or adopt the run that its key has; a failed key fails without a run."""
        layout = self.layout(call)
        waits = inputs["wait"] == "finished"
        made = training.definition(layout, inputs["job"])
        started = training.start(layout, made, attached=waits, note=call.journal)
        try:
            if waits:
                self._follow(started.folder, call)
        finally:
            # Also when the user stopped the wait: then the run stops with it.
            if waits:
                training.let_go(started)
        run = training.read_run(started.folder)
        if waits:
            run = finishing.finish(layout, started.folder)
        assert run is not None  # noqa: S101  it was started just now
        if run.status in {FAILED, STOPPED}:
            raise training.failure(run)
        return run.id, _state(inputs, run)

    def _follow(self, folder: Path, call: Call) -> None:
        told, since = "", _TELL_SECONDS
        while not finishing.is_over(folder):
            call.wait(_POLL_SECONDS)
            since += _POLL_SECONDS
            line = _last_line(folder / training.LOG)
            if line and line != told and since >= _TELL_SECONDS:
                call.log(line)
                told, since = line, 0.0

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the run as it is now; gone when its folder is gone."""
        layout = self.layout(call)
        known = {run.id: run for run in training.runs_of(layout, state["job"])}
        run = known.get(resource_id)
        if run is None:
            return None
        return existing(resource_id, _state(state, run), declared(self, state, _OUTPUTS), None)

    def update(
        self,
        resource_id: str,
        state: Properties,
        inputs: Properties,
        call: Call,
    ) -> Properties:
        """Take a new way of waiting; the run itself is never changed."""
        return {**{key: state[key] for key in _OUTPUTS if key in state}, **inputs}

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the run when it still runs; its record stays: it is history."""
        layout = self.layout(call)
        for run in training.runs_of(layout, state["job"]):
            if run.id == resource_id and run.status == RUNNING:
                training.stop(layout, run)


def _state(inputs: Properties, run: Run) -> dict[str, Any]:
    version = None if run.model_version is None else str(run.model_version)
    return {
        **inputs,
        "runId": run.id,
        "status": run.status,
        "modelVersion": version,
        "metrics": dict(run.metrics),
    }


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4096))
            lines = file.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
