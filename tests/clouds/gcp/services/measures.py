"""Cloud Monitoring's time series, and the policies that watch them; Cloud Logging's entries."""

import base64
import copy
import json
import re
from collections.abc import Callable
from typing import Any

from tests.clouds.gcp import filters, standard
from tests.clouds.gcp.calls import Body, Call, invalid
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import messages
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "monitoring"
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "COMPARISON_GT": lambda one, other: one > other,
    "COMPARISON_GE": lambda one, other: one >= other,
    "COMPARISON_LT": lambda one, other: one < other,
    "COMPARISON_LE": lambda one, other: one <= other,
    "COMPARISON_EQ": lambda one, other: one == other,
    "COMPARISON_NE": lambda one, other: one != other,
}


def _series(world: World) -> list[Body]:
    return world.state("time series", list)


def _write(world: World, call: Call) -> Body:
    for one in call.body["timeSeries"]:
        if len(one.get("points", [])) != 1:
            raise invalid("A time series to write has exactly one point.")
        _describe(world, one)
        _series(world).append(copy.deepcopy(one))
        for policy in _policies(world):
            _judge(world, policy, one)
    return {}


def _create_descriptor(world: World, call: Call) -> Body:
    """Make a metric, or make one anew: both are this call, and its type is its name."""
    if not call.body.get("type"):
        raise invalid("`type` is required.")
    name, schema = _descriptor(world, call.body["type"]), call.route.request
    record = standard.add(world, call, schema, name, {**call.body, "name": name})
    return standard.shown(world, record, call.route.api, schema)


def _descriptor(world: World, kind: str) -> str:
    return f"projects/{world.project}/metricDescriptors/{kind}"


def _describe(world: World, one: Body) -> None:
    """Make the descriptor of a custom metric with its first point."""
    kind = one["metric"]["type"]
    name = _descriptor(world, kind)
    if not world.store.get(SERVICE, name):
        value = next(iter(one["points"][0]["value"])).removesuffix("Value").upper()
        body = {"name": name, "type": kind, "metricKind": one.get("metricKind", "GAUGE")}
        record = Record(SERVICE, name, "MetricDescriptor", {**body, "valueType": value})
        world.store.add(record)


def _list(world: World, call: Call) -> Body:
    if not call.text("filter"):
        raise invalid("`filter` is required.")
    kept = [copy.deepcopy(one) for one in _series(world)]
    call.params["filter"] = _plain(call.text("filter"))
    return standard.paged(world, call, "timeSeries", _joined(kept))


def _joined(found: list[Body]) -> list[Body]:
    """Return one series for each metric and its labels, newest points first."""
    series: dict[str, Body] = {}
    for one in found:
        key = json.dumps([one["metric"], one.get("resource")], sort_keys=True)
        if key in series:
            series[key]["points"] = [*one["points"], *series[key]["points"]]
        else:
            series[key] = one
    return [*series.values()]


def _policies(world: World) -> list[Record]:
    found = world.store.children(SERVICE, f"projects/{world.project}", "alertPolicies")
    return [one for one in found if one.body.get("enabled", True)]


def _value(one: Body) -> float:
    return float(next(iter(one["points"][0]["value"].values())))


def _judge(world: World, policy: Record, one: Body) -> None:
    """Open or close a policy's incident: the level counts, each change is told once."""
    for condition in policy.body.get("conditions", []):
        wanted = condition.get("conditionThreshold")
        if not wanted or not filters.keep([one], _plain(wanted["filter"])):
            continue
        compare = _COMPARISONS[wanted["comparison"]]
        breached = compare(_value(one), float(wanted.get("thresholdValue", 0)))
        if breached is not policy.hidden.get("open", False):
            policy.hidden["open"] = breached
            _notify(world, policy, condition, one, "open" if breached else "closed")


def _plain(asked: str) -> str:
    """Return a filter of Monitoring without quotes in its paths and without functions."""
    return re.sub(r"resource\.type\s*=\s*\S+\s*(AND\s+)?", "", asked).strip().removesuffix("AND")


def _notify(world: World, policy: Record, condition: Body, one: Body, state: str) -> None:
    incident = {
        "incident_id": world.store.number(),
        "scoping_project_id": world.project,
        "policy_name": policy.body.get("displayName", ""),
        "policy_user_labels": policy.body.get("userLabels", {}),
        "condition_name": condition.get("displayName", ""),
        "metric": one["metric"],
        "resource": one.get("resource", {}),
        "observed_value": str(_value(one)),
        "state": state,
        "started_at": int(world.clock.now().timestamp()),
    }
    data = base64.b64encode(json.dumps({"incident": incident, "version": "1.2"}).encode()).decode()
    for name in policy.body.get("notificationChannels", []):
        channel = world.find(SERVICE, name).body
        if channel["type"] == "pubsub" and channel.get("enabled", True):
            messages.publish(world, channel["labels"]["topic"], {"data": data})


def _create_policy(world: World, call: Call) -> Body:
    for name in call.body.get("notificationChannels", []):
        world.find(SERVICE, name)
    told = standard.create(world, call)
    conditions = world.find(SERVICE, told["name"]).body.get("conditions", [])
    for number, condition in enumerate(conditions):
        condition["name"] = f"{told['name']}/conditions/{number + 1}"
    return {**told, "conditions": copy.deepcopy(conditions)}


def _create_channel(world: World, call: Call) -> Body:
    if call.body.get("type") == "pubsub":
        world.find("pubsub", call.body.get("labels", {}).get("topic", ""))
    return standard.create(world, call)


def _entries(world: World) -> list[Body]:
    return world.state("log entries", list)


def write_entry(world: World, entry: Body) -> None:
    """Keep an entry of a log."""
    own = {"insertId": world.store.number(), "timestamp": world.clock.stamp()}
    _entries(world).append({**own, "receiveTimestamp": world.clock.stamp(), **entry})


def _write_entries(world: World, call: Call) -> Body:
    common = {key: call.body[key] for key in ("logName", "resource", "labels") if key in call.body}
    for entry in call.body.get("entries", []):
        merged = {**common, **entry}
        if not merged.get("logName"):
            raise invalid("`log_name` is required.")
        write_entry(world, merged)
    return {}


def _list_entries(world: World, call: Call) -> Body:
    found = filters.keep(copy.deepcopy(_entries(world)), call.body.get("filter", ""))
    found = sorted(found, key=lambda one: one["timestamp"])
    if call.body.get("orderBy", "").endswith("desc"):
        found.reverse()
    token, size = call.body.get("pageToken", ""), int(call.body.get("pageSize") or 0)
    some, after = filters.page(found, size, token)
    return {"entries": some, **({"nextPageToken": after} if after else {})}


def _parts() -> tuple[Part, ...]:
    own: dict[str, Any] = {
        "projects.timeSeries.create": _write,
        "projects.timeSeries.list": _list,
        "projects.metricDescriptors.create": _create_descriptor,
        "projects.alertPolicies.create": _create_policy,
        "projects.notificationChannels.create": _create_channel,
    }
    does = "a point beyond a policy's threshold opens its incident, told once to its channels"
    logs: dict[str, Any] = {"entries.write": _write_entries, "entries.list": _list_entries}
    return (
        Part("measures", SERVICE, own, does),
        Part("logs", "logging", logs, "entries are kept, filtered and listed"),
    )


PARTS = _parts()
