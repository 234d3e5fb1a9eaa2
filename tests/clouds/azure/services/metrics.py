"""Azure Monitor's metrics: points of a resource, read by time and dimension; alerts on them.

https://learn.microsoft.com/azure/azure-monitor/essentials/rest-api-walkthrough. Limits: an alert
looks at each point alone (no windows), and tells webhooks and Logic Apps of its action groups.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.calls import Answer, Body, Call, invalid
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import alerts, planes
from tests.clouds.azure.services.alerts import Point
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.world import World
from tests.clouds.clock import stamp

_TERM = re.compile(
    r"(?:^|\band\s)\s*(?P<name>[\w ]+?)\s+(?P<how>eq|ne|sw)\s+'(?P<value>[^']*)'", re.IGNORECASE
)
_INTERVAL = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_KINDS = ("average", "total", "maximum", "minimum", "count")
_WRITE = "Microsoft.Insights/Metrics/Write"


def points(world: World) -> list[Point]:
    """Return all points, oldest first."""
    return world.state("metric points", list)


def write(
    world: World, resource: str, metric: str, value: float, dimensions: Mapping[str, str]
) -> None:
    """Keep a point of now."""
    now = world.clock.now()
    _keep(world, Point(resource, metric, now, value, 1, value, value, dimensions))


def _keep(world: World, point: Point) -> None:
    points(world).append(point)
    for alert in world.store.of_type(alerts.ALERT):
        alerts.judge(world, alert, point)


# Custom metrics: https://learn.microsoft.com/azure/azure-monitor/essentials/metrics-store-custom-rest-api


def _find(asked: Asked) -> Operation:
    del asked
    return Operation("write", _ingest)


def _ingest(asked: Asked) -> Answer:
    resource = f"/{asked.name}/{asked.path}".removesuffix("/metrics")
    if asked.world.store.get(resource) is None:
        raise Refusal(404, "ResourceNotFound", f"There is no `{resource}`.")
    roles.require(
        asked.world, asked.caller, "Microsoft.Insights/Metrics/Write", resource, data=True
    )
    told = asked.request.json()
    try:
        base, moment = told["data"]["baseData"], datetime.fromisoformat(told["time"])
        for one in base["series"]:
            own = dict(zip(base.get("dimNames", []), one.get("dimValues", []), strict=True))
            numbers = float(one["sum"]), int(one["count"]), float(one["min"]), float(one["max"])
            name, space = base["metric"], base.get("namespace", "")
            at = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            _keep(asked.world, Point(resource, name, at, *numbers, own, space))
    except (KeyError, ValueError) as error:
        raise invalid(f"The point is not as a custom metric must be: {error!r}.") from None
    return Answer(200)


# Reading


def _list(world: World, call: Call) -> Body:
    names = [one.strip() for one in call.text("metricnames").split(",") if one.strip()]
    if not names:
        raise invalid("`metricnames` is required.")
    start, end = _timespan(world, call.text("timespan"))
    step = _step(call.text("interval"), end - start)
    wanted = [one.strip().lower() for one in (call.text("aggregation") or "Average").split(",")]
    terms = [found.groupdict() for found in _TERM.finditer(call.text("$filter"))]
    resource = call.at.scope
    values: list[Body] = []
    for name in names:
        found = [
            one
            for one in points(world)
            if one.resource.lower() == resource.lower()
            and one.metric.lower() == name.lower()
            and start <= one.at < end
            and all(_has(one, term) for term in terms)
        ]
        series = _series(found, terms, start, step, wanted)
        place = f"{resource}/providers/Microsoft.Insights/metrics/{name}"
        told: Body = {"id": place, "type": "Microsoft.Insights/metrics", "unit": "Unspecified"}
        told["name"] = {"value": name, "localizedValue": name}
        values.append({**told, "timeseries": series, "errorCode": "Success"})
    span = f"{stamp(start)}/{stamp(end)}"
    told = {"cost": 0, "timespan": span, "interval": call.text("interval") or "PT1M"}
    return {**told, "namespace": call.text("metricnamespace"), "value": values}


def _timespan(world: World, asked: str) -> tuple[datetime, datetime]:
    now = world.clock.now()
    if not asked:
        return now - timedelta(hours=1), now + timedelta(seconds=1)
    first, _, last = asked.partition("/")
    if first.startswith("P"):
        return now - _duration(first), now + timedelta(seconds=1)
    return _moment(first), now if last.startswith("P") else _moment(last)


def _moment(text: str) -> datetime:
    made = datetime.fromisoformat(text.replace(" ", "+"))
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        raise invalid(f"`{text}` is no duration.")
    days, hours, minutes = (int(one or 0) for one in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes)


def _step(asked: str, whole: timedelta) -> timedelta:
    if asked.lower() == "full":
        return whole
    return _duration(asked) if asked else timedelta(minutes=1)


def _has(point: Point, term: Mapping[str, str]) -> bool:
    have, wanted = point.dimensions.get(term["name"].strip(), ""), term["value"]
    if wanted == "*":
        return True
    if term["how"] == "sw":
        return have.startswith(wanted)
    return (have == wanted) is (term["how"] == "eq")


def _series(
    found: list[Point],
    terms: list[dict[str, str]],
    start: datetime,
    step: timedelta,
    wanted: list[str],
) -> list[Body]:
    """Return a series for each value of the dimensions by which is split (`eq '*'`)."""
    split = [one["name"].strip() for one in terms if one["value"] == "*"]
    groups: dict[tuple[str, ...], list[Point]] = {}
    for one in found:
        groups.setdefault(tuple(one.dimensions.get(name, "") for name in split), []).append(one)
    return [
        {
            "metadatavalues": [
                {"name": {"value": name, "localizedValue": name}, "value": value}
                for name, value in zip(split, key, strict=True)
            ],
            "data": [*_data(some, start, step, wanted)],
        }
        for key, some in groups.items()
    ]


def _data(
    found: list[Point], start: datetime, step: timedelta, wanted: list[str]
) -> Iterator[Body]:
    slots: dict[int, list[Point]] = {}
    for one in found:
        slots.setdefault(int((one.at - start) / step), []).append(one)
    for slot in sorted(slots):
        some = slots[slot]
        total, count = sum(one.total for one in some), sum(one.count for one in some)
        most, least = max(one.most for one in some), min(one.least for one in some)
        numbers = (total / count if count else 0.0, total, most, least, float(count))
        told = dict(zip(_KINDS, numbers, strict=True))
        yield {"timeStamp": stamp(start + slot * step)} | {
            name: value for name, value in told.items() if name in wanted
        }


# Alerts


SERVICE = planes.service("metrics", _find, tokens.MONITOR)

PARTS = (
    Part(
        "metrics",
        {"Microsoft.Insights/metrics.list": _list},
        "points by time and dimension; one beyond an alert's threshold fires it, told once to its"
        " action groups",
    ),
)
