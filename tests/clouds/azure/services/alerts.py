"""Alerts on metrics: the level counts, and each change is told once to the action groups.

Limits: an alert looks at each point alone (no windows), and tells webhooks and Logic Apps only.
"""

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.clouds.azure.calls import Body
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World


@dataclass(frozen=True)
class Point:
    """A value of a metric at a time; it stands for several when they came together."""

    resource: str
    metric: str
    at: datetime
    total: float
    count: int = 1
    least: float = 0.0
    most: float = 0.0
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    namespace: str = ""

    @property
    def average(self) -> float:
        """The mean of what it stands for."""
        return self.total / self.count if self.count else 0.0


ALERT, GROUP = "Microsoft.Insights/metricAlerts", "Microsoft.Insights/actionGroups"


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThan": lambda one, other: one > other,
    "GreaterThanOrEqual": lambda one, other: one >= other,
    "LessThan": lambda one, other: one < other,
    "LessThanOrEqual": lambda one, other: one <= other,
    "Equals": lambda one, other: one == other,
}


_CALL_SECONDS = 30


def judge(world: World, alert: Record, point: Point) -> None:
    """Fire or resolve an alert: the level counts, each change is told once."""
    own = alert.properties
    scopes = [str(one).lower() for one in own.get("scopes", [])]
    if own.get("enabled") is False or point.resource.lower() not in scopes:
        return
    for criterion in (own.get("criteria") or {}).get("allOf", []):
        if not _watches(criterion, point):
            continue
        have = _aggregated(point, criterion.get("timeAggregation", "Average"))
        fired = _COMPARE[criterion["operator"]](have, float(criterion["threshold"]))
        if fired is not alert.hidden.get("fired", False):
            alert.hidden["fired"] = fired
            _notify(world, alert, criterion, point, "Fired" if fired else "Resolved")


def _watches(criterion: Body, point: Point) -> bool:
    space = criterion.get("metricNamespace") or point.namespace
    is_same = criterion["metricName"].lower() == point.metric.lower()
    return is_same and space.lower() == point.namespace.lower() and _within(criterion, point)


def _within(criterion: Body, point: Point) -> bool:
    return all(
        (point.dimensions.get(one["name"]) in one["values"] or one["values"] == ["*"])
        is (one.get("operator", "Include") == "Include")
        for one in criterion.get("dimensions") or []
    )


def _aggregated(point: Point, how: str) -> float:
    found = {"Average": point.average, "Total": point.total, "Count": float(point.count)}
    return {**found, "Maximum": point.most, "Minimum": point.least}[how]


def _notify(world: World, alert: Record, criterion: Body, point: Point, state: str) -> None:
    """Tell the action groups, in the common alert schema."""
    when = "firedDateTime" if state == "Fired" else "resolvedDateTime"
    essentials = {"alertRule": alert.name, "monitorCondition": state, "signalType": "Metric"}
    essentials |= {"severity": f"Sev{alert.properties.get('severity', 3)}"}
    essentials |= {"alertTargetIDs": [point.resource], when: world.clock.stamp()}
    condition = {**criterion, "metricValue": point.average}
    condition["dimensions"] = [{"name": k, "value": v} for k, v in point.dimensions.items()]
    context = {"condition": {"allOf": [condition]}, "properties": {}}
    data = {"essentials": essentials, "alertContext": context}
    told = {"schemaId": "azureMonitorCommonAlertSchema", "data": data}
    fired(world).append({"alert": alert.id, "state": state, "value": point.average})
    for action in alert.properties.get("actions") or []:
        group = world.store.get(action.get("actionGroupId", ""))
        for address in _addresses(group.properties if group else {}):
            later = threading.Thread(target=_post, args=(world, address, told), daemon=True)
            world.later(later.start)


def fired(world: World) -> list[Any]:
    """Return each change of an alert, oldest first."""
    return world.state("alerts", list)


def _addresses(group: Mapping[str, Any]) -> Iterator[str]:
    for one in group.get("webhookReceivers") or []:
        yield one["serviceUri"]
    for one in group.get("logicAppReceivers") or []:
        yield one["callbackUrl"]


def _post(world: World, address: str, told: Body) -> None:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(told).encode(), headers)  # noqa: S310
    tls = ssl.create_default_context(cafile=world.authority)
    try:
        urllib.request.urlopen(request, timeout=_CALL_SECONDS, context=tls).close()  # noqa: S310
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return
