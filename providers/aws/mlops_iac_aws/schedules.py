"""When a pipeline starts by itself: schedules of EventBridge Scheduler.

One dialect of cron is declared; AWS's has a year, numbers Sunday 1, and wants `?` for one of the
two days. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from mlops_iac.cron import cron_values
from mlops_iac.provider import BuildContext, Problem
from mlops_iac.specs import Cron, Every
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.grants import SCHEDULE_READER
from mlops_iac_aws.identities import identity_policy

EXPRESSION_LIMIT = 256
"""botocore scheduler `CreateSchedule`."""
_UNITS = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)
_WEEK = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_DAY, _WEEKDAY = "day of the month", "day of the week"


def expression(schedule: Cron | Every) -> str:
    """Return a schedule as EventBridge writes it: `cron(0 3 ? * MON *)`, `rate(2 hours)`."""
    if isinstance(schedule, Every):
        return _rate(schedule.every)
    fields = {name: _field(name, values) for name, values in cron_values(schedule.cron).items()}
    # One of the two days must be `?`; the declaration names at most one of them.
    fields[_WEEKDAY if fields[_WEEKDAY] == "*" else _DAY] = "?"
    return f"cron({' '.join(fields.values())} *)"


def zone(schedule: Cron | Every) -> str:
    """Return the time zone that a schedule's hours are of."""
    return schedule.timezone if isinstance(schedule, Cron) else "UTC"


def schedule_problems(component: str, schedule: Cron | Every | None) -> Iterator[Problem]:
    """Yield what EventBridge Scheduler cannot express in a schedule."""
    if isinstance(schedule, Every) and schedule.every % timedelta(minutes=1):
        yield Problem(
            code="schedule.period",
            component=component,
            field="schedule.every",
            value=str(schedule.every),
            message="EventBridge Scheduler counts whole minutes",
            rule="one minute or more, without seconds",
            remedy="set `every` to `1m`, `15m`, `6h` or `1d`, for example",
        )
    elif schedule is not None and len(expression(schedule)) > EXPRESSION_LIMIT:
        yield Problem(
            code="schedule.too-long",
            component=component,
            field="schedule.cron",
            value=expression(schedule),
            message="the schedule names too many single moments",
            rule=f"EventBridge Scheduler takes an expression of {EXPRESSION_LIMIT} characters",
            remedy="use ranges and steps, or fewer values",
        )


def register_schedule(
    context: BuildContext,
    schedule: Cron | Every,
    pipeline: sdk.pulumi.Resource,
    parameters: Mapping[str, sdk.pulumi.Input[str]],
    role: sdk.aws.iam.Role,
) -> sdk.aws.scheduler.Schedule:
    """Register when the component's own pipeline starts by itself.

    Args:
        context: the component.
        schedule: when; nothing that `schedule_problems` refuses.
        pipeline: its pipeline, which must be there before.
        parameters: values of the pipeline's parameters.
        role: from `events.starter_role(…, by=[SCHEDULER_PRINCIPAL])`.
    """
    target = sdk.aws.scheduler.ScheduleTargetArgs(
        arn=place.pipeline_arn(context, context.component),
        role_arn=role.arn,
        sagemaker_pipeline_parameters=sdk.aws.scheduler.ScheduleTargetSagemakerPipelineParametersArgs(
            pipeline_parameters=[
                sdk.aws.scheduler.ScheduleTargetSagemakerPipelineParametersPipelineParameterArgs(
                    name=name, value=value
                )
                for name, value in parameters.items()
            ]
        ),
    )
    return sdk.aws.scheduler.Schedule(
        context.name("schedule"),
        name=names.schedule(context, context.component),
        description=f"Starts {context.component} of {context.project} in {context.stack}",
        schedule_expression=expression(schedule),
        schedule_expression_timezone=zone(schedule),
        flexible_time_window=sdk.aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        kms_key_arn=_key(context, role),
        target=target,
        opts=context.opts("schedule", depends_on=[pipeline]),
    )


def _key(context: BuildContext, role: sdk.aws.iam.Role) -> sdk.pulumi.Output[str | None] | None:
    """Return the key that a schedule is encrypted with; the role reads it to deliver.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/encryption-rest.html
    """
    if context.platform.encryption.mode == "managed":
        return None
    sdk.aws.iam.RolePolicy(
        context.name("schedule-key-policy"),
        name="read-schedule",
        role=role.name,
        policy=identity_policy(context, SCHEDULE_READER),
        opts=context.opts("schedule"),
    )
    return context.built_platform.encryption_key


def _rate(period: timedelta) -> str:
    unit, length = next((name, size) for name, size in _UNITS if not period % size)
    count = period // length
    return f"rate({count} {unit}{'' if count == 1 else 's'})"


def _field(name: str, values: Sequence[int] | None) -> str:
    if values is None:
        return "*"
    if name == _WEEKDAY:
        return ",".join(_WEEK[value] for value in values)
    return ",".join(_runs(values))


def _runs(values: Sequence[int]) -> Iterator[str]:
    """Yield values as single numbers and as ranges."""
    starts = [values[0], *(b for a, b in pairwise(values) if b != a + 1)]
    ends = [*(a for a, b in pairwise(values) if b != a + 1), values[-1]]
    for start, end in zip(starts, ends, strict=True):
        yield str(start) if start == end else f"{start}-{end}"
