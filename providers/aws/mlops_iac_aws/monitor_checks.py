"""What Model Monitor refuses in a monitor."""

from collections.abc import Iterator
from typing import Any

from mlops_iac.job_rules import baseline_problems
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import ModelEndpoint, ModelMonitor
from mlops_iac_aws.compute import Use, compute_problems
from mlops_iac_aws.jobs.images import mixed_images
from mlops_iac_aws.monitors import timing

TIMEOUT_SECONDS = 86_400
"""botocore sagemaker `MonitoringStoppingCondition.MaxRuntimeInSeconds`."""
HOURLY_TIMEOUT_SECONDS = 3600
"""`API_MonitoringStoppingCondition`: an hourly check ends before the next."""
_SCHEDULES = (
    "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html"
)


def monitor_problems(spec: ModelMonitor, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a monitor on SageMaker."""
    yield from compute_problems(spec.name, spec.compute, Use.PROCESSING, scope.target.region)
    yield from _schedule(spec)
    yield from _timeout(spec)
    yield from baseline_problems(spec, scope.specs)
    endpoint = scope.specs.get(str(spec.endpoint))
    if isinstance(endpoint, ModelEndpoint):
        yield from mixed_images(spec, "endpoint", str(endpoint.model.name), scope)


def _problem(spec: ModelMonitor, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=f"monitor.{code}", component=spec.name, field=field, **said)


def _schedule(spec: ModelMonitor) -> Iterator[Problem]:
    if timing.expression(spec.schedule) is None:
        yield _problem(
            spec,
            "schedule",
            "schedule",
            value=spec.schedule.model_dump(mode="json"),
            message="Model Monitor checks every hour, every so many hours, or once a day",
            rule=f"a period that divides the day into whole hours, in UTC: {_SCHEDULES}",
            remedy='write `{every: 1h}`, `{every: 6h}` or `{cron: "0 3 * * *"}`',
        )


def _timeout(spec: ModelMonitor) -> Iterator[Problem]:
    is_hourly = timing.expression(spec.schedule) == timing.HOURLY
    limit = HOURLY_TIMEOUT_SECONDS if is_hourly else TIMEOUT_SECONDS
    if not 1 <= spec.timeout.total_seconds() <= limit:
        yield _problem(
            spec,
            "timeout",
            "timeout",
            value=str(spec.timeout),
            message=f"Model Monitor ends {'an hourly' if is_hourly else 'a'} check after {limit} s",
            rule=f"1 to {limit} seconds",
            remedy="set a shorter `timeout`, or check less often",
        )
