"""From a schedule to APScheduler's trigger, and which moment of it is due."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from mlops_iac.cron import cron_values

GRACE = timedelta(days=7)
"""A moment that passed while nothing ran is made good for so long."""

_NAMES = ("minute", "hour", "day", "month", "day_of_week")
"""APScheduler's names of cron's fields, in cron's order."""
_INSTANT = timedelta(microseconds=1)


def trigger_of(schedule: Mapping[str, Any]) -> BaseTrigger:
    """Return the trigger of a schedule; periods are counted from its `since`."""
    declared = schedule["trigger"]
    if "cron" in declared:
        return CronTrigger(**cron_fields(declared["cron"]), timezone=declared["timezone"])
    period = timedelta(seconds=declared["every_s"])
    first = datetime.fromisoformat(schedule["since"]) + period
    return IntervalTrigger(seconds=declared["every_s"], start_date=first, timezone="UTC")


def due(schedule: Mapping[str, Any], after: datetime, now: datetime) -> datetime | None:
    """Return the latest moment of a schedule in (`after`, `now`]; one stands for all missed.

    `None` when there is none, or only ones that are older than `GRACE`.
    """
    declared, oldest = schedule["trigger"], max(after, now - GRACE)
    if "cron" not in declared:
        since, period = datetime.fromisoformat(schedule["since"]), declared["every_s"]
        latest = since + timedelta(seconds=(now - since).total_seconds() // period * period)
        return latest if latest > max(oldest, since) else None
    trigger, found = trigger_of(schedule), None
    while (moment := trigger.get_next_fire_time(None, oldest + _INSTANT)) and moment <= now:
        found = oldest = moment
    return found


def cron_fields(expression: str) -> dict[str, str]:
    """Return a cron expression as APScheduler's fields, every value written out.

    APScheduler's own dialect counts weekdays from Monday and refuses steps that cron takes.
    """
    values = cron_values(expression).values()
    return {
        name: "*" if found is None else _written_out(name, found)
        for name, found in zip(_NAMES, values, strict=True)
    }


def _written_out(name: str, values: Sequence[int]) -> str:
    shifted = [(value - 1) % 7 for value in values] if name == "day_of_week" else values
    return ",".join(str(value) for value in sorted(shifted))
