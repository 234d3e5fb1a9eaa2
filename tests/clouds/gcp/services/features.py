"""Vertex AI's feature views: synchronised from BigQuery, then read by key."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp import standard
from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid, not_found
from tests.clouds.gcp.hooks import RunKind, RunState
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import queries
from tests.clouds.gcp.services.columns import quoted
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "aiplatform"
_STAMP = "feature_timestamp"
_VALUES: Mapping[str, str] = {
    "BOOLEAN": "boolValue",
    "FLOAT": "doubleValue",
    "INTEGER": "int64Value",
    "STRING": "stringValue",
}


def _create(world: World, call: Call) -> Body:
    kinds = [one for one in ("bigQuerySource", "featureRegistrySource") if one in call.body]
    if len(kinds) != 1:
        raise invalid("Exactly one of `big_query_source` and `feature_registry_source` is set.")
    place = "/".join(call.text("parent").split("/")[:4])
    for group in call.body.get("featureRegistrySource", {}).get("featureGroups", []):
        name = f"{place}/featureGroups/{group['featureGroupId']}"
        world.find(SERVICE, name)
        for feature in group["featureIds"]:
            world.find(SERVICE, f"{name}/features/{feature}")
    return standard.create(world, call)


def _sync(world: World, call: Call) -> Body:
    view = world.find(SERVICE, call.text("featureView"))
    name = f"{view.name}/featureViewSyncs/{world.store.number()}"
    body: Body = {"name": name, "createTime": world.clock.stamp()}
    body["runTime"] = {"startTime": world.clock.stamp()}
    record = world.store.add(Record(SERVICE, name, f"{_prefix(call)}FeatureViewSync", body))

    def heard(state: RunState, told: Mapping[str, Any]) -> None:
        del told
        if state is RunState.RUNNING:
            return
        record.body["runTime"]["endTime"] = world.clock.stamp()
        try:
            rows = _copied(world, view)
            record.body["syncSummary"] = {"rowSynced": str(rows)}
            record.body["finalStatus"] = {}
        except CloudError as error:
            record.body["finalStatus"] = error.rpc()

    world.begin(RunKind.SYNC, name, view.body, heard)
    return {"featureViewSync": name}


def _prefix(call: Call) -> str:
    return f"GoogleCloudAiplatform{call.route.version.capitalize()}"


def _copied(world: World, view: Record) -> int:
    """Let a view have the newest row of each entity; return how many there are."""
    entities: dict[str, dict[str, Any]] = {}
    for uri, keys, wanted in _sources(world, view):
        result = queries.run(world, f"FROM {_table(world, uri)}")
        names = [one["name"] for one in result.fields]
        rows = [dict(zip(names, row, strict=True)) for row in result.rows]
        rows.sort(key=lambda row: str(row.get(_STAMP) or ""))
        kinds = {one["name"]: one["type"] for one in result.fields}
        for row in rows:
            key = "-".join(str(row[one]) for one in keys)
            kept = entities.setdefault(key, {})
            chosen = wanted or [one for one in names if one not in {*keys, _STAMP}]
            kept.update({one: (kinds[one], row[one]) for one in chosen})
    view.hidden["rows"] = entities
    return len(entities)


def _sources(world: World, view: Record) -> list[tuple[str, list[str], list[str]]]:
    direct = view.body.get("bigQuerySource")
    if direct:
        return [(direct["uri"], direct["entityIdColumns"], [])]
    place = "/".join(view.name.split("/")[:4])
    found: list[tuple[str, list[str], list[str]]] = []
    for one in view.body["featureRegistrySource"]["featureGroups"]:
        group = world.find(SERVICE, f"{place}/featureGroups/{one['featureGroupId']}").body
        source = group["bigQuery"]
        keys = source.get("entityIdColumns") or ["entity_id"]
        found.append((source["bigQuerySource"]["inputUri"], keys, one["featureIds"]))
    return found


def _table(world: World, uri: str) -> str:
    _, dataset, table = uri.removeprefix("bq://").split(".")
    del world
    return f"{quoted(dataset)}.{quoted(table)}"


def _fetch(world: World, call: Call) -> Body:
    view = world.find(SERVICE, call.text("featureView"))
    asked = call.body.get("dataKey", {})
    key = asked.get("key") or "-".join(asked.get("compositeKey", {}).get("parts", []))
    row = view.hidden.get("rows", {}).get(key)
    if row is None:
        raise not_found(f"{view.name} `{key}`")
    if call.body.get("dataFormat") == "PROTO_STRUCT":
        return {"protoStruct": {name: value for name, (_, value) in row.items()}}
    told = [_pair(name, kind, value) for name, (kind, value) in row.items()]
    return {"keyValues": {"features": told}}


def _pair(name: str, kind: str, value: Any) -> Body:
    if value is None:
        return {"name": name}
    member = _VALUES.get(kind)
    if member is None:
        raise CloudError(Status.UNIMPLEMENTED, f"The test cloud serves no `{kind}` of `{name}`.")
    return {"name": name, "value": {member: str(value) if kind == "INTEGER" else value}}


_VIEWS = "projects.locations.featureOnlineStores.featureViews"
PARTS = (
    Part(
        "feature views",
        SERVICE,
        {
            f"{_VIEWS}.create": _create,
            f"{_VIEWS}.sync": _sync,
            f"{_VIEWS}.fetchFeatureValues": _fetch,
        },
        "groups and features are there; a sync takes the newest row of each entity from BigQuery,"
        " and what was not synchronised is not found",
    ),
)
