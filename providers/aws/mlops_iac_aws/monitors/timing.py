"""When Model Monitor checks: on the hour, every so many hours, or once a day.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
"""

from datetime import timedelta

from mlops_iac.cron import cron_values
from mlops_iac.specs import Cron, Every

HOURLY = "cron(0 * ? * * *)"
_DAY_HOURS = 24
_HOUR = timedelta(hours=1)


def expression(schedule: Cron | Every) -> str | None:
    """Return a schedule as Model Monitor takes it, `None` where it cannot express it."""
    hours = _hours_of_period(schedule.every) if isinstance(schedule, Every) else _hours(schedule)
    return None if hours is None else _written(hours)


def hours_between(schedule: Cron | Every) -> int:
    """Return the hours between two checks of a schedule that Model Monitor can express."""
    hours = _hours_of_period(schedule.every) if isinstance(schedule, Every) else _hours(schedule)
    return _DAY_HOURS // len(hours) if hours else 1


def _hours_of_period(period: timedelta) -> tuple[int, ...] | None:
    whole = period // _HOUR
    # A period that does not divide the day would begin anew each midnight.
    if period % _HOUR or not whole or whole > _DAY_HOURS or _DAY_HOURS % whole:
        return None
    return tuple(range(0, _DAY_HOURS, whole))


def _hours(schedule: Cron) -> tuple[int, ...] | None:
    values = cron_values(schedule.cron)
    others = [values[name] for name in ("day of the month", "month", "day of the week")]
    if schedule.timezone != "UTC" or values["minute"] != (0,) or any(others):
        return None
    hours = values["hour"]
    return tuple(range(_DAY_HOURS)) if hours is None else hours


def _written(hours: tuple[int, ...]) -> str | None:
    start, step = hours[0], _DAY_HOURS // len(hours)
    if hours != tuple(range(start, _DAY_HOURS, step)) or len(hours) * step != _DAY_HOURS:
        return None
    if step == 1:
        return HOURLY
    return f"cron(0 {start if step == _DAY_HOURS else f'{start}/{step}'} ? * * *)"
