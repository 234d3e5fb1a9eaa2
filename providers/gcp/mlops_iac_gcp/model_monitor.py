"""Monitors on Google Cloud: a scheduled pipeline that judges logged traffic, a metric, an alert.

The judgement is the runtime's, the same as on every target: Vertex AI's own model monitoring has
other distances, no truth and no baseline of the served version.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from mlops_iac.data_flow import data_needs
from mlops_iac.jobs.defining import Job, after
from mlops_iac.outputs import ModelMonitorOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ModelMonitor
from mlops_iac_gcp import facts, place, sdk
from mlops_iac_gcp.grants import MONITOR_PERMISSIONS, TRAFFIC_READER
from mlops_iac_gcp.jobs.defining import BuiltJob, register_job
from mlops_iac_gcp.loop_rights import add_topic, let_do, let_publish, let_write, worker
from mlops_iac_gcp.monitor_checks import monitor_problems
from mlops_iac_gcp.monitor_steps import (
    capture_dataset,
    metric_type,
    monitor_steps,
    topic_id,
)
from mlops_iac_gcp.monitors.telling import ALARM, FINDING
from mlops_iac_gcp.schedules import register_schedule

_AGENT, _NOTIFIER = "gcp-sa-aiplatform", "gcp-sa-monitoring-notification"
"""Service agents: https://cloud.google.com/monitoring/support/notification-options#pubsub"""
_LAUNCH_SECONDS = 1800
"""What a check may take beside its job: waiting for machines, taking the traffic out."""
_POINT_SECONDS = 60


class ModelMonitorAdapter:
    """Maps `ModelMonitor`; see `docs/mappings/gcp/model_monitor.md`."""

    def check(self, spec: ModelMonitor, scope: Scope) -> Iterable[Problem]:
        """Return what Vertex AI would refuse."""
        return monitor_problems(spec, scope)

    def build(self, spec: ModelMonitor, context: BuildContext) -> ModelMonitorOutputs:
        """Register the pipeline that checks, its schedule, the alert, and who listens to it."""
        topic = add_topic(context, topic_id(context, spec.name))
        channel = _channel(spec, context, topic)
        alert = _alert(spec, context, channel)
        built = _checking(spec, context, [*_rights(spec, context, topic, channel), alert])
        schedule = register_schedule(context, spec.schedule, built)
        known = sdk.pulumi.Output.from_input
        return ModelMonitorOutputs(
            native_id=schedule.id,
            console_url=known(facts.console(context, "vertex-ai/pipelines/schedules")),
            monitor_name=known(built.definition.name),
            reports=known(facts.address(context, place.reports_prefix(spec.name))),
        )


def _checking(
    spec: ModelMonitor, context: BuildContext, needs: list[sdk.pulumi.Resource]
) -> BuiltJob:
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
        uploads=[*needs, *after(context, [str(spec.endpoint)])],
    )
    return register_job(job, context, None)


def _rights(
    spec: ModelMonitor,
    context: BuildContext,
    topic: sdk.gcp.pubsub.Topic,
    channel: sdk.gcp.monitoring.NotificationChannel,
) -> list[sdk.pulumi.Resource]:
    """Register who may read the traffic, keep reports, write the metric and publish."""
    agent = context.built_platform.native["vertex_agent"].apply(_notifier)
    who = worker(context)
    return [
        sdk.gcp.bigquery.DatasetIamMember(
            context.name("reader"),
            dataset_id=capture_dataset(context, str(spec.endpoint)),
            project=facts.project(context),
            role=TRAFFIC_READER,
            member=who,
            opts=context.opts("endpoint", depends_on=after(context, [str(spec.endpoint)])),
        ),
        let_write(context, place.reports_prefix(spec.name)),
        let_do(context, "checking", MONITOR_PERMISSIONS, who),
        let_publish(context, "check", topic, who),
        # Google makes this agent with the project's first channel of this type.
        let_publish(context, "alert", topic, agent, [channel]),
    ]


def _notifier(vertex_agent: str) -> str:
    """Return who publishes alerts: its address differs from another agent's in one word."""
    return f"serviceAccount:{vertex_agent.replace(_AGENT, _NOTIFIER)}"


def _channel(
    spec: ModelMonitor, context: BuildContext, topic: sdk.gcp.pubsub.Topic
) -> sdk.gcp.monitoring.NotificationChannel:
    return sdk.gcp.monitoring.NotificationChannel(
        context.name("channel"),
        type="pubsub",
        display_name=topic_id(context, spec.name),
        description=f"Alarms of {spec.name}",
        project=facts.project(context),
        labels={"topic": topic.id},
        user_labels=facts.labels(context),
        opts=context.opts("name"),
    )


def _metric(spec: ModelMonitor, context: BuildContext) -> sdk.gcp.monitoring.MetricDescriptor:
    """Register the metric: no alert may name one that is not there."""
    return sdk.gcp.monitoring.MetricDescriptor(
        context.name("metric"),
        type=metric_type(context, spec.name),
        project=facts.project(context),
        display_name=f"Findings of {spec.name}",
        description=f"Findings of monitor {spec.name} of {context.project} ({context.stack})",
        metric_kind="GAUGE",
        value_type="DOUBLE",
        labels=[
            sdk.gcp.monitoring.MetricDescriptorLabelArgs(
                key=FINDING,
                value_type="STRING",
                description="`alarm`, `rows`, or the signal whose value it is",
            )
        ],
        opts=context.opts("name"),
    )


def _alert(
    spec: ModelMonitor,
    context: BuildContext,
    channel: sdk.gcp.monitoring.NotificationChannel,
) -> sdk.gcp.monitoring.AlertPolicy:
    """Register the one alert of a monitor: any signal raises it, a quiet check closes it."""
    monitoring = sdk.gcp.monitoring
    asked = (
        f'metric.type="{metric_type(context, spec.name)}" AND resource.type="global" '
        f'AND metric.labels.{FINDING}="{ALARM}"'
    )
    condition = monitoring.AlertPolicyConditionConditionThresholdArgs(
        filter=asked,
        comparison="COMPARISON_GT",
        threshold_value=0.5,
        duration="0s",
        aggregations=[
            monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                alignment_period=f"{_POINT_SECONDS}s", per_series_aligner="ALIGN_MAX"
            )
        ],
    )
    signals = ", ".join(signal.value for signal in spec.signals)
    return monitoring.AlertPolicy(
        context.name("alert"),
        display_name=f"{context.project} {context.stack} {spec.name}",
        project=facts.project(context),
        combiner="OR",
        severity="WARNING",
        documentation=monitoring.AlertPolicyDocumentationArgs(
            content=f"`{spec.name}` watches {signals}. Reports: "
            f"{facts.address(context, place.reports_prefix(spec.name))}",
            mime_type="text/markdown",
        ),
        conditions=[
            monitoring.AlertPolicyConditionArgs(
                display_name=f"{spec.name} raises the alarm", condition_threshold=condition
            )
        ],
        notification_channels=[channel.name],
        user_labels=facts.labels(context),
        opts=context.opts("signals", depends_on=[_metric(spec, context)]),
    )
