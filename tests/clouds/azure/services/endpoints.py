"""Azure ML's online endpoints: deployments, and the traffic between them.

https://learn.microsoft.com/azure/machine-learning/how-to-safely-rollout-online-endpoints
"""

from collections.abc import Mapping
from typing import Any

from tests.clouds.azure import lro, rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, invalid, told
from tests.clouds.azure.hooks import Run, RunKind
from tests.clouds.azure.ids import parent
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.operations import Begun
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import inference
from tests.clouds.azure.services.job_names import workspace_of
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

ENDPOINTS = f"{WORKSPACES}/onlineEndpoints"
DEPLOYMENTS = f"{ENDPOINTS}/deployments"
_MOST_MIRRORED = 50
_NEEDED = ("model", "environmentId")


def _put(world: World, call: Call) -> Answer:
    refuse_name(world, call, ENDPOINTS)
    asked = call.body.get("properties") or {}
    if world.store.get(call.at.id) is not None or asked.get("traffic"):
        _judge_traffic(world, call.at.id, asked)

    def made(record: Record) -> None:
        place = f"{world.address}/inference/{record.name}"
        record.properties |= {"scoringUri": f"{place}/score", "swaggerUri": f"{place}/swagger.json"}
        record.properties.setdefault("publicNetworkAccess", "Enabled")
        for name in ("traffic", "mirrorTraffic", "properties"):
            record.properties.setdefault(name, {})
        given = record.properties.pop("keys", None)
        if given:
            record.hidden["keys"] = given

    return standard.put(world, call, made=made)


def refuse_name(world: World, call: Call, type_: str) -> None:
    """Refuse a name that another endpoint of the region has, in any workspace.

    Raises:
        CloudError: 409.
    """
    for record in world.store.of_type(type_):
        is_same = record.name.lower() == call.at.name.lower()
        place = (record.body.get("location"), call.body.get("location"))
        if is_same and record.key != call.at.key and place[0] == place[1]:
            raise conflict(
                f"There already exists an endpoint with name '{call.at.name}' in region "
                f"'{place[0]}'. Choose a different name."
            )


def _judge_traffic(world: World, endpoint: str, asked: Body) -> None:
    traffic: Mapping[str, int] = asked.get("traffic") or {}
    mirrored: Mapping[str, int] = asked.get("mirrorTraffic") or {}
    have = {
        one.name
        for one in world.store.children(endpoint, DEPLOYMENTS)
        if one.properties.get("provisioningState") != "Deleting"
    }
    strange = (set(traffic) | set(mirrored)) - have
    if strange:
        text = f"Traffic is set for deployments that do not exist: {sorted(strange)}."
        raise invalid(text, "BadTrafficRules")
    total = sum(traffic.values())
    if total not in {0, 100} or any(not 0 <= one <= 100 for one in traffic.values()):
        raise invalid(f"Traffic must add up to 0 or 100, not {total}.", "BadTrafficRules")
    _judge_mirror(traffic, mirrored)


def _judge_mirror(traffic: Mapping[str, int], mirrored: Mapping[str, int]) -> None:
    named = {name: share for name, share in mirrored.items() if share}
    if len(named) > 1:
        text = "Traffic is mirrored to one deployment at most."
        raise invalid(text, "BadTrafficRules")
    for name, share in named.items():
        if not 0 <= share <= _MOST_MIRRORED:
            text = f"At most {_MOST_MIRRORED} per cent are mirrored, not {share}."
            raise invalid(text, "BadTrafficRules")
        if traffic.get(name):
            text = f"Deployment '{name}' takes traffic and cannot get mirrored traffic, too."
            raise invalid(text, "BadTrafficRules")


def _keys(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    if record.properties.get("authMode") != "Key":
        raise invalid("Keys are only of endpoints with key authentication.", "UserError")
    return dict(inference.keys_of(record))


def _new_key(world: World, call: Call) -> Answer:
    record = rules.found(world, call)
    kind = str(call.body.get("keyType", "Primary")).lower()
    keys = inference.keys_of(record)
    keys[f"{kind}Key"] = call.body.get("keyValue") or f"{kind}-{world.store.number()}"
    operation = lro.begin(world, call, f"{record.id}/keys", lambda: None)
    return lro.accepted(world, call, operation)


def _token(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    until = int(world.clock.now().timestamp()) + 3600
    told_token = {"accessToken": inference.token_of(record), "tokenType": "Bearer"}
    return {**told_token, "expiryTimeUtc": until, "refreshAfterTimeUtc": until - 600}


def _deploy(world: World, call: Call) -> Answer:
    endpoint = parent(call.at.id)
    world.operations.tick(endpoint)
    rules.require_above(world, call.at.id)
    _require_ready(world.find(endpoint))
    asked = call.body.get("properties") or {}
    _require_assets(world, asked)
    _judge_size(call.body, asked)
    return _begin(world, call, endpoint, standard.put)


def _begin(world: World, call: Call, endpoint: str, do: Any) -> Answer:
    """Put or change a deployment; its containers must answer before it has succeeded."""
    old = world.store.get(call.at.id)
    before = old.shown() if old and old.properties["provisioningState"] == "Succeeded" else None

    def made(record: Record) -> Begun | None:
        record.properties.setdefault("egressPublicNetworkAccess", "Enabled")
        record.properties.setdefault("appInsightsEnabled", False)
        record.properties.setdefault("scaleSettings", {"scaleType": "Default"})
        record.body.setdefault("sku", {"name": "Default", "tier": "Standard", "capacity": 1})
        if before is not None and _same_work(before, record.shown()):
            return None
        return Begun(_work(world, record, world.find(endpoint)))

    return do(world, call, made=made)


def _work(world: World, record: Record, endpoint: Record) -> Run:
    workspace = world.find(workspace_of(record.id)).shown()
    request = {"endpoint": endpoint.shown(), "deployment": record.shown(), "workspace": workspace}
    world.retire(record.id)
    return world.begin(RunKind.DEPLOYMENT, record.id, request, lambda *_: None)


def _same_work(before: Body, after: Body) -> bool:
    """Tell whether a change leaves the containers as they are."""
    aside = {"provisioningState", "scaleSettings", "properties", "description", "dataCollector"}

    def work(body: Body) -> Body:
        return {key: one for key, one in body["properties"].items() if key not in aside}

    return work(before) == work(after) and before["properties"].get("dataCollector") == after[
        "properties"
    ].get("dataCollector")


def _require_ready(endpoint: Record) -> None:
    state = endpoint.properties.get("provisioningState")
    if state in {"Creating", "Deleting", "Failed"}:
        text = f"Endpoint '{endpoint.name}' is {state}; a deployment needs one that is there."
        raise conflict(text)


def _require_assets(world: World, asked: Body) -> None:
    code = (asked.get("codeConfiguration") or {}).get("codeId")
    wanted = [(name, asked.get(name)) for name in _NEEDED] + [("codeId", code)]
    for name, one in wanted:
        bare = (one or "").removeprefix("azureml:")
        if bare.startswith("/subscriptions/") and world.store.get(bare) is None:
            raise CloudError(400, "UserError", f"`{name}` '{one}' of the deployment is not there.")


def _judge_size(body: Body, asked: Body) -> None:
    if asked.get("endpointComputeType") != "Managed":
        raise invalid("The test cloud has managed deployments only.", "UserError")
    if not asked.get("instanceType"):
        raise invalid("`instanceType` is required of a managed deployment.", "UserError")
    capacity = (body.get("sku") or {}).get("capacity", 1)
    if capacity < 1:
        raise invalid(f"`sku.capacity` must be at least 1, not {capacity}.", "UserError")


def _resize(world: World, call: Call) -> Answer:
    """Change the size or the tags of a deployment."""
    rules.found(world, call)
    return _begin(world, call, parent(call.at.id), standard.patch)


def _undeploy(world: World, call: Call) -> Answer:
    endpoint = world.store.get(parent(call.at.id))
    if endpoint is not None:
        for member in ("traffic", "mirrorTraffic"):
            share = (endpoint.properties.get(member) or {}).get(call.at.name, 0)
            if share:
                text = f"Deployment '{call.at.name}' has {share} per cent of `{member}`."
                raise conflict(f"{text} Set it to 0 before the deployment is deleted.")
    return standard.delete(world, call)


def _went(world: World, record: Record) -> None:
    world.retire(record.id)
    endpoint = world.store.get(parent(record.id))
    if endpoint is not None:
        for member in ("traffic", "mirrorTraffic"):
            (endpoint.properties.get(member) or {}).pop(record.name, None)


def _logs(world: World, call: Call) -> Answer:
    """Answer the end of a deployment's log: the file `log` in its run's folder."""
    rules.found(world, call)
    run = world.runs.get(call.at.key)
    path = run.root / "log" if run else None
    text = path.read_text() if path is not None and path.exists() else ""
    tail = int(call.body.get("tail") or 1000)
    return told({"content": "\n".join(text.splitlines()[-tail:])})


def _sizes(world: World, call: Call) -> Body:
    del world, call
    capacity = {"minimum": 1, "maximum": 100, "default": 1, "scaleType": "Manual"}
    return {
        "value": [{"resourceType": DEPLOYMENTS, "sku": {"name": "Default"}, "capacity": capacity}]
    }


PARTS = (
    Part(
        "online endpoints",
        {
            f"{ENDPOINTS}.put": _put,
            f"{ENDPOINTS}.listKeys": _keys,
            f"{ENDPOINTS}.regenerateKeys": _new_key,
            f"{ENDPOINTS}.token": _token,
        },
        "a name is one endpoint's in a region; traffic names deployments that are there and adds"
        " up to 0 or 100, at most 50 are mirrored, to one that takes none",
    ),
    Part(
        "online deployments",
        {
            f"{DEPLOYMENTS}.put": _deploy,
            f"{DEPLOYMENTS}.patch": _resize,
            f"{DEPLOYMENTS}.delete": _undeploy,
            f"{DEPLOYMENTS}.getLogs": _logs,
            f"{DEPLOYMENTS}/skus.list": _sizes,
        },
        "have succeeded when the work's containers answer; what they name is there; what has"
        " traffic is not deleted",
        {DEPLOYMENTS: _went},
    ),
)
