"""Vertex AI's jobs and pipeline jobs: their states, and the work behind them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call, invalid, precondition
from tests.clouds.gcp.hooks import RunKind, RunState
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import models, trials
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "aiplatform"
_PIPELINE_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")
_ENDED = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})


@dataclass(frozen=True)
class Kind:
    """A collection of jobs."""

    run: RunKind
    states: str
    """What its states' names begin with."""

    def state(self, state: RunState) -> str:
        """Return the API's word."""
        return f"{self.states}_{state.name}"


KINDS: Mapping[str, Kind] = {
    "customJobs": Kind(RunKind.CUSTOM_JOB, "JOB_STATE"),
    "hyperparameterTuningJobs": Kind(RunKind.TUNING, "JOB_STATE"),
    "batchPredictionJobs": Kind(RunKind.BATCH, "JOB_STATE"),
    "pipelineJobs": Kind(RunKind.PIPELINE, "PIPELINE_STATE"),
    "modelMonitoringJobs": Kind(RunKind.MONITORING, "JOB_STATE"),
}


def start(world: World, record: Record, **more: Any) -> None:
    """Begin the work of a job that was just made."""
    kind = KINDS[record.collection]
    record.body["state"] = f"{kind.states}_PENDING"

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        stamp = world.clock.stamp()
        record.body.update(told)
        record.body.setdefault("startTime", stamp)
        record.body["updateTime"] = stamp
        if state in _ENDED:
            record.body["endTime"] = stamp
        cancelling = record.body["state"].endswith("_CANCELLING") and state not in _ENDED
        if not cancelling:
            record.body["state"] = kind.state(state)
        run = world.runs.get(record.name)
        if state in {RunState.FAILED, RunState.CANCELLED} and run is not None:
            code = 9 if state is RunState.FAILED else 1
            record.body["error"] = {"code": code, "message": run.reason or f"{state}"}

    world.begin(kind.run, record.name, {**record.body, **more}, heard)


def create(world: World, call: Call, **made: Any) -> Body:
    """Make a job and begin its work; `made` is what its service sets."""
    name = standard.new_name(world, call)
    more = _judge(world, call, name)
    world.reserve(SERVICE, name)
    record = standard.add(world, call, call.route.request, name, {**call.body, **made})
    start(world, record, **more)
    return standard.shown(world, record, call.route.api, call.route.request)


def _judge(world: World, call: Call, name: str) -> Body:
    kind = name.rsplit("/", 2)[1]
    if kind == "pipelineJobs":
        _judge_pipeline(call)
    if kind == "modelMonitoringJobs":
        return {"modelMonitor": world.find(SERVICE, name.rsplit("/", 2)[0]).body}
    if kind == "batchPredictionJobs" and call.body.get("model"):
        return {"modelVersion": models.find(world, call.body["model"])}
    if kind == "customJobs" and not call.body["jobSpec"].get("workerPoolSpecs"):
        raise invalid("`job_spec.worker_pool_specs` must hold at least one pool.")
    return {}


def _judge_pipeline(call: Call) -> None:
    # Without one, Vertex AI chooses a number.
    asked = call.params.get("pipelineJobId")
    if asked and not _PIPELINE_ID.fullmatch(asked):
        raise invalid(f"A pipeline job's id is `{_PIPELINE_ID.pattern}`: `{asked}`.")
    if not call.body.get("pipelineSpec") and not call.body.get("templateUri"):
        raise invalid("One of `pipeline_spec` and `template_uri` must be set.")
    if not call.body.get("runtimeConfig", {}).get("gcsOutputDirectory"):
        raise invalid("`runtime_config.gcs_output_directory` is required.")


def _get(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    if record.body["state"].endswith("_PENDING"):
        record.body["state"] = record.body["state"].replace("PENDING", "RUNNING")
        record.body.setdefault("startTime", world.clock.stamp())
    else:
        world.look(record.name)
        trials.simulate(world, record)
    return standard.shown(world, record, call.route.api, call.route.response)


def is_over(record: Record) -> bool:
    """Tell whether a job has ended."""
    return record.body["state"].rpartition("_")[2] in {state.name for state in _ENDED}


def _cancel(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    if is_over(record):
        raise precondition(f"`{record.name}` has ended: `{record.body['state']}`.")
    record.body["state"] = f"{KINDS[record.collection].states}_CANCELLING"
    world.runs[record.name].stopping.set()
    return {}


def _delete(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    if not is_over(record):
        raise precondition(f"`{record.name}` is `{record.body['state']}`; cancel it first.")
    world.runs.pop(record.name, None)
    return standard.delete(world, call)


def _methods(collection: str) -> dict[str, Any]:
    verbs = {"create": create, "get": _get, "delete": _delete}
    # A monitoring job cannot be cancelled.
    verbs |= {} if "." in collection else {"cancel": _cancel}
    return {f"projects.locations.{collection}.{verb}": one for verb, one in verbs.items()}


PARTS = tuple(
    Part(
        subject,
        SERVICE,
        _methods(collection),
        "pending, running, then what the work says; what has ended is not cancelled, what runs not"
        " deleted" + more,
    )
    for subject, collection, more in (
        ("custom jobs", "customJobs", ""),
        ("tuning jobs", "hyperparameterTuningJobs", "; trials"),
        ("batch predictions", "batchPredictionJobs", "; the model is there"),
        ("pipeline jobs", "pipelineJobs", "; an id is one job's"),
        ("monitoring jobs", "modelMonitors.modelMonitoringJobs", "; the monitor is there"),
    )
)
