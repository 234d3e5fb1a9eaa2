"""When a pipeline starts by itself: schedules of Vertex AI, which `pulumi-gcp` files under Colab.

One dialect of cron is declared, and the classic one is Vertex AI's too; the time zone stands
before it. discovery aiplatform.v1, Schedule.cron.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from mlops_iac.cron import cron_values
from mlops_iac.provider import BuildContext, Problem
from mlops_iac.specs import Cron, Every
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.jobs.defining import BuiltJob

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_WEEK = timedelta(days=7)


def expression(schedule: Cron | Every) -> str:
    """Return a schedule as Vertex AI writes it: `TZ=Europe/Berlin 0 3 * * 1`."""
    if isinstance(schedule, Every):
        return f"TZ=UTC {_period(schedule.every)}"
    fields = [_field(values) for values in cron_values(schedule.cron).values()]
    return f"TZ={schedule.timezone} {' '.join(fields)}"


def schedule_problems(component: str, schedule: Cron | Every | None) -> Iterator[Problem]:
    """Yield what cron cannot express in a schedule."""
    if isinstance(schedule, Every) and _period(schedule.every) is None:
        yield Problem(
            code="schedule.period",
            component=component,
            field="schedule.every",
            value=str(schedule.every),
            message="Vertex AI starts at times of the clock, and this period does not divide it",
            rule="minutes that divide an hour, hours that divide a day, `1d` or `7d`",
            remedy="set `every` to `15m`, `6h` or `1d`, for example",
        )


def register_schedule(context: BuildContext, schedule: Cron | Every, job: BuiltJob) -> Any:
    """Register when the component's own pipeline starts by itself; one run at a time."""
    vertex = sdk.gcp.colab
    made = job.definition
    body = made.pipeline_job()
    runtime: Mapping[str, Any] = body["runtimeConfig"]
    pipeline_job = vertex.ScheduleCreatePipelineJobRequestPipelineJobArgs(
        display_name=body["displayName"],
        labels=body["labels"],
        pipeline_spec=sdk.pulumi.Output.json_dumps(made.pipeline, sort_keys=True),
        runtime_config=vertex.ScheduleCreatePipelineJobRequestPipelineJobRuntimeConfigArgs(
            gcs_output_directory=runtime["gcsOutputDirectory"],
            failure_policy=runtime["failurePolicy"],
            # Each run that a schedule starts is kept by its own id.
            parameter_values={},
        ),
        service_account=body["serviceAccount"],
        encryption_spec=_encryption(body),
        psc_interface_config=_network(body),
    )
    return vertex.Schedule(
        context.name("schedule"),
        display_name=context.physical_name(names.DISPLAY, context.component),
        location=facts.region(context),
        project=facts.project(context),
        cron=expression(schedule),
        max_concurrent_run_count="1",
        allow_queueing=False,
        desired_state="ACTIVE",
        create_pipeline_job_request=vertex.ScheduleCreatePipelineJobRequestArgs(
            parent=facts.location(context), pipeline_job=pipeline_job
        ),
        opts=context.opts("schedule", depends_on=[*job.resources]),
    )


def _encryption(body: Mapping[str, Any]) -> Any:
    if "encryptionSpec" not in body:
        return None
    return sdk.gcp.colab.ScheduleCreatePipelineJobRequestPipelineJobEncryptionSpecArgs(
        kms_key_name=body["encryptionSpec"]["kmsKeyName"]
    )


def _network(body: Mapping[str, Any]) -> Any:
    if "pscInterfaceConfig" not in body:
        return None
    return sdk.gcp.colab.ScheduleCreatePipelineJobRequestPipelineJobPscInterfaceConfigArgs(
        network_attachment=body["pscInterfaceConfig"]["networkAttachment"]
    )


def _period(period: timedelta) -> str | None:
    """Return a period as cron; `None` when no field of cron holds it."""
    if period == _WEEK:
        return "0 0 * * 0"
    if period == _DAY:
        return "0 0 * * *"
    for unit, whole, form in ((_MINUTE, _HOUR, "*/{} * * * *"), (_HOUR, _DAY, "0 */{} * * *")):
        if unit <= period < whole and not period % unit and not whole % period:
            return form.format(period // unit)
    return None


def _field(values: Sequence[int] | None) -> str:
    return "*" if values is None else ",".join(_runs(values))


def _runs(values: Sequence[int]) -> Iterator[str]:
    """Yield values as single numbers and as ranges."""
    starts = [values[0], *(b for a, b in pairwise(values) if b != a + 1)]
    ends = [*(a for a, b in pairwise(values) if b != a + 1), values[-1]]
    for start, end in zip(starts, ends, strict=True):
        yield str(start) if start == end else f"{start}-{end}"
