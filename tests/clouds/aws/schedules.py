"""The schedules' time: what is due when the cloud's clock is moved on."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from tests.clouds.aws.calls import CloudError, iso
from tests.clouds.aws.events import start_pipeline
from tests.clouds.aws.kinds import MONITORING_SCHEDULE
from tests.clouds.aws.monitoring import execute
from tests.clouds.aws.store import Record, now
from tests.clouds.aws.world import World

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+)(?: (\S+))?\)")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_AT = "at(%Y-%m-%dT%H:%M:%S)"


def advance(world: World, seconds: float) -> list[Mapping[str, Any]]:
    """Move the clock on and do all that was due meanwhile, in its order.

    Returns:
        What was done: `Schedule`, `Time`, `Started` (an ARN) or `Error`.
    """
    start = now() + timedelta(seconds=world.clock)
    end = start + timedelta(seconds=seconds)
    world.clock += seconds
    due = sorted(_due(world, start, end), key=lambda one: one[0])
    return [_do(world, moment, schedule) for moment, schedule in due]


def fire(world: World, name: str) -> Mapping[str, Any]:
    """Do what a schedule does, now: `group/name` of a schedule, or a monitoring schedule's name.

    Raises:
        LookupError: when there is none of that name.
    """
    for schedule in [*_schedules(world), *_monitors(world)]:
        if name in {schedule.key, schedule.key.removeprefix("default/")}:
            return _do(world, now() + timedelta(seconds=world.clock), schedule)
    raise LookupError(f"no schedule `{name}`")


class _Due:
    """A schedule of either service."""

    def __init__(self, key: str, expression: str, zone: str, what: Any) -> None:
        self.key = key
        self.expression = expression
        self.zone = zone
        self.what = what


def _schedules(world: World) -> Iterator[_Due]:
    for backend in world.backends("scheduler"):
        for group in backend.schedule_groups.values():
            for one in group.schedules.values():
                if one.state == "ENABLED":
                    zone = one.schedule_expression_timezone
                    key = f"{group.name}/{one.name}"
                    yield _Due(key, one.schedule_expression, zone, one)


def _monitors(world: World) -> Iterator[_Due]:
    for record in world.store.everything():
        if record.kind is MONITORING_SCHEDULE and record.status == "Scheduled":
            config = record.members["MonitoringScheduleConfig"].get("ScheduleConfig", {})
            expression = config.get("ScheduleExpression", "NOW")
            yield _Due(record.key, expression, "UTC", record)


def _due(world: World, start: datetime, end: datetime) -> Iterator[tuple[datetime, _Due]]:
    for schedule in [*_schedules(world), *_monitors(world)]:
        for moment in _times(schedule, start, end):
            yield moment, schedule


def _times(schedule: _Due, start: datetime, end: datetime) -> Iterator[datetime]:
    if schedule.expression == "NOW":
        return
    if schedule.expression.startswith("at("):
        zone = ZoneInfo(schedule.zone)
        moment = datetime.strptime(schedule.expression, _AT).replace(tzinfo=zone)
        if start < moment <= end:
            yield moment
        return
    trigger = _trigger(schedule.expression, schedule.zone, start)
    moment = trigger.get_next_fire_time(None, start + timedelta(microseconds=1))
    while moment is not None and moment <= end:
        yield moment
        moment = trigger.get_next_fire_time(moment, moment + timedelta(microseconds=1))


def _trigger(expression: str, zone: str, start: datetime) -> Any:
    rate = _RATE.fullmatch(expression)
    if rate:
        period = {f"{rate[2]}s": int(rate[1])}
        first = start + timedelta(**period)
        return IntervalTrigger(**period, start_date=first, timezone=UTC)
    cron = _CRON.fullmatch(expression)
    if cron is None:
        raise ValueError(f"`{expression}` is no schedule")
    minute, hour, day, month, weekday, year = cron.groups()
    return CronTrigger(
        minute=minute,
        hour=hour,
        day=_any(day),
        month=month.lower(),
        day_of_week=_weekday(_any(weekday)),
        year=_any(year or "*"),
        timezone=ZoneInfo(zone),
    )


def _any(field: str) -> str:
    return {"?": "*", "L": "last"}.get(field, field)


def _weekday(field: str) -> str:
    """Return the days by name: AWS counts from Sunday as 1, APScheduler from Monday as 0."""
    days = re.sub(r"(?<!/)\b([1-7])\b", lambda found: _WEEKDAYS[int(found[1]) - 1], field)
    return days.lower()


def _do(world: World, moment: datetime, schedule: _Due) -> Mapping[str, Any]:
    told = {"Schedule": schedule.key, "Time": iso(moment)}
    try:
        return {**told, "Started": _start(world, moment, schedule.what)}
    except CloudError as error:
        return {**told, "Error": f"{error.code}: {error.message}"}


def _start(world: World, moment: datetime, what: Any) -> str:
    if isinstance(what, Record):
        before = moment - timedelta(hours=1)
        record = world.holding(lambda: execute(world, what.region, what.key, before, moment))
        return record.arn
    service = what.target["Arn"].split(":")[2]
    if service != "sagemaker":
        raise CloudError("UnsupportedTarget", f"the test cloud starts no `{service}` by a schedule")
    return start_pipeline(world, what.target, {"time": iso(moment)})
