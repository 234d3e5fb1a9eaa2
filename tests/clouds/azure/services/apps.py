"""Container Apps and their revisions.

https://learn.microsoft.com/azure/container-apps/revisions
"""

import copy
import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from tests.clouds.azure import rules, standard
from tests.clouds.azure.calls import (
    Answer,
    Body,
    Call,
    CloudError,
    invalid,
)
from tests.clouds.azure.hooks import Run, RunKind
from tests.clouds.azure.operations import Begun
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_APP = "Microsoft.App"
ENVIRONMENTS, APPS = f"{_APP}/managedEnvironments", f"{_APP}/containerApps"
REVISIONS, AUTH = f"{APPS}/revisions", f"{APPS}/authConfigs"


def _put_environment(world: World, call: Call) -> Answer:
    def made(record: Record) -> None:
        own = hashlib.sha256(record.key.encode()).hexdigest()[:10]
        region = str(record.body.get("location", "")).replace(" ", "").lower()
        record.properties["defaultDomain"] = f"{own}.{region}.azurecontainerapps.io"
        record.properties["staticIp"] = "203.0.113.10"
        logs = (record.properties.get("appLogsConfiguration") or {}).get(
            "logAnalyticsConfiguration"
        )
        if logs:
            logs.pop("sharedKey", None)

    return standard.put(world, call, made=made)


def _delete_environment(world: World, call: Call) -> Answer:
    for app in world.store.of_type(APPS):
        if _environment_of(app.body).lower() == call.at.key:
            text = f"Environment '{call.at.name}' has the app '{app.name}'."
            raise CloudError(409, "ManagedEnvironmentHasApps", text)
    return standard.delete(world, call)


def _environment_of(body: Body) -> str:
    properties = body.get("properties") or {}
    return properties.get("managedEnvironmentId") or properties.get("environmentId") or ""


def _put(world: World, call: Call) -> Answer:
    environment = world.store.get(_environment_of(call.body))
    if environment is None:
        text = f"The environment '{_environment_of(call.body)}' of the app is not there."
        raise CloudError(400, "ManagedEnvironmentNotFound", text)
    return _changed(world, call, environment, standard.put)


def _patch(world: World, call: Call) -> Answer:
    record = rules.found(world, call)
    environment = world.find(_environment_of(record.body))
    return _changed(world, call, environment, standard.patch)


def _changed(world: World, call: Call, environment: Record, do: Any) -> Answer:
    old = world.store.get(call.at.id)
    before = _template(old.body) if old else None

    def made(record: Record) -> Begun:
        _complete(world, record, environment, old)
        _judge_traffic(world, record)
        name = record.properties["latestRevisionName"]
        ready = partial(_ready, world, record.id, name)
        run = world.runs.get(f"{record.id}/revisions/{name}".lower())
        if before == _template(record.body) and run is not None:
            return Begun(then=ready)
        return Begun(
            run or _revise(world, record, name), ready, partial(_failed, world, record.id, name)
        )

    return do(world, call, made=made)


def _template(body: Body) -> str:
    return json.dumps((body.get("properties") or {}).get("template") or {}, sort_keys=True)


def _complete(world: World, record: Record, environment: Record, old: Record | None) -> None:
    properties = record.properties
    properties["managedEnvironmentId"] = properties["environmentId"] = environment.id
    properties["outboundIpAddresses"] = ["203.0.113.20"]
    configuration = properties.setdefault("configuration", {})
    configuration.setdefault("activeRevisionsMode", "Single")
    _hide_secrets(record, configuration, old)
    if configuration.get("ingress"):
        # The host of an app is told by its path here.
        host = world.address.removeprefix("https://")
        configuration["ingress"]["fqdn"] = f"{host}/app/{record.name}"
    _scale(properties.setdefault("template", {}))
    properties["latestRevisionName"] = _revision_name(record)
    before = old.properties.get("latestReadyRevisionName") if old else None
    properties["latestReadyRevisionName"] = before or ""
    properties["runningStatus"] = "Running"


def _scale(template: Body) -> None:
    if not template.get("containers"):
        raise invalid("A template needs `containers`.", "ContainerAppInvalidTemplate")
    scale = template.setdefault("scale", {})
    scale.setdefault("minReplicas", 0)
    scale.setdefault("maxReplicas", 10)
    if scale["maxReplicas"] < max(1, scale["minReplicas"] or 0):
        text = f"`maxReplicas` {scale['maxReplicas']} is less than `minReplicas`."
        raise invalid(text, "ContainerAppInvalidScaleSpec")


def _hide_secrets(record: Record, configuration: Body, old: Record | None) -> None:
    """Keep the values of secrets apart; `listSecrets` tells them."""
    kept = dict((old.hidden.get("secrets") if old else None) or {})
    for one in configuration.get("secrets") or []:
        if one.get("value") is not None:
            kept[one["name"]] = one.pop("value")
    record.hidden["secrets"] = kept


def _revision_name(record: Record) -> str:
    template = record.properties["template"]
    digest = hashlib.sha256(_template(record.body).encode()).hexdigest()
    return f"{record.name}--{template.get('revisionSuffix') or digest[:7]}"


def _judge_traffic(world: World, record: Record) -> None:
    ingress = record.properties["configuration"].get("ingress") or {}
    rules = ingress.get("traffic") or []
    if rules and sum(one.get("weight", 0) for one in rules) != 100:
        text = "The weights of traffic must add up to 100."
        raise invalid(text, "ContainerAppInvalidTrafficWeight")
    for one in rules:
        name = one.get("revisionName")
        if name and name != _revision_name(record) and not _revision(world, record, name):
            text = f"Revision '{name}' of the traffic is not there."
            raise invalid(text, "RevisionNotFound")


def _revision(world: World, record: Record, name: str) -> Record | None:
    return world.store.get(f"{record.id}/revisions/{name}")


def _revise(world: World, record: Record, name: str) -> Run:
    """Make a revision; the app goes on with the one before when it does not come up."""
    place = f"{record.id}/revisions/{name}"
    properties: Body = {
        "createdTime": world.clock.stamp(),
        "fqdn": f"{world.address.removeprefix('https://')}/app/{record.name}",
        "template": copy.deepcopy(record.properties["template"]),
        "active": True,
        "replicas": max(1, record.properties["template"]["scale"]["minReplicas"] or 0),
        "trafficWeight": 0,
        "healthState": "None",
        "provisioningState": "Provisioning",
        "runningState": "Processing",
    }
    shown = record.shown()
    secrets = record.hidden.get("secrets") or {}
    for one in shown["properties"]["configuration"].get("secrets") or []:
        if one["name"] in secrets:
            one["value"] = secrets[one["name"]]
    world.store.add(Record(place, REVISIONS, {"properties": properties}))
    request = {"app": shown, "revision": name}
    return world.begin(RunKind.APP, place, request, lambda *_: None)


def _ready(world: World, app: str, name: str) -> None:
    """Let a revision serve; in single mode those before it end."""
    record = world.find(app)
    record.properties["latestReadyRevisionName"] = name
    told = {"healthState": "Healthy", "provisioningState": "Provisioned", "runningState": "Running"}
    for one in world.store.children(app, REVISIONS):
        if one.name == name:
            one.properties |= told
        elif record.properties["configuration"]["activeRevisionsMode"] == "Single":
            _end(world, one)


def _failed(world: World, app: str, name: str) -> None:
    record = world.store.get(app)
    one = world.store.get(f"{app}/revisions/{name}")
    if one is not None:
        told = {"healthState": "Unhealthy", "provisioningState": "Failed", "runningState": "Failed"}
        one.properties |= told
        world.retire(one.id)
    if record is not None:
        record.properties["latestRevisionName"] = name


def _end(world: World, revision: Record) -> None:
    revision.properties |= {"active": False, "replicas": 0, "runningState": "Stopped"}
    world.retire(revision.id)


def _secrets(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    kept: Mapping[str, str] = record.hidden.get("secrets") or {}
    return {"value": [{"name": name, "value": value} for name, value in kept.items()]}


def _switch(active: bool) -> Any:
    def act(world: World, call: Call) -> Answer:
        record = rules.found(world, call)
        if not active:
            _end(world, record)
        record.properties["active"] = active
        return Answer(200)

    return act


def _went(world: World, record: Record) -> None:
    world.retire(record.id)


PARTS = (
    Part(
        "container apps",
        {
            f"{ENVIRONMENTS}.put": _put_environment,
            f"{ENVIRONMENTS}.delete": _delete_environment,
            f"{APPS}.put": _put,
            f"{APPS}.patch": _patch,
            f"{APPS}.listSecrets": _secrets,
            f"{REVISIONS}.activate": _switch(active=True),
            f"{REVISIONS}.deactivate": _switch(active=False),
        },
        "a changed template makes a revision, one that fails leaves the one before; traffic adds up"
        " to 100 over revisions; below `/app/<name>` the work answers those who may call it; values"
        " of secrets are only told by `listSecrets`",
        {REVISIONS: _went},
    ),
)
