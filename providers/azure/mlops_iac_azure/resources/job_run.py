"""`mlops-iac:azure:JobRun`: a run as a resource, keyed by all that decides its outcome."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

from collections.abc import Mapping
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac.wishes import wanted
from mlops_iac_azure import registry
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.registry import Model
from mlops_iac_azure.session import Place, document, from_document, place_of

WAITING = "waiting"
_OUTPUTS = frozenset(
    {"name", "run_id", "status", "model_version", "metrics", "parameters", "value", "place"}
)
_IDENTITY = frozenset({"job", "kind", "key", "pipeline"})


class RunFailedError(AzureError):
    """A run failed, or was stopped; it stays so under its key."""

    code = "azure.run-failed"


class JobRunHandler(Handler):
    """One run per key: `up` runs a job exactly when something that matters changed."""

    token = "mlops-iac:azure:JobRun"  # noqa: S105
    replace_on = _IDENTITY

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Only another key is another run; a run that waits goes on when its model is there."""
        # An imported run tells no more than what names it: the rest changes no run.
        changed = tuple(sorted(key for key in _IDENTITY if old.get(key) != new.get(key)))
        if changed:
            return Change(changed=changed, replaces=changed)
        if state.get("status") == WAITING and _can_start(from_document(state["place"]), new):
            return Change(changed=("status",))
        return Change()

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Start the run, or adopt the one that its key has; a failed key fails without a run.

        A run that reads an alias waits, without a job, for the first approved version.
        """
        where = place_of(call.config)
        if not _can_start(where, inputs):
            call.log(f"{inputs['job']} waits for an approved version of its model")
            return f"{WAITING}/{inputs['key']}", _waiting(inputs, where)
        run = _run(where, inputs, call)
        return run.name, _state(where, inputs, run)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the run as it is now; gone when Azure ML no longer knows it."""
        where = place_of(call.config)
        if state.get("status") == WAITING:
            return Existing(id=resource_id, state=state, inputs=_declared(state))
        # The id of a run that has waited is older than its pipeline job.
        name = state.get("name") or resource_id
        run = runs.run_of_id(where, name.rpartition("/")[2])
        if run is None:
            return None
        inputs = _declared(state) or _imported(run)
        return Existing(id=resource_id, state=_state(where, inputs, run), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Start what waited for its model."""
        where = place_of(call.config)
        if not _can_start(where, inputs):
            return _waiting(inputs, where)
        return _state(where, inputs, _run(where, inputs, call))

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the run when it still runs; its record stays: it is history."""
        where = place_of(call.config)
        if state.get("name") is None:
            return
        run = runs.run_of_id(where, state["run_id"])
        if run is not None:
            runs.stop(where, run)


def _run(where: Place, inputs: Properties, call: Call) -> runs.Execution:
    known = list(runs.runs_of_key(where, inputs["pipeline"], inputs["key"]))
    # A repetition that somebody asked for counts as the key's run.
    run = next(iter(runs.of_this_life(where, inputs["bucket"], known)), None)
    if run is None:
        (start, *_) = inputs["requests"]
        name = runs.repeated(start["params"]["id"], runs.next_repetition(known))
        call.journal("start", run=name, key=inputs["key"])
        run = runs.start_body(where, start["body"], name, inputs["key"])
    if inputs["wait"] == "finished":
        run = runs.finish(
            where, run, wait=call.wait, tell=call.log, seconds=inputs["timeout_seconds"]
        )
    if run.status in {runs.FAILED, runs.STOPPED}:
        reason = runs.failure(where, inputs["bucket"], run)
        raise RunFailedError(
            f"run `{run.id}` of `{inputs['job']}` {run.status}: {reason}",
            remedy=f"correct it and run `up` again; or `mlops-iac run {inputs['job']} --again`",
        )
    return run


def _can_start(where: Place, inputs: Properties) -> bool:
    """Whether the version that a run reads is there; a run that reads none can always start."""
    reads: Mapping[str, Any] | None = inputs.get("reads")
    if reads is None:
        return True
    model = Model(name=reads["model"], component=reads["component"], bucket=inputs["bucket"])
    return wanted(registry.listed(where, model), reads) is not None


def _imported(run: runs.Execution) -> dict[str, Any]:
    return {
        "job": run.component,
        "kind": run.kind,
        "key": run.key,
        "pipeline": run.id.rpartition("-")[0],
        "bucket": run.bucket,
    }


def _declared(state: Properties) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in _OUTPUTS}


def _waiting(inputs: Properties, where: Place) -> dict[str, Any]:
    return {**inputs, "status": WAITING, "place": document(where)}


def _state(where: Place, inputs: Properties, run: runs.Execution) -> dict[str, Any]:
    made = runs.outcome(where, inputs["bucket"], run)
    version = None if made.model_version is None else str(made.model_version)
    return {
        **_declared(inputs),
        "name": run.name,
        "run_id": run.id,
        "status": run.status,
        "model_version": version,
        "metrics": dict(made.metrics),
        "parameters": dict(made.parameters),
        "value": made.value,
        "place": document(where),
    }
