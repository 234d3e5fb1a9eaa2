"""Azure ML's schedules: what they start when the clock is moved."""

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from tests.clouds.azure import standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, invalid
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.parts import Part
from tests.clouds.azure.services import jobs
from tests.clouds.azure.services.job_names import workspace_of
from tests.clouds.azure.store import Record
from tests.clouds.azure.timetable import Due
from tests.clouds.azure.world import World
from tests.clouds.clock import stamp

TYPE = f"{WORKSPACES}/schedules"
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_STEPS = {"Minute": "minutes", "Hour": "hours", "Day": "days", "Week": "weeks"}


def _put(world: World, call: Call) -> Answer:
    asked = call.body.get("properties") or {}
    trigger_of(asked.get("trigger") or {})
    old = world.store.get(call.at.id)
    if old is not None and old.properties["action"] != asked.get("action"):
        text = "The action of a schedule cannot be changed; delete the schedule and make another."
        raise CloudError(400, "UserError", text)

    def made(record: Record) -> None:
        record.properties.setdefault("isEnabled", True)
        record.properties.setdefault("tags", {})

    return standard.put(world, call, made=made)


def trigger_of(asked: Body) -> BaseTrigger | timedelta:
    """Return the times of a trigger: cron's, or the step of a recurrence.

    Raises:
        CloudError: for what is no schedule.
    """
    if asked.get("triggerType") == "Cron":
        return _cron(str(asked.get("expression", "")), asked.get("timeZone") or "UTC")
    return _recurrence(asked)


def _cron(expression: str, zone: str) -> CronTrigger:
    found = re.fullmatch(r"(\S+) (\S+) (\S+) (\S+) (\S+)", expression.strip())
    if found is None:
        raise invalid(f"Invalid cron expression `{expression}`.", "UserError")
    minute, hour, day, month, weekday = found.groups()
    # NCrontab counts days from Sunday as 0, APScheduler from Monday.
    days = re.sub(r"(?<!/)\b[0-7]\b", lambda one: _WEEKDAYS[int(one[0])], weekday.lower())
    try:
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month.lower(),
            day_of_week=days,
            timezone=_zone(zone),
        )
    except (ValueError, LookupError) as error:
        raise invalid(f"Invalid cron expression `{expression}`: {error}", "UserError") from None


def _zone(name: str) -> ZoneInfo:
    # Azure ML names zones as Windows does; the one that both have is UTC.
    return ZoneInfo(name) if "/" in name or name == "UTC" else ZoneInfo("UTC")


def _recurrence(asked: Body) -> BaseTrigger | timedelta:
    frequency, interval = asked.get("frequency"), int(asked.get("interval") or 0)
    if interval < 1:
        raise invalid("A recurrence needs an `interval`.", "UserError")
    plan: Body = asked.get("schedule") or {}
    if not plan or frequency in {"Minute", "Hour"}:
        if frequency not in _STEPS:
            raise invalid(f"A recurrence by `{frequency}` needs a `schedule`.", "UserError")
        return timedelta(**{_STEPS[frequency]: interval})
    days = ",".join(str(one)[:3].lower() for one in plan.get("weekDays") or []) or "*"
    month_days = ",".join(map(str, plan.get("monthDays") or [])) or "*"
    return CronTrigger(
        minute=",".join(map(str, plan.get("minutes") or [0])),
        hour=",".join(map(str, plan.get("hours") or [0])),
        day=month_days if frequency == "Month" else "*",
        day_of_week=days if frequency == "Week" else "*",
        timezone=_zone(asked.get("timeZone") or "UTC"),
    )


def _following(record: Record, after: datetime) -> datetime | None:
    trigger = trigger_of(record.properties["trigger"])
    if isinstance(trigger, timedelta):
        begun = _moment(record)
        steps = max(1, (after - begun) // trigger + 1)
        return begun + steps * trigger
    return trigger.get_next_fire_time(None, after + timedelta(microseconds=1))


def _moment(record: Record) -> datetime:
    asked = record.properties["trigger"].get("startTime") or record.body["systemData"]["createdAt"]
    found = datetime.fromisoformat(asked)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def due(world: World, start: datetime, end: datetime) -> Iterator[Due]:
    """Yield what is due between two moments."""
    for record in world.store.of_type(TYPE):
        moment = _following(record, start)
        last = record.properties["trigger"].get("endTime")
        while moment is not None and moment <= end:
            if last is None or stamp(moment) <= last:
                yield moment, partial(_fired, world, record, moment)
            moment = _following(record, moment)


def fire(world: World, name: str) -> Body | None:
    """Do what a schedule does, now; None when it is no schedule's id or name."""
    for record in world.store.of_type(TYPE):
        if name in {record.id, record.name}:
            return _fired(world, record, world.clock.now())
    return None


def _fired(world: World, record: Record, moment: datetime) -> Body:
    told = {"schedule": record.id, "time": stamp(moment)}
    if not record.properties.get("isEnabled", True):
        return {**told, "skipped": "disabled"}
    action: Body = record.properties["action"]
    if action["actionType"] != "CreateJob":
        return {**told, "skipped": action["actionType"]}
    try:
        return {**told, "started": _start(world, record, action, moment).id}
    except CloudError as error:
        return {**told, "error": error.message}


def _start(world: World, record: Record, action: Body, moment: datetime) -> Record:
    definition = copy.deepcopy(action["jobDefinition"])
    # Azure ML names the job of a schedule by the schedule and the time.
    own = f"{record.name}-{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    count = sum(one.hidden.get("schedule") == record.name for one in world.store.of_type(jobs.JOBS))
    place = f"{workspace_of(record.id)}/jobs/{own}"
    if world.store.get(place) is not None:
        place = f"{place}-{count}"
    who = record.body["systemData"]["createdBy"]
    marks = {"azureml.scheduleName": record.name, "azureml.scheduledTime": stamp(moment)}
    job = jobs.make(world, place, definition, who, **marks)
    job.hidden["schedule"] = record.name
    return job


def _delete(world: World, call: Call) -> Answer:
    record = world.store.get(call.at.id)
    if record is not None and record.properties.get("isEnabled", True):
        raise conflict(f"Schedule '{record.name}' is enabled; disable it before it is deleted.")
    return standard.delete(world, call)


PARTS = (
    Part(
        "schedules",
        {f"{TYPE}.put": _put, f"{TYPE}.delete": _delete},
        "start jobs when the clock moves; what they start stays as it is; an enabled one is not"
        " deleted",
    ),
)
