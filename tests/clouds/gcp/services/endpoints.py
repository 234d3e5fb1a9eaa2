"""Vertex AI's endpoints: deployments, their traffic, predictions."""

import copy
import json
import random
import re
from typing import Any

from tests.clouds.gcp import masks, standard
from tests.clouds.gcp.calls import (
    Answer,
    Body,
    Call,
    Deferred,
    exists,
    invalid,
    not_found,
    precondition,
)
from tests.clouds.gcp.hooks import Invocation, Reply, RunKind
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import models
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "aiplatform"
NEW = "0"
_ID = re.compile(r"[0-9]{1,10}")
# https://cloud.google.com/vertex-ai/docs/reference/rest/v1/projects.locations.endpoints/mutateDeployedModel
MUTABLE = (
    "dedicatedResources.minReplicaCount",
    "dedicatedResources.maxReplicaCount",
    "dedicatedResources.requiredReplicaCount",
    "dedicatedResources.autoscalingMetricSpecs",
    "dedicatedResources.scaleToZeroSpec",
    "dedicatedResources.initialReplicaCount",
    "autoscalingMetricSpecs",
    "disableContainerLogging",
    "enableContainerLogging",
)


def _create(world: World, call: Call) -> Body:
    name = standard.new_name(world, call)
    made: Body = {}
    if call.body.get("dedicatedEndpointEnabled"):
        region = name.split("/")[3]
        host = f"{name.rpartition('/')[2]}.{region}-{world.number}.prediction.vertexai.goog"
        made["dedicatedEndpointDns"] = host
    if call.body.get("network") and call.body.get("privateServiceConnectConfig"):
        raise invalid("Only one of `network` and `private_service_connect_config` may be set.")
    return standard.create(world, call, made=made, name=name)


def _deployed(record: Record) -> list[Body]:
    return record.body.setdefault("deployedModels", [])


def _find(record: Record, asked: str) -> Body:
    for one in _deployed(record):
        if one["id"] == asked:
            return one
    raise not_found(f"{record.name}/deployedModels/{asked}")


def _refuse_busy(world: World, record: Record) -> None:
    busy = world.operations.pending(SERVICE, record.name)
    if busy:
        raise precondition(f"There are other operations running on the Endpoint: `{busy[0].name}`.")


def _judge_split(split: Body, ids: set[str]) -> None:
    strange = set(split) - ids
    if strange:
        raise invalid(f"`traffic_split` names {sorted(strange)}, which is not deployed.")
    if split and sum(split.values()) != 100:
        raise invalid(f"The percentages of `traffic_split` must add up to 100: {split}.")
    if any(not 0 <= value <= 100 for value in split.values()):
        raise invalid("A percentage of `traffic_split` is from 0 to 100.")


def _deploy(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("endpoint"))
    _refuse_busy(world, record)
    asked = copy.deepcopy(call.body["deployedModel"])
    version = models.find(world, asked["model"])
    asked["id"] = _new_id(world, record, asked.get("id", ""))
    _judge_resources(asked)
    split = call.body.get("trafficSplit", {})
    taken = {one["id"] for one in _deployed(record)}
    _judge_split(split, taken | {NEW})
    asked |= {"createTime": world.clock.stamp(), "modelVersionId": version["versionId"]}
    # The version stands in its own member; the name goes without it.
    asked["model"] = version["name"]
    request = {"endpoint": record.body, "deployedModel": asked, "model": version}
    run = world.begin(RunKind.DEPLOYMENT, _run_name(record, asked["id"]), request, lambda *_: None)

    def effect() -> Body:
        _deployed(record).append(asked)
        if split:
            record.body["trafficSplit"] = _named_split(split, asked["id"])
        return {"deployedModel": copy.deepcopy(asked)}

    def undo() -> None:
        world.retire(run.name)

    return _started(world, call, record, effect, "DeployModelResponse", run=run, undo=undo)


def _named_split(split: Body, new: str) -> Body:
    return {new if key == NEW else key: value for key, value in split.items()}


def _run_name(record: Record, deployed: str) -> str:
    return f"{record.name}/deployedModels/{deployed}"


def _new_id(world: World, record: Record, asked: str) -> str:
    if not asked:
        return world.store.number()[:10]
    if not _ID.fullmatch(asked):
        raise invalid(f"`deployed_model.id` must be 1-10 digits, got `{asked}`.")
    if any(one["id"] == asked for one in _deployed(record)):
        raise exists(f"{record.name}/deployedModels/{asked}")
    return asked


def _judge_resources(asked: Body) -> None:
    kinds = [one for one in ("dedicatedResources", "automaticResources") if one in asked]
    if len(kinds) != 1 and "sharedResources" not in asked:
        raise invalid("One of `dedicated_resources` and `automatic_resources` must be set.")
    sizes = asked.get(kinds[0], {}) if kinds else {}
    least, most = sizes.get("minReplicaCount", 0), sizes.get("maxReplicaCount")
    if most is not None and most < max(least, 1):
        raise invalid(f"`max_replica_count` {most} is less than `min_replica_count` {least}.")
    if kinds == ["dedicatedResources"] and not least and "scaleToZeroSpec" not in sizes:
        raise invalid("`min_replica_count` must be at least 1.")


def _started(
    world: World, call: Call, record: Record, effect: Any, answers: str, **more: Any
) -> Body:
    return standard.done(
        world,
        call,
        record.name,
        _schema(call),
        effect,
        answers=f"google.cloud.aiplatform.{call.route.version}.{answers}",
        told=_operation_metadata(call, world),
        **more,
    )


def _schema(call: Call) -> str:
    return f"GoogleCloudAiplatform{call.route.version.capitalize()}Endpoint"


def _operation_metadata(call: Call, world: World) -> Body:
    name = f"{call.verb[:1].upper()}{call.verb[1:]}OperationMetadata"
    stamp = world.clock.stamp()
    return {
        "@type": f"type.googleapis.com/google.cloud.aiplatform.{call.route.version}.{name}",
        "genericMetadata": {"createTime": stamp, "updateTime": stamp},
    }


def _undeploy(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("endpoint"))
    _refuse_busy(world, record)
    asked = call.body["deployedModelId"]
    one = _find(record, asked)
    left = {each["id"] for each in _deployed(record)} - {asked}
    split = call.body.get("trafficSplit", {})
    _judge_split({key: value for key, value in split.items() if value}, left)
    if left and not split and record.body.get("trafficSplit", {}).get(asked):
        raise precondition(f"Deployed model `{asked}` still takes traffic; give `traffic_split`.")

    def effect() -> Body:
        _deployed(record).remove(one)
        after = split or record.body.get("trafficSplit", {})
        kept = {key: value for key, value in after.items() if key in left}
        record.body["trafficSplit"] = kept
        world.retire(_run_name(record, asked))
        return {}

    return _started(world, call, record, effect, "UndeployModelResponse")


def _mutate(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("endpoint"))
    _refuse_busy(world, record)
    asked = call.body["deployedModel"]
    one = _find(record, asked.get("id", ""))
    wanted = masks.paths(call.body["updateMask"])
    refused = [path for path in wanted if not path.startswith(MUTABLE)]
    if refused:
        raise invalid(f"{refused} of a deployed model cannot be changed; there are {MUTABLE}.")
    schema = _schema(call).replace("Endpoint", "DeployedModel")
    after = masks.changed(call.route.api, schema, one, asked, ",".join(wanted))
    _judge_resources(after)

    def effect() -> Body:
        one.clear()
        one.update(after)
        return {"deployedModel": copy.deepcopy(one)}

    return _started(world, call, record, effect, "MutateDeployedModelResponse")


def _patch(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    if "trafficSplit" in masks.paths(call.text("updateMask")):
        split = call.body.get("trafficSplit", {})
        _judge_split(split, {one["id"] for one in _deployed(record)})
    return standard.patch(world, call)


def _update(world: World, call: Call) -> Body:
    """Change how long a prediction may take: all that this method takes."""
    record = world.find(SERVICE, call.text("name"))
    _refuse_busy(world, record)
    asked = copy.deepcopy(call.body["endpoint"].get("clientConnectionConfig", {}))

    def effect() -> Body:
        record.body["clientConnectionConfig"] = asked
        return record.body

    return _started(world, call, record, effect, "Endpoint")


def _delete(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    _refuse_busy(world, record)
    if _deployed(record):
        ids = [one["id"] for one in _deployed(record)]
        raise precondition(f"Endpoint `{record.name}` has deployed models {ids}; undeploy them.")
    return standard.delete(world, call)


def choose(world: World, record: Record) -> Body:
    """Return the deployment that takes a call, by the split of traffic.

    Raises:
        CloudError: when none does.
    """
    split = {key: value for key, value in record.body.get("trafficSplit", {}).items() if value}
    if not split:
        raise precondition(f"Endpoint `{record.name}` has no deployed model with traffic.")
    chance: random.Random = world.state("traffic", lambda: random.Random(0))
    return _find(record, chance.choices([*split], weights=[*split.values()])[0])


def _predict(world: World, call: Call) -> Deferred:
    record = world.find(SERVICE, call.text("endpoint"))
    one = choose(world, record)
    run = world.runs[_run_name(record, one["id"])]
    request = call.request
    invocation = Invocation(call.verb, request.path, request.body, request.headers)
    return Deferred(lambda: _answered(call, one, world.work.invoke(run, invocation)))


def _answered(call: Call, one: Body, reply: Reply) -> Answer:
    headers = {**reply.headers, "X-Vertex-AI-Deployed-Model-Id": one["id"]}
    if call.verb == "rawPredict" or reply.status >= 400:
        return Answer(reply.status, reply.body, headers)
    told = json.loads(reply.body)
    predictions = told.get("predictions", told.get("instances", []))
    body = {"predictions": predictions, "deployedModelId": one["id"], "model": one["model"]}
    body |= {
        "modelVersionId": one["modelVersionId"],
        "modelDisplayName": one.get("displayName", ""),
    }
    return Answer(200, json.dumps(body).encode(), {**headers, "Content-Type": "application/json"})


PARTS = (
    Part(
        "endpoints",
        SERVICE,
        {
            "projects.locations.endpoints.create": _create,
            "projects.locations.endpoints.patch": _patch,
            "projects.locations.endpoints.update": _update,
            "projects.locations.endpoints.delete": _delete,
            "projects.locations.endpoints.deployModel": _deploy,
            "projects.locations.endpoints.undeployModel": _undeploy,
            "projects.locations.endpoints.mutateDeployedModel": _mutate,
        },
        "a split adds up to 100 over what is deployed; what takes traffic is not undeployed, what"
        " has deployments not deleted; one operation at a time; few members mutable",
    ),
    Part(
        "predictions",
        SERVICE,
        {
            "projects.locations.endpoints.predict": _predict,
            "projects.locations.endpoints.rawPredict": _predict,
        },
        "go to a deployment by the split, in a seeded order, and are answered by the work",
    ),
)
