"""`mlops-iac:aws:JobRun`: a run as a resource, keyed by all that decides its outcome."""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac.registry import APPROVED
from mlops_iac_aws import registry
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.faults import found
from mlops_iac_aws.jobs import runs
from mlops_iac_aws.serving import Work, aliases
from mlops_iac_aws.session import Clients, Place, clients, place_of

WAITING = "waiting"
_OUTPUTS = frozenset(
    {"arn", "run_id", "status", "model_version", "metrics", "parameters", "value", "place"}
)
_IDENTITY = frozenset({"job", "kind", "key", "pipeline"})


class RunFailedError(AwsError):
    """A run failed, or was stopped; it stays so under its key."""

    code = "aws.run-failed"


class JobRunHandler(Handler):
    """One run per key: `up` runs a job exactly when something that matters changed."""

    token = "mlops-iac:aws:JobRun"  # noqa: S105
    replace_on = _IDENTITY

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Only another key is another run; a run that waits goes on when its model is there."""
        # An imported run tells no more than what names it: the rest changes no run.
        changed = tuple(sorted(key for key in _IDENTITY if old.get(key) != new.get(key)))
        if changed:
            return Change(changed=changed, replaces=changed)
        if state.get("status") == WAITING:
            work = Work(clients=clients(_place(state)), log=_silent, pause=time.sleep)
            return Change(changed=() if _version_of(work, new) is None else ("status",))
        return Change()

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Start the run, or adopt the one that its key has; a failed key fails without a run.

        A run that reads an alias waits, without an execution, for the alias's first version.
        """
        have = clients(place_of(call.config))
        if not _is_copied(_work(call), inputs):
            call.log(f"{inputs['job']} waits for an approved version of its model")
            return f"{WAITING}/{inputs['key']}", _waiting(inputs, call)
        run = _run(have, inputs, call)
        return run.arn, _state(have, inputs, run, call)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return the run as it is now; gone when SageMaker no longer knows it."""
        have = clients(place_of(call.config))
        if state.get("status") == WAITING:
            return Existing(id=resource_id, state=state, inputs=_declared(state))
        # The id of a run that has waited is older than its execution.
        arn = state.get("arn") or resource_id
        if found(have("sagemaker").describe_pipeline_execution, PipelineExecutionArn=arn) is None:
            return None
        run = runs.execution(have, arn)
        inputs = _declared(state) or _imported(have, run)
        return Existing(id=resource_id, state=_state(have, inputs, run, call), inputs=inputs)

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Start what waited for its model."""
        have = clients(place_of(call.config))
        if not _is_copied(_work(call), inputs):
            return _waiting(inputs, call)
        return _state(have, inputs, _run(have, inputs, call), call)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Stop the run when it still runs; its record stays: it is history."""
        have = clients(place_of(call.config))
        if not _is_there(have, state):
            return
        run = runs.run_of_key(have, state["pipeline"], state["key"])
        if run is not None:
            runs.stop(have, run)


def _run(have: Clients, inputs: Properties, call: Call) -> runs.Execution:
    run = runs.run_of_key(have, inputs["pipeline"], inputs["key"])
    if run is None:
        call.journal("start", pipeline=inputs["pipeline"], key=inputs["key"])
        run = runs.start(have, inputs["pipeline"], inputs["key"], inputs["pipeline_parameters"])
    if inputs["wait"] == "finished":
        run = runs.finish(
            have, run, wait=call.wait, tell=call.log, seconds=inputs["timeout_seconds"]
        )
    if run.status in {runs.FAILED, runs.STOPPED}:
        raise RunFailedError(
            f"run `{run.id}` of `{inputs['job']}` {run.status}: {runs.failure(have, run)}",
            remedy=f"correct it and run `up` again; or `mlops-iac run {inputs['job']} --again`",
        )
    return run


def _version_of(work: Work, inputs: Properties) -> int | None:
    """Return the version that a run reads, 0 for a run that reads none; `None` while there is none.

    A pinned version must be approved; an alias that names nothing begins with the first approved.
    """
    reads: Mapping[str, Any] | None = inputs.get("reads")
    if reads is None:
        return 0
    if reads.get("version") is None:
        named = aliases.wanted(work, _alias(reads))
        return None if named is None else named.number
    known = {item.number: item.status for item in registry.listed(work.clients, reads["group"])}
    number = int(reads["version"])
    return number if known.get(number) == APPROVED else None


def _is_copied(work: Work, inputs: Properties) -> bool:
    """Put the version that a run reads where containers find it; `False` while there is none."""
    number = _version_of(work, inputs)
    if number:
        reads = inputs["reads"]
        copied = aliases.copy_version if reads.get("version") is not None else aliases.repair
        copied(work, _alias(reads), number)
    return number is not None


def _alias(reads: Mapping[str, Any]) -> aliases.Alias:
    return aliases.Alias(
        bucket=reads["bucket"], model=reads["model"], group=reads["group"], name=reads["name"]
    )


def _silent(message: str) -> None:
    """Tell nobody: a preview only looks."""


def _work(call: Call) -> Work:
    return Work(clients=clients(place_of(call.config)), log=call.log, pause=call.wait)


def _is_there(have: Clients, state: Properties) -> bool:
    describe = have("sagemaker").describe_pipeline
    return found(describe, PipelineName=state["pipeline"]) is not None


def _imported(have: Clients, run: runs.Execution) -> dict[str, Any]:
    pipeline = run.arn.split(":pipeline/")[1].partition("/")[0]
    answer = have("sagemaker").describe_pipeline(PipelineName=pipeline)
    description = str(answer.get("PipelineDescription", ""))
    kind, _, rest = description.partition(" ")
    return {"job": rest.partition(":")[0], "kind": kind, "key": run.key, "pipeline": pipeline}


def _declared(state: Properties) -> dict[str, Any]:
    return {key: value for key, value in state.items() if key not in _OUTPUTS}


def _place(state: Properties) -> Place:
    told: dict[str, Any] = dict(state["place"])
    told["endpoints"] = tuple((service, address) for service, address in told["endpoints"])
    return Place(**told)


def _waiting(inputs: Properties, call: Call) -> dict[str, Any]:
    return {**inputs, "status": WAITING, "place": _told(call)}


def _told(call: Call) -> dict[str, Any]:
    told = asdict(place_of(call.config))
    return {**told, "endpoints": [list(pair) for pair in told["endpoints"]]}


def _state(have: Clients, inputs: Properties, run: runs.Execution, call: Call) -> dict[str, Any]:
    made = runs.outcome(have, run)
    version = None if made.model_version is None else str(made.model_version)
    return {
        **_declared(inputs),
        "arn": run.arn,
        "run_id": run.id,
        "status": run.status,
        "model_version": version,
        "metrics": dict(made.metrics),
        "parameters": {**inputs.get("hyperparameters", {}), **made.parameters}
        if made.parameters
        else {},
        "value": made.value,
        "place": _told(call),
    }
