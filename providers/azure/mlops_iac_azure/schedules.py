"""When a pipeline starts by itself: schedules of Azure ML, whose action is the pipeline job.

Azure ML's own cron knows minutes, hours and days of the week; days of the month are a recurrence,
and months are neither.
https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from mlops_iac import custom
from mlops_iac.cron import cron_values
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import Cron, Every
from mlops_iac_azure import facts, sdk
from mlops_iac_azure.jobs.defining import API, BuiltJob
from mlops_iac_azure.windows_zones import windows_zone

SCHEDULE = "mlops-iac:azure:Schedule"
CREATE_SCHEDULE = f"PUT {facts.ML}/schedules"
_UNITS: tuple[tuple[str, timedelta], ...] = (
    ("Week", timedelta(days=7)),
    ("Day", timedelta(days=1)),
    ("Hour", timedelta(hours=1)),
    ("Minute", timedelta(minutes=1)),
)
"""`frequency` of a recurrence, longest first."""
_HOURS, _MINUTES = tuple(range(24)), tuple(range(60))


def trigger(schedule: Cron | Every) -> dict[str, Any]:
    """Return a schedule as Azure ML's trigger; one that has no problem."""
    if isinstance(schedule, Every):
        found = _recurrence(schedule.every)
        assert found is not None  # noqa: S101  planning refuses others
        return {"triggerType": "Recurrence", "timeZone": "UTC", **found}
    zone = windows_zone(schedule.timezone)
    values = cron_values(schedule.cron)
    if values["day of the month"] is None:
        fields = [_field(each) for each in values.values()]
        return {"triggerType": "Cron", "timeZone": zone, "expression": " ".join(fields)}
    days = {
        "monthDays": [*(values["day of the month"] or ())],
        "hours": [*(values["hour"] or _HOURS)],
        "minutes": [*(values["minute"] or _MINUTES)],
    }
    whole = {"frequency": "Month", "interval": 1, "schedule": days}
    return {"triggerType": "Recurrence", "timeZone": zone, **whole}


def schedule_problems(component: str, schedule: Cron | Every | None) -> Iterator[Problem]:
    """Yield what Azure ML cannot express in a schedule."""
    if isinstance(schedule, Every) and _recurrence(schedule.every) is None:
        yield Problem(
            code="schedule.period",
            component=component,
            field="schedule.every",
            value=str(schedule.every),
            message="Azure ML starts every so many minutes, and this period is none of them",
            rule="whole minutes, hours, days or weeks",
            remedy="set `every` to `15m`, `6h` or `1d`, for example",
        )
    if not isinstance(schedule, Cron):
        return
    if windows_zone(schedule.timezone) is None:
        yield Problem(
            code="schedule.time-zone",
            component=component,
            field="schedule.timezone",
            value=schedule.timezone,
            message=f"Azure ML knows no time zone `{schedule.timezone}`",
            rule="those of Windows' time zones that Azure ML takes",
            remedy="name a larger city of the same time, such as `Europe/Berlin`, or `UTC`",
        )
    if cron_values(schedule.cron)["month"] is not None:
        yield Problem(
            code="schedule.months",
            component=component,
            field="schedule.cron",
            value=schedule.cron,
            message="Azure ML takes every month for `*`: it would start in each of them",
            rule="minutes, hours, and days of the week or of the month",
            remedy="leave the months out: `*` in the fourth field",
        )


def register_schedule(
    context: BuildContext, schedule: Cron | Every, job: BuiltJob
) -> sdk.pulumi.CustomResource:
    """Register when the component's own pipeline starts by itself."""
    made = job.definition
    definition = made.pipeline_job()
    properties = {
        "displayName": made.name,
        "description": definition["description"],
        "isEnabled": True,
        "tags": context.tags,
        "properties": {},
        "trigger": trigger(schedule),
        # Each run that a schedule starts is kept by its own id: it is told no key.
        "action": {"actionType": "CreateJob", "jobDefinition": definition},
    }
    name = schedule_name(context, context.component)
    where = {"resourceGroupName": facts.group(context), "workspaceName": facts.workspace(context)}
    request = {
        "api": API,
        "operation": CREATE_SCHEDULE,
        "params": {**where, "name": name},
        "body": {"properties": properties},
    }
    return custom.register(
        SCHEDULE,
        context.name("schedule"),
        {"name": name, "requests": [request]},
        outputs=("path",),
        opts=context.opts("schedule", depends_on=[*job.resources]),
    )


def schedule_name(scope: Scope, component: str) -> str:
    """Return the name of a component's schedule in the workspace."""
    return facts.asset(scope, component)


def _recurrence(period: timedelta) -> dict[str, Any] | None:
    """Return a period in the largest unit that holds it; `None` when no unit does."""
    for name, unit in _UNITS:
        if period >= unit and not period % unit:
            return {"frequency": name, "interval": period // unit}
    return None


def _field(values: Sequence[int] | None) -> str:
    return "*" if values is None else ",".join(_runs(values))


def _runs(values: Sequence[int]) -> Iterator[str]:
    """Yield values as single numbers and as ranges."""
    starts = [values[0], *(b for a, b in pairwise(values) if b != a + 1)]
    ends = [*(a for a, b in pairwise(values) if b != a + 1), values[-1]]
    for start, end in zip(starts, ends, strict=True):
        yield str(start) if start == end else f"{start}-{end}"
