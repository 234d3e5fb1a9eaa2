"""A monitor's parts: the job that checks, its schedule, its alert, and who may do what."""

from __future__ import annotations

from functools import partial

import pulumi

from mlops_iac.data_flow import data_needs
from mlops_iac.jobs.defining import Job, after
from mlops_iac.outputs import ModelMonitorOutputs
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ModelMonitor
from mlops_iac_azure import facts, place
from mlops_iac_azure.frame.alerts import add_alert
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.loop_rights import (
    Rights,
    let_do,
    let_read_captures,
    let_write,
    worker,
)
from mlops_iac_azure.jobs.defining import BuiltJob, register_job
from mlops_iac_azure.loop_grants import TELL_ACTIONS, WATCH_ACTIONS, WRITE_METRICS
from mlops_iac_azure.monitor_steps import monitor_steps, tag_of
from mlops_iac_azure.monitors.telling import ALARM, COMPONENT, FINDING, FINDINGS
from mlops_iac_azure.schedules import register_schedule

_LAUNCH_SECONDS = 1800
"""What a check may take beside its judgement: waiting for machines, keeping the report."""


def build_monitor(spec: ModelMonitor, context: BuildContext) -> ModelMonitorOutputs:
    """Register one monitor."""
    _alert(spec, context)
    built = _checking(spec, context, _rights(spec, context))
    schedule = register_schedule(context, spec.schedule, built)
    return ModelMonitorOutputs(
        native_id=schedule.id,
        console_url=known(facts.console(context, "schedules")),
        monitor_name=known(built.definition.name),
        reports=known(facts.address(context, place.reports_prefix(spec.name))),
    )


def _checking(spec: ModelMonitor, context: BuildContext, rights: list[pulumi.Resource]) -> BuiltJob:
    baseline = [] if spec.baseline is None else [spec.baseline]
    job = Job(
        spec=spec,
        build=partial(monitor_steps, spec, context),
        description=f"watches {spec.endpoint}",
        field="signals",
        key=None,
        timeout_seconds=int(spec.timeout.total_seconds()) + _LAUNCH_SECONDS,
        is_kept_by_execution=True,
        needs=[str(spec.endpoint), *data_needs(baseline, context.specs)],
        uploads=[*rights, *after(context, [str(spec.endpoint)])],
    )
    return register_job(job, context, None)


def _rights(spec: ModelMonitor, context: BuildContext) -> list[pulumi.Resource]:
    """Register who may read the traffic, keep reports, write the metric and tag the run."""
    judge, teller = worker(context, Purpose.TRAINING), worker(context)
    telling = Rights(actions=TELL_ACTIONS, data=WRITE_METRICS)
    return [
        let_read_captures(context, str(spec.endpoint), judge),
        let_do(context, "watching", Rights(actions=WATCH_ACTIONS), judge),
        let_write(context, place.reports_prefix(spec.name), teller),
        let_do(context, "telling", telling, teller),
    ]


def _alert(spec: ModelMonitor, context: BuildContext) -> None:
    signals = ", ".join(signal.value for signal in spec.signals)
    add_alert(
        context,
        FINDINGS,
        {COMPONENT: [tag_of(context, spec.name)], FINDING: [ALARM]},
        f"{spec.name} watches {signals}; its reports lie in "
        f"{facts.address(context, place.reports_prefix(spec.name))}",
    )
