"""Jobs: training, processing, transform, tuning. The work is whoever's the cloud was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.aws import kinds
from tests.clouds.aws.calls import Call
from tests.clouds.aws.crud import asked, invalid, operations, page
from tests.clouds.aws.events import state_change
from tests.clouds.aws.hooks import RunKind, RunState
from tests.clouds.aws.store import Kind, Members, Record, now
from tests.clouds.aws.world import Handler, World

_STATUS: Mapping[RunState, str] = {
    RunState.RUNNING: "InProgress",
    RunState.STOPPING: "Stopping",
    RunState.SUCCEEDED: "Completed",
    RunState.FAILED: "Failed",
    RunState.STOPPED: "Stopped",
}
_FINAL = frozenset({"Completed", "Failed", "Stopped"})


@dataclass(frozen=True)
class Job:
    """What sets one kind of job apart."""

    kind: Kind
    run: RunKind
    words: str
    """In the name of its event."""
    started: str
    ended: str
    """The members that hold the times."""


TRAINING = Job(
    kinds.TRAINING, RunKind.TRAINING, "Training Job", "TrainingStartTime", "TrainingEndTime"
)
PROCESSING = Job(
    kinds.PROCESSING,
    RunKind.PROCESSING,
    "Processing Job",
    "ProcessingStartTime",
    "ProcessingEndTime",
)
TRANSFORM = Job(
    kinds.TRANSFORM, RunKind.TRANSFORM, "Transform Job", "TransformStartTime", "TransformEndTime"
)
TUNING = Job(
    kinds.TUNING,
    RunKind.TUNING,
    "HyperParameter Tuning Job",
    "CreationTime",
    "HyperParameterTuningEndTime",
)


def _create(job: Job) -> Handler:
    def handle(world: World, call: Call) -> Members:
        _check(world, call, job)
        record = world.store.add(job.kind, call.region, call.params[job.kind.key], call.params)
        record.become("InProgress", **{job.started: now()}, **_first(world, job, record))
        state_change(world, record, job.words)

        def heard(state: RunState, told: Mapping[str, Any]) -> None:
            _heard(world, job, record, state, told)

        world.begin(job.run, record, record.members, heard)
        return {job.kind.arn_member: record.arn}

    return handle


def _check(world: World, call: Call, job: Job) -> None:
    if job is TRANSFORM:
        world.store.get(kinds.MODEL, call.region, call.params["ModelName"])
    if job is TRAINING and call.params.get("EnableManagedSpotTraining"):
        stop = call.params["StoppingCondition"]
        if stop.get("MaxWaitTimeInSeconds", 0) < stop.get("MaxRuntimeInSeconds", 86400):
            raise invalid(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
                "MaxRuntimeInSeconds"
            )


def _first(world: World, job: Job, record: Record) -> Members:
    """Return what Describe answers before anything has run."""
    del world
    if job is TRAINING:
        return {
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [{"Status": "Starting", "StartTime": now()}],
            "ModelArtifacts": {"S3ModelArtifacts": _artifact(record)},
            "EnableNetworkIsolation": record.members.get("EnableNetworkIsolation", False),
            "EnableInterContainerTrafficEncryption": record.members.get(
                "EnableInterContainerTrafficEncryption", False
            ),
            "EnableManagedSpotTraining": record.members.get("EnableManagedSpotTraining", False),
        }
    if job is TUNING:
        counters = {"Completed": 0, "InProgress": 0, "RetryableError": 0}
        failed = {"NonRetryableError": 0, "Stopped": 0}
        return {
            "TrainingJobStatusCounters": {**counters, **failed},
            "ObjectiveStatusCounters": {"Succeeded": 0, "Pending": 0, "Failed": 0},
        }
    return {}


def _artifact(record: Record) -> str:
    base = record.members["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    return f"{base}/{record.key}/output/model.tar.gz"


def _heard(
    world: World, job: Job, record: Record, state: RunState, told: Mapping[str, Any]
) -> None:
    if record.status in _FINAL:
        return
    final = state in {RunState.SUCCEEDED, RunState.FAILED, RunState.STOPPED}
    status = _STATUS[state] if final else record.status or ""
    changed = status != record.status
    times = {job.ended: now()} if final else {}
    record.become(status, **times, **_seconds(job, record, final=final), **told)
    if changed:
        state_change(world, record, job.words)


def _seconds(job: Job, record: Record, *, final: bool) -> Members:
    if job is not TRAINING or not final:
        return {}
    passed = max(1, round((now() - record.members["TrainingStartTime"]).total_seconds()))
    status = record.members["SecondaryStatus"]
    return {
        "TrainingTimeInSeconds": passed,
        "BillableTimeInSeconds": passed,
        **({"SecondaryStatus": "Completed"} if status == "Starting" else {}),
    }


def _stop(job: Job) -> Handler:
    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, job.kind)
        if record.status in _FINAL:
            raise invalid(f"The request was rejected because the job is in status {record.status}.")
        record.become("Stopping")
        state_change(world, record, job.words)
        world.stop(record.arn)
        return {}

    return handle


def _delete(job: Job) -> Handler:
    def handle(world: World, call: Call) -> Members:
        record = asked(world, call, job.kind)
        if record.status not in _FINAL:
            raise invalid(f"The job is in status {record.status}; stop it before it is deleted.")
        world.store.remove(record)
        return {}

    return handle


def _trials(world: World, call: Call) -> Members:
    """List the training jobs that a tuning job's work told of, as its `Trials`."""
    record = asked(world, call, kinds.TUNING)
    return page(call, record.members.get("Trials", []))


def _of(job: Job) -> dict[str, Handler]:
    name = job.kind.name
    base = operations(job.kind, create=_create(job), delete=_delete(job))
    return {**base, f"Stop{name}": _stop(job)}


def training() -> dict[str, Handler]:
    """Return the operations of training jobs."""
    return _of(TRAINING)


def processing() -> dict[str, Handler]:
    """Return the operations of processing jobs."""
    return _of(PROCESSING)


def transform() -> dict[str, Handler]:
    """Return the operations of transform jobs; there is none that deletes."""
    found = _of(TRANSFORM)
    del found["DeleteTransformJob"]
    return found


def tuning() -> dict[str, Handler]:
    """Return the operations of tuning jobs."""
    return {**_of(TUNING), "ListTrainingJobsForHyperParameterTuningJob": _trials}
