"""Pipelines and their executions."""

import json
import random
import string
from collections.abc import Mapping
from typing import Any

from tests.clouds.aws.calls import Call, CloudError, iso
from tests.clouds.aws.crud import asked, describing, invalid, listed, listing, page
from tests.clouds.aws.events import emit
from tests.clouds.aws.hooks import RunKind, RunState
from tests.clouds.aws.kinds import EXECUTION, PIPELINE
from tests.clouds.aws.store import Members, Record, now
from tests.clouds.aws.world import Handler, World

_STATUS: Mapping[RunState, str] = {
    RunState.SUCCEEDED: "Succeeded",
    RunState.FAILED: "Failed",
    RunState.STOPPED: "Stopped",
}
_FINAL = frozenset(_STATUS.values())
_TYPES: Mapping[str, type] = {"Integer": int, "Float": float}


def operations() -> dict[str, Handler]:
    """Return the operations of pipelines."""
    return {
        "CreatePipeline": _create,
        "DescribePipeline": describing(PIPELINE),
        "ListPipelines": listing(PIPELINE),
        "UpdatePipeline": _update,
        "DeletePipeline": _delete,
        "StartPipelineExecution": _start,
        "StopPipelineExecution": _stop,
        "DescribePipelineExecution": describing(EXECUTION),
        "ListPipelineExecutions": _list_executions,
        "ListPipelineExecutionSteps": _list_steps,
        "DescribePipelineDefinitionForExecution": _definition_of,
        "ListPipelineParametersForExecution": _list_parameters,
    }


def _create(world: World, call: Call) -> Members:
    token = call.params["ClientRequestToken"]
    old = world.store.find(PIPELINE, call.region, call.params["PipelineName"])
    if old is not None and old.hidden["token"] == token:
        return {"PipelineArn": old.arn}
    members = _with_definition(world, call.params)
    record = world.store.add(PIPELINE, call.region, call.params["PipelineName"], members)
    record.become("Active")
    record.hidden.update(token=token, tokens={})
    return {"PipelineArn": record.arn}


def _update(world: World, call: Call) -> Members:
    record = asked(world, call, PIPELINE)
    if "PipelineDefinition" in call.params or "PipelineDefinitionS3Location" in call.params:
        record.change(**_with_definition(world, call.params))
    named = {"PipelineName", "PipelineDefinition", "PipelineDefinitionS3Location"}
    record.change(**{name: value for name, value in call.params.items() if name not in named})
    return {"PipelineArn": record.arn}


def _with_definition(world: World, params: Members) -> Members:
    text = params.get("PipelineDefinition")
    place = params.get("PipelineDefinitionS3Location")
    if (text is None) == (place is None):
        raise invalid("Either PipelineDefinition or PipelineDefinitionS3Location must be given.")
    text = text if text is not None else _read(world, place or {})
    _judge(text)
    return {**params, "PipelineDefinition": text}


def _read(world: World, place: Mapping[str, str]) -> str:
    bucket = world.backend("s3").buckets.get(place["Bucket"])
    key = bucket.keys.get(place["ObjectKey"]) if bucket else None
    if key is None:
        raise invalid(f"No object at s3://{place['Bucket']}/{place['ObjectKey']}")
    return key.value.decode()


def _judge(text: str) -> None:
    """Refuse a definition that is none; what its steps may hold is the interpreter's to say."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise invalid(f"Unable to parse pipeline definition. {error}") from None
    for member in ("Version", "Steps"):
        if not isinstance(document, dict) or member not in document:
            raise invalid(f"Unable to parse pipeline definition. `{member}` is missing.")
    names = [step.get("Name") for step in document["Steps"]]
    if len(set(names)) != len(names):
        raise invalid("Unable to parse pipeline definition. Step names must be unique.")


def _delete(world: World, call: Call) -> Members:
    record = asked(world, call, PIPELINE)
    for one in _executions(world, record):
        if one.status not in _FINAL:
            raise CloudError("ConflictException", f"Execution {one.arn} is {one.status}.")
    world.store.remove(record)
    return {"PipelineArn": record.arn}


def _start(world: World, call: Call) -> Members:
    return {"PipelineExecutionArn": start(world, call.region, call.params).arn}


def start(world: World, region: str, request: Mapping[str, Any]) -> Record:
    """Start an execution, or return the one that was started with the same token."""
    pipeline = world.store.get(PIPELINE, region, request["PipelineName"])
    tokens = pipeline.hidden["tokens"]
    token = request["ClientRequestToken"]
    if token in tokens:
        return world.store.get(EXECUTION, region, tokens[token])
    document = json.loads(pipeline.members["PipelineDefinition"])
    _judge_parameters(document.get("Parameters", []), request.get("PipelineParameters", []))
    record = _execution(world, region, pipeline, request)
    tokens[token] = record.arn
    pipeline.members["LastRunTime"] = pipeline.members["LastExecutionTime"] = now()
    _begin(world, pipeline, record, request)
    return record


def _execution(world: World, region: str, pipeline: Record, request: Mapping[str, Any]) -> Record:
    name = "".join(random.choices(string.ascii_lowercase + string.digits, k=12))
    key = f"{pipeline.key}/execution/{name}"
    members = {"PipelineExecutionDisplayName": f"execution-{round(now().timestamp() * 1000)}"}
    told = {name: value for name, value in request.items() if name != "PipelineName"}
    record = world.store.add(EXECUTION, region, key, {**members, **told})
    record.become("Executing", PipelineArn=pipeline.arn)
    record.hidden.update(definition=pipeline.members["PipelineDefinition"], steps=[])
    _tell(world, record, None)
    return record


def _begin(world: World, pipeline: Record, record: Record, request: Mapping[str, Any]) -> None:
    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        _heard(world, record, state, told)

    work = {
        **request,
        "PipelineName": pipeline.key,
        "PipelineDefinition": record.hidden["definition"],
        "RoleArn": request.get("RoleArn") or pipeline.members["RoleArn"],
    }
    world.begin(RunKind.PIPELINE, record, work, heard)


def _heard(world: World, record: Record, state: RunState, told: Mapping[str, Any]) -> None:
    if record.status in _FINAL:
        return
    members = dict(told)
    if "Steps" in members:
        record.hidden["steps"] = members.pop("Steps")
    before = record.status
    record.become(_STATUS.get(state, before or ""), **members)
    if record.status != before:
        _tell(world, record, before)


def _judge_parameters(declared: list[Members], given: list[Members]) -> None:
    types = {one["Name"]: one["Type"] for one in declared}
    unknown = sorted({one["Name"] for one in given} - types.keys())
    if unknown:
        raise invalid(f"Unknown parameters: {unknown}")
    names = {one["Name"] for one in given}
    missing = sorted(
        one["Name"] for one in declared if "DefaultValue" not in one and one["Name"] not in names
    )
    if missing:
        raise invalid(f"Assigned values for these parameters are missing: {missing}")
    for one in given:
        _judge_value(one["Name"], one["Value"], types[one["Name"]])


def _judge_value(name: str, value: str, kind: str) -> None:
    try:
        _TYPES.get(kind, str)(value)
    except ValueError:
        raise invalid(f"Value of parameter {name} is no {kind}: {value}") from None


def _stop(world: World, call: Call) -> Members:
    record = asked(world, call, EXECUTION)
    if record.status in _FINAL:
        raise CloudError("ConflictException", f"Only executing executions can be stopped; "
                         f"{record.arn} is {record.status}.")  # fmt: skip
    before = record.status
    record.become("Stopping")
    _tell(world, record, before)
    world.stop(record.arn)
    return {"PipelineExecutionArn": record.arn}


def _tell(world: World, record: Record, before: str | None) -> None:
    members = record.members
    detail = {
        "pipelineExecutionDisplayName": members["PipelineExecutionDisplayName"],
        "pipelineExecutionDescription": members.get("PipelineExecutionDescription", ""),
        "currentPipelineExecutionStatus": record.status,
        "executionStartTime": iso(members["CreationTime"]),
        "pipelineArn": members["PipelineArn"],
        "pipelineExecutionArn": record.arn,
        **({"previousPipelineExecutionStatus": before} if before else {}),
        **({"executionEndTime": iso(now())} if record.status in _FINAL else {}),
    }
    emit(
        world,
        record.region,
        "SageMaker Model Building Pipeline Execution Status Change",
        detail,
        members["PipelineArn"],
        record.arn,
    )


def _executions(world: World, pipeline: Record) -> list[Record]:
    found = world.store.all(EXECUTION, pipeline.region)
    return [one for one in found if one.members["PipelineArn"] == pipeline.arn]


def _list_executions(world: World, call: Call) -> Members:
    pipeline = asked(world, call, PIPELINE)
    call.params.pop("PipelineName")
    return listed(call, EXECUTION, _executions(world, pipeline))


def _list_steps(world: World, call: Call) -> Members:
    record = asked(world, call, EXECUTION)
    steps = record.hidden["steps"]
    return page(call, steps if call.params.get("SortOrder") == "Ascending" else steps[::-1])


def _definition_of(world: World, call: Call) -> Members:
    record = asked(world, call, EXECUTION)
    return {"PipelineDefinition": record.hidden["definition"], "CreationTime": now()}


def _list_parameters(world: World, call: Call) -> Members:
    record = asked(world, call, EXECUTION)
    return page(call, record.members.get("PipelineParameters", []))
