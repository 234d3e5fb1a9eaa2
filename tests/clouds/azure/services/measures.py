"""Logs and alerts, as Azure Resource Manager has them."""

import hashlib
import uuid

from tests.clouds.azure import lro, marks, rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError
from tests.clouds.azure.parts import Part
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

COMPONENTS = "Microsoft.Insights/components"
LOGS = "Microsoft.OperationalInsights/workspaces"
_SETTINGS = "Microsoft.Insights/diagnosticSettings"
_AUTOSCALE = "Microsoft.Insights/autoscaleSettings"
_ALERTS = ("Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules")
_SPACE = uuid.UUID("6f3c9f57-0d5e-4c43-8a5e-7d2f41c6a005")


def _guid(text: str) -> str:
    return str(uuid.uuid5(_SPACE, text.lower()))


def _put_component(world: World, call: Call) -> Answer:
    def made(record: Record) -> None:
        key, app = _guid(f"{record.key}/key"), _guid(f"{record.key}/app")
        place = f"{world.address}/metrics/"
        told = f"InstrumentationKey={key};IngestionEndpoint={place};ApplicationId={app}"
        record.properties |= {"InstrumentationKey": key, "AppId": app, "ConnectionString": told}
        record.properties |= {"ApplicationId": record.name, "TenantId": world.tenant}
        record.properties.setdefault("Application_Type", "web")
        record.properties.setdefault("RetentionInDays", 90)

    logs = (call.body.get("properties") or {}).get("WorkspaceResourceId")
    _require(world, logs)
    return standard.put(world, call, made=made)


def _require(world: World, wanted: str | None) -> None:
    if wanted and world.store.get(wanted) is None:
        raise CloudError(400, "BadRequest", f"Resource '{wanted}' is not there.")


def _put_logs(world: World, call: Call) -> Answer:
    def made(record: Record) -> None:
        record.properties["customerId"] = _guid(record.key)
        marks.keep_first(world, record, createdDate=world.clock.stamp())
        record.properties.setdefault("retentionInDays", 30)
        record.properties.setdefault("sku", {"name": "PerGB2018"})

    return standard.put(world, call, made=made)


def _log_keys(world: World, call: Call) -> Body:
    record = rules.found(world, call)
    keys = ("primarySharedKey", "secondarySharedKey")
    return {one: hashlib.sha256(f"{one}{record.key}".encode()).hexdigest() for one in keys}


def _delete_logs(world: World, call: Call) -> Answer:
    record = world.store.get(call.at.id)
    answer = standard.delete(world, call)
    if record is not None and call.text("force").lower() != "true":
        world.state("deleted logs", dict[str, Body])[record.key] = record.body
    return answer


def _put_setting(world: World, call: Call) -> Answer:
    _require(world, call.at.scope)
    asked = call.body.get("properties") or {}
    places = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId")
    if not any(asked.get(one) for one in places):
        raise CloudError(400, "BadRequest", f"A diagnostic setting needs one of {places}.")
    _require(world, asked.get("workspaceId"))
    return standard.put(world, call)


def _put_autoscale(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    wanted = asked.get("targetResourceUri")
    _require(world, wanted)
    for profile in asked.get("profiles") or []:
        sizes = profile.get("capacity") or {}
        least, most = int(sizes.get("minimum", 1)), int(sizes.get("maximum", 1))
        if not least <= int(sizes.get("default", least)) <= most:
            text = f"The capacity of profile '{profile.get('name')}' is not in order: {sizes}."
            raise CloudError(400, "BadRequest", text)
    for other in world.store.of_type(_AUTOSCALE):
        if other.properties.get("targetResourceUri") == wanted and other.key != call.at.key:
            text = f"Resource '{wanted}' has the autoscale setting '{other.name}' already."
            raise CloudError(409, "Conflict", text)
    return standard.put(world, call)


def _put_alert(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    for one in asked.get("scopes") or []:
        _require(world, one)
    actions = asked.get("actions") or []
    listed = actions.get("actionGroups") or [] if isinstance(actions, dict) else actions
    for one in listed:
        _require(world, one if isinstance(one, str) else one.get("actionGroupId"))
    return standard.put(world, call)


def _quiet(world: World, call: Call) -> Answer:
    operation = lro.begin(world, call, call.at.id, lambda: None)
    return lro.accepted(world, call, operation)


PARTS = (
    Part(
        "logs and components",
        {
            f"{COMPONENTS}.put": _put_component,
            f"{LOGS}.put": _put_logs,
            f"{LOGS}.delete": _delete_logs,
            f"{LOGS}.sharedKeys": _log_keys,
            f"{COMPONENTS}.purge": _quiet,
        },
        "a component's workspace of logs is there",
    ),
    Part(
        "settings and alerts",
        {
            f"{_SETTINGS}.put": _put_setting,
            f"{_AUTOSCALE}.put": _put_autoscale,
            **{f"{one}.put": _put_alert for one in _ALERTS},
        },
        "what they watch and tell is there; a resource has one autoscale setting",
    ),
)
