"""Log Analytics: rows come in by table, and are asked for by queries.

https://learn.microsoft.com/rest/api/loganalytics/query, and the logs ingestion API. Limits: no
transformation of rows, no access by table. `POST /logs/tables/<workspace>/<table>` and `POST
/logs/resources/<id>?category=<one>` are the ways by which machines of the cloud itself write (a
list of rows): to a workspace, or where a diagnostic setting of a resource sends a category.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.calls import Answer, Body, CloudError, invalid, told
from tests.clouds.azure.services import kql, kql_functions, planes
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World
from tests.clouds.clock import stamp

WORKSPACE = "Microsoft.OperationalInsights/workspaces"
RULE, SETTING = "Microsoft.Insights/dataCollectionRules", "Microsoft.Insights/diagnosticSettings"
Row = dict[str, Any]
_TIME = "TimeGenerated"
_SPAN = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def _kept(world: World) -> dict[str, dict[str, list[Row]]]:
    """Return rows by workspace and table, whose names are in lower case."""
    return world.state("logs", dict)


def workspace(world: World, which: str) -> Record:
    """Return a workspace by its id, or by the id that customers see.

    Raises:
        Refusal: 404.
    """
    for record in world.store.of_type(WORKSPACE):
        known = (record.key, str(record.properties.get("customerId", "")).lower())
        if which.lower() in known:
            return record
    raise Refusal(404, "WorkspaceNotFoundError", f"The workspace `{which}` could not be found.")


def write(world: World, which: str, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep rows of a table; each has a time.

    Args:
        world: the cloud.
        which: the workspace, by its id or the id that customers see.
        table: its name.
        rows: what is to be kept.
    """
    record = workspace(world, which)
    kept = _kept(world).setdefault(record.key, {}).setdefault(table.lower(), [])
    common = {_TIME: world.clock.stamp(), "TenantId": record.properties.get("customerId", "")}
    kept.extend({**common, "Type": table, **row} for row in rows)


def tell(world: World, resource: str, category: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep rows of a resource's log, where a diagnostic setting sends its category.

    Args:
        world: the cloud.
        resource: its id.
        category: as `AmlOnlineEndpointConsoleLog`, which is the table, too.
        rows: what is to be kept.
    """
    told_ = [{"_ResourceId": resource.lower(), **row} for row in rows]
    for setting in world.store.children(resource, SETTING):
        wanted = setting.properties.get("logs") or []
        is_on = any(_takes(one, category) for one in wanted)
        place = setting.properties.get("workspaceId")
        if is_on and place and setting.key.startswith(f"{resource.lower()}/providers/microsoft.in"):
            write(world, place, category, told_)


def _takes(one: Mapping[str, Any], category: str) -> bool:
    names = (one.get("category"), one.get("categoryGroup"))
    return bool(one.get("enabled")) and ("allLogs" in names or category in names)


# Ingestion


def _rows(asked: Asked) -> list[Row]:
    try:
        rows = json.loads(asked.body)
    except ValueError as error:
        raise invalid(f"The rows are no JSON: {error}", "InvalidPayload") from None
    if not isinstance(rows, list):
        raise invalid("The rows must be a list.", "InvalidPayload")
    return rows


def _ingest(asked: Asked) -> Answer:
    """Keep rows by a data collection rule's stream, whose table is its own name."""
    rule, _, stream = asked.path.partition("/streams/")
    record = _rule(asked.world, rule)
    may = roles.may(asked.world, asked.caller.principal, _WRITE, record.id, data=True)
    if not may:
        raise Refusal(
            403, "OperationFailed", "The authentication token provided does not have access."
        )
    flows = record.properties.get("dataFlows") or []
    flow = next((one for one in flows if stream in one.get("streams", [])), None)
    if flow is None:
        raise Refusal(400, "InvalidStream", f"Data collection rule has no stream `{stream}`.")
    table = str(flow.get("outputStream") or stream).removeprefix("Custom-")
    places = (record.properties.get("destinations") or {}).get("logAnalytics") or []
    for one in places:
        if one["name"] in flow.get("destinations", []):
            write(asked.world, one["workspaceResourceId"], table, _rows(asked))
    return Answer(204)


_WRITE = "Microsoft.Insights/Telemetry/Write"


def _rule(world: World, number: str) -> Record:
    for record in world.store.of_type(RULE):
        if record.properties.get("immutableId") == number:
            return record
    raise Refusal(404, "NotFound", f"Data collection rule with immutable Id '{number}' not found.")


def _put_rows(asked: Asked) -> Answer:
    which, _, table = asked.path.partition("/")
    write(asked.world, which, table, _rows(asked))
    return Answer(204)


def _tell(asked: Asked) -> Answer:
    tell(asked.world, f"/{asked.path}", asked.query.get("category", ""), _rows(asked))
    return Answer(204)


# Queries


def _query(asked: Asked) -> Answer:
    which = asked.path.removesuffix("/query").removeprefix("workspaces/")
    if which.lower().startswith("subscriptions/"):
        which = f"/{which}"
    record = workspace(asked.world, which)
    if not roles.may(asked.world, asked.caller.principal, _READ, record.id):
        text = (
            "The provided credentials have insufficient access to perform the requested operation"
        )
        raise Refusal(403, "InsufficientAccessError", text)
    given = asked.request.json() if asked.verb == "POST" else dict(asked.query)
    found = _found(asked.world, record, str(given.get("query", "")), given.get("timespan"))
    return told({"tables": [_table(found)]})


_READ = f"{WORKSPACE}/query/read"


def _found(world: World, record: Record, text: str, span: str | None) -> list[Row]:
    now = world.clock.now()
    query = kql.read(text, now)
    kept = _kept(world).get(record.key, {})
    for name in query.tables:
        if name.lower() not in kept and not _is_known(world, record, name):
            message = f"'{name}' does not refer to any known table."
            raise kql.refused(f"Failed to resolve table or column expression named {message}")
    first, last = _between(span, now)
    inside = {
        name: [dict(row) for row in rows if first <= str(row[_TIME]) <= last]
        for name, rows in kept.items()
    }
    return query.rows(inside)


def _is_known(world: World, record: Record, name: str) -> bool:
    """Tell whether a table is there though it has no rows: Azure's own, or one that was made."""
    made = world.store.get(f"{record.id}/tables/{name}")
    return made is not None or not name.endswith("_CL")


def _between(span: str | None, now: datetime) -> tuple[str, str]:
    if not span:
        return "", "9"
    first, _, last = span.partition("/")
    if first.startswith("P"):
        return stamp(now - _duration(first)), last or "9"
    start = kql_functions.moment(first)
    end = kql_functions.moment(last)
    if start is None or (last and end is None and not last.startswith("P")):
        raise CloudError(400, "BadArgumentError", f"`{span}` is no timespan.")
    if end is None:
        end = start + _duration(last)
    return stamp(start), stamp(end)


def _duration(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise CloudError(400, "BadArgumentError", f"`{text}` is no timespan.")
    days, hours, minutes, seconds = (int(one or 0) for one in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _table(rows: list[Row]) -> Body:
    names = [*dict.fromkeys(name for row in rows for name in row)]
    columns = [{"name": name, "type": _kind([row.get(name) for row in rows])} for name in names]
    shown = [[_shown(row.get(name)) for name in names] for row in rows]
    return {"name": "PrimaryResult", "columns": columns, "rows": shown}


def _kind(values: list[Any]) -> str:
    found = next((one for one in values if one is not None), "")
    kinds = {bool: "bool", int: "long", float: "real", datetime: "datetime", str: "string"}
    return kinds.get(type(found), "dynamic")


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return stamp(value)
    return json.dumps(value) if isinstance(value, list | dict) else value


def _find(asked: Asked) -> Operation:
    if asked.name == "tables" and asked.verb == "POST":
        return Operation("write", _put_rows)
    if asked.name == "resources" and asked.verb == "POST":
        return Operation("tell", _tell)
    if asked.name == "dataCollectionRules" and asked.verb == "POST":
        return Operation("ingest", _ingest)
    if asked.name == "v1" and asked.path.endswith("/query"):
        return Operation("query", _query)
    raise Refusal(404, "PathNotFoundError", f"The path `{asked.path}` could not be found.")


SERVICE = planes.service("logs", _find, (*tokens.LOGS, *tokens.MONITOR, *tokens.MANAGEMENT))
