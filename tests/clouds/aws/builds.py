"""CodeBuild: projects and builds; what a build does is the work's to say."""

import uuid
from collections.abc import Mapping
from typing import Any

from tests.clouds.aws.calls import Call
from tests.clouds.aws.hooks import RunKind, RunState
from tests.clouds.aws.kinds import BUILD, PROJECT
from tests.clouds.aws.store import Members, Record, now
from tests.clouds.aws.world import Handler, World

_STATUS: Mapping[RunState, str] = {
    RunState.SUCCEEDED: "SUCCEEDED",
    RunState.FAILED: "FAILED",
    RunState.STOPPED: "STOPPED",
}
_OURS = frozenset({"CreationTime", "LastModifiedTime", "CreatedBy", "LastModifiedBy"})


def operations() -> dict[str, Handler]:
    """Return the operations of projects and builds."""
    return {
        "CreateProject": _create,
        "UpdateProject": _update,
        "DeleteProject": _delete,
        "ListProjects": _list,
        "BatchGetProjects": _get,
        "StartBuild": _start,
        "StopBuild": _stop,
        "BatchGetBuilds": _get_builds,
        "ListBuildsForProject": _list_builds,
    }


def _told(record: Record) -> Members:
    told = {name: value for name, value in record.members.items() if name not in _OURS}
    if record.kind is PROJECT:
        times = {"created": record.members["CreationTime"]}
        changed = {"lastModified": record.members["LastModifiedTime"]}
        tags = [{"key": key, "value": value} for key, value in record.tags.items()]
        return {**told, **times, **changed, "tags": tags}
    return told


def _create(world: World, call: Call) -> Members:
    params = dict(call.params)
    tags = params.pop("tags", [])
    record = world.store.add(PROJECT, call.region, params["name"], params)
    record.members.setdefault("encryptionKey", _default_key(world, call))
    record.members.setdefault("timeoutInMinutes", 60)
    record.tags.update({one["key"]: one["value"] for one in tags})
    return {"project": _told(record)}


def _default_key(world: World, call: Call) -> str:
    return f"arn:aws:kms:{call.region}:{world.account}:alias/aws/s3"


def _update(world: World, call: Call) -> Members:
    record = world.store.get(PROJECT, call.region, call.params["name"])
    params = dict(call.params)
    if "tags" in params:
        record.tags = {one["key"]: one["value"] for one in params.pop("tags")}
    record.change(**params)
    return {"project": _told(record)}


def _delete(world: World, call: Call) -> Members:
    record = world.store.find(PROJECT, call.region, call.params["name"])
    if record is not None:
        world.store.remove(record)
    return {}


def _list(world: World, call: Call) -> Members:
    return {"projects": [one.key for one in world.store.all(PROJECT, call.region)]}


def _get(world: World, call: Call) -> Members:
    found = {name: world.store.find(PROJECT, call.region, name) for name in call.params["names"]}
    return {
        "projects": [_told(one) for one in found.values() if one is not None],
        "projectsNotFound": [name for name, one in found.items() if one is None],
    }


def _start(world: World, call: Call) -> Members:
    project = world.store.get(PROJECT, call.region, call.params["projectName"])
    token = call.params.get("idempotencyToken")
    tokens = project.hidden.setdefault("tokens", {})
    if token in tokens:
        return {"build": _told(world.store.get(BUILD, call.region, tokens[token]))}
    record = _build(world, call, project)
    if token is not None:
        tokens[token] = record.key

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        _heard(record, state, told)

    request = {**call.params, "Project": _told(project)}
    world.begin(RunKind.BUILD, record, request, heard)
    return {"build": _told(record)}


def _build(world: World, call: Call, project: Record) -> Record:
    key = f"{project.key}:{uuid.uuid4()}"
    group = f"/aws/codebuild/{project.key}"
    logs = project.members.get("logsConfig", {}).get("cloudWatchLogs", {})
    members = {
        "projectName": project.key,
        "startTime": now(),
        "currentPhase": "SUBMITTED",
        "buildComplete": False,
        "phases": [],
        "source": project.members["source"],
        "artifacts": {},
        "environment": _environment(call, project),
        "serviceRole": project.members["serviceRole"],
        "encryptionKey": project.members["encryptionKey"],
        "logs": {
            "groupName": logs.get("groupName", group),
            "streamName": key.partition(":")[2],
            "deepLink": "https://console.aws.amazon.com/cloudwatch/home",
        },
    }
    record = world.store.add(BUILD, call.region, key, members)
    record.become("IN_PROGRESS")
    return record


def _environment(call: Call, project: Record) -> Members:
    """Return the project's environment with the variables that this build overrides."""
    declared = project.members["environment"]
    variables = {one["name"]: one for one in declared.get("environmentVariables", [])}
    for one in call.params.get("environmentVariablesOverride", []):
        variables[one["name"]] = one
    return {**declared, "environmentVariables": list(variables.values())}


def _heard(record: Record, state: RunState, told: Mapping[str, Any]) -> None:
    if record.members["buildComplete"]:
        return
    members = dict(told)
    reason = members.pop("FailureReason", None)
    if state in _STATUS:
        failed = {"contexts": [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": reason}]}
        phase = {
            "phaseType": "BUILD",
            "phaseStatus": _STATUS[state],
            "startTime": record.members["startTime"],
            "endTime": now(),
            **(failed if reason else {}),
        }
        members.setdefault("phases", [phase])
        members.update(buildComplete=True, endTime=now(), currentPhase="COMPLETED")
    record.become(_STATUS.get(state, record.status or ""), **members)


def _stop(world: World, call: Call) -> Members:
    record = world.store.get(BUILD, call.region, call.params["id"])
    world.stop(record.arn)
    return {"build": _told(record)}


def _get_builds(world: World, call: Call) -> Members:
    found = {key: world.store.find(BUILD, call.region, key) for key in call.params["ids"]}
    return {
        "builds": [_told(one) for one in found.values() if one is not None],
        "buildsNotFound": [key for key, one in found.items() if one is None],
    }


def _list_builds(world: World, call: Call) -> Members:
    project = world.store.get(PROJECT, call.region, call.params["projectName"])
    found = [one for one in world.store.all(BUILD, call.region) if _is_of(one, project)]
    ascending = call.params.get("sortOrder") == "ASCENDING"
    keys = [one.key for one in found]
    return {"ids": keys if ascending else keys[::-1]}


def _is_of(build: Record, project: Record) -> bool:
    return build.members["projectName"] == project.key
