"""Builds of container registries: sources, runs and their logs; an image comes with one that ends.

https://learn.microsoft.com/rest/api/containerregistry-tasks. Limits: quick builds of a Dockerfile;
the work judges the source, and a digest follows from it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from tests.clouds.azure import lro, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, invalid
from tests.clouds.azure.hooks import RunKind, RunState
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import images, planes
from tests.clouds.azure.services.images import REGISTRY
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_RUN = f"{REGISTRY}/runs"
_KIND = "DockerBuildRequest"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_STATES = {
    RunState.RUNNING: "Running",
    RunState.SUCCEEDED: "Succeeded",
    RunState.FAILED: "Failed",
    RunState.CANCELLED: "Canceled",
}


def _sources(world: World) -> dict[str, bytes]:
    """Return what was uploaded, by registry and place."""
    return world.state("build sources", dict[str, bytes])


def _upload_url(world: World, call: Call) -> Body:
    registry = standard.found(world, call)
    place = f"source/{world.clock.now():%Y%m%d}/{world.store.number()}.tar.gz"
    address = f"{world.address}/tasks/{registry.name}/{place}?{_signed(registry, place)}"
    return {"uploadUrl": address, "relativePath": place}


def _signed(registry: Record, place: str) -> str:
    signature = hashlib.sha256(f"{registry.key} {place}".encode()).hexdigest()[:43]
    return f"sv=2020-02-10&sr=b&sig={signature}"


def _schedule(world: World, call: Call) -> Body:
    registry = standard.found(world, call)
    asked = call.body
    if asked.get("type") != _KIND:
        raise invalid(f"The test cloud does not do builds of the type `{asked.get('type')}`.")
    source = _sources(world).get(f"{registry.name}/{asked.get('sourceLocation', '')}".lower())
    if source is None:
        raise invalid(f"There is no source at `{asked.get('sourceLocation')}`.")
    pool = asked.get("agentPoolName")
    if pool and world.store.get(f"{registry.id}/agentPools/{pool}") is None:
        raise CloudError(404, "AgentPoolNotFound", f"There is no agent pool `{pool}`.")
    name = f"ca{world.store.number()}"
    own: Body = {
        "runId": name,
        "status": "Queued",
        "runType": "QuickBuild",
        "isArchiveEnabled": False,
    }
    own |= {"createTime": world.clock.stamp(), "provisioningState": "Succeeded"}
    own |= {"platform": asked.get("platform"), "agentPoolName": pool}
    own["outputImages"] = [_named(registry, one) for one in asked.get("imageNames") or ()]
    record = Record(f"{registry.id}/runs/{name}", _RUN, {"properties": own}, {"log": b""})
    record.hidden["content"] = json.dumps(asked.get("arguments") or []).encode() + source
    world.store.add(record)

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        _heard(world, record, state, dict(told))

    request = {"registry": registry.shown(), "request": dict(asked), "source": source}
    world.begin(RunKind.BUILD, record.id, request, heard)
    return record.shown()


def _named(registry: Record, image: str) -> Body:
    repository, _, tag = image.partition(":")
    return {"registry": f"{registry.name}.azurecr.io", "repository": repository, "tag": tag}


def _heard(world: World, record: Record, state: RunState, members: dict[str, Any]) -> None:
    lines: Any = members.pop("log", None)
    if lines is not None:
        record.hidden["log"] = "".join(f"{line}\n" for line in lines).encode()
    own = record.properties
    own.update(members)
    own["status"], stamp = _STATES[state], world.clock.stamp()
    own.setdefault("startTime", stamp)
    if state is RunState.RUNNING:
        return
    own["finishTime"] = stamp
    run = world.runs.get(record.key)
    if run is not None and run.reason:
        own["runErrorMessage"] = run.reason
        record.hidden["log"] += f"{run.reason}\n".encode()
    if state is RunState.SUCCEEDED:
        for image in own["outputImages"]:
            name = f"{image['repository']}:{image['tag']}"
            registry = image["registry"].partition(".")[0]
            image["digest"] = images.push(world, registry, name, record.hidden["content"])


def _get(world: World, call: Call) -> Body:
    record = standard.found(world, call)
    world.later(lambda: world.look(record.id))
    return record.shown()


def _list(world: World, call: Call) -> Body:
    registry = world.find(call.at.id)
    found = [*world.store.children(registry.id, _RUN)][::-1]
    return {"value": [one.shown() for one in found]}


def _log(world: World, call: Call) -> Body:
    record = standard.found(world, call)
    registry, place = record.id.split("/")[-3], f"logs/{record.name}"
    return {"logLink": f"{world.address}/tasks/{registry}/{place}?sv=2020-02-10&sig={record.name}"}


def _cancel(world: World, call: Call) -> Answer:
    record = standard.found(world, call)
    run = world.runs.get(record.key)
    if run is None or run.ended.is_set():
        raise conflict(f"The run `{record.name}` is {record.properties['status']}.")
    run.stopping.set()
    run.finish(RunState.CANCELLED)
    return Answer(200)


def _import(world: World, call: Call) -> Answer:
    """Copy an image from elsewhere; its digest follows from its name."""
    registry = standard.found(world, call)
    source = (call.body.get("source") or {}).get("sourceImage")
    if not source:
        raise invalid("`source.sourceImage` is required.")
    targets = call.body.get("targetTags") or [source]

    def effect() -> None:
        for target in targets:
            images.push(world, registry.name, target, json.dumps(call.body["source"]).encode())

    return lro.accepted(world, call, lro.begin(world, call, registry.id, effect))


# Sources are put and logs are read by addresses that hold the right to do so.


def _put_source(asked: Asked) -> Answer:
    registry = images.registry_of(asked.world, asked.name)
    if f"sig={asked.query.get('sig')}" not in _signed(registry, asked.path).split("&"):
        raise Refusal(403, "AuthenticationFailed", "The signature of the address is wrong.")
    _sources(asked.world)[f"{asked.name}/{asked.path}".lower()] = asked.body
    return Answer(201)


def _read_log(asked: Asked) -> Answer:
    registry = images.registry_of(asked.world, asked.name)
    name = asked.path.removeprefix("logs/")
    record = asked.world.store.get(f"{registry.id}/runs/{name}")
    if record is None or not record.hidden["log"] or asked.query.get("sig") != name:
        raise Refusal(404, "BlobNotFound", "The specified blob does not exist.")
    content: bytes = record.hidden["log"]
    wanted = _RANGE.fullmatch(asked.header("range"))
    start = int(wanted[1]) if wanted else 0
    if wanted and start >= len(content):
        raise Refusal(416, "InvalidRange", "The range specified is invalid.")
    return Answer(206 if wanted else 200, content[start:], {"Content-Type": "text/plain"})


def _find(asked: Asked) -> Operation:
    if asked.verb == "PUT":
        return Operation("PutSource", _put_source)
    return Operation("GetLog", _read_log)


SERVICES = (planes.service("tasks", _find),)

PARTS = (
    Part(
        "builds",
        {
            f"{REGISTRY}.listBuildSourceUploadUrl": _upload_url,
            f"{REGISTRY}.scheduleRun": _schedule,
            f"{REGISTRY}.importImage": _import,
            f"{_RUN}.get": _get,
            f"{_RUN}.list": _list,
            f"{_RUN}.listLogSasUrl": _log,
            f"{_RUN}.cancel": _cancel,
        },
        "the source is there; a build that succeeds leaves its images, and its log is read as it"
        " grows",
    ),
)
