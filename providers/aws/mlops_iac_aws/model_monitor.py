"""Monitors on AWS: schedules of Model Monitor whose container is ours, and one alarm.

SageMaker finds what the endpoint captured, starts the check, merges the truth and publishes the
metrics; the judgement is the runtime's, the same as on every target.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.outputs import ModelMonitorOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import ModelMonitor
from mlops_iac.specs.model_monitor import Signal
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.monitor_checks import monitor_problems
from mlops_iac_aws.monitor_jobs import job_definition
from mlops_iac_aws.monitors import timing
from mlops_iac_aws.objects import after, after_platform

ALARM_METRIC = "alarm"
"""Metric of the runtime's check: 1 when a signal raises the alarm."""
_PERIOD_SECONDS = 3600


@dataclass(frozen=True)
class Part:
    """The signals of a monitor that one of Model Monitor's types can serve."""

    name: str
    type: str
    namespace: str
    """Where SageMaker publishes its metrics; `sagemaker.dashboards` of the Python SDK names it."""
    signals: frozenset[Signal]


PARTS: Sequence[Part] = (
    Part(
        "data",
        "DataQuality",
        "aws/sagemaker/Endpoints/data-metrics",
        frozenset({Signal.DATA_QUALITY, Signal.DATA_DRIFT, Signal.PREDICTION_DRIFT}),
    ),
    # Only this type waits for the truth and merges it.
    Part(
        "quality",
        "ModelQuality",
        "aws/sagemaker/Endpoints/model-metrics",
        frozenset({Signal.MODEL_QUALITY}),
    ),
)


class ModelMonitorAdapter:
    """Maps `ModelMonitor`; see `docs/mappings/aws/model_monitor.md`."""

    def check(self, spec: ModelMonitor, scope: Scope) -> Iterable[Problem]:
        """Return what Model Monitor would refuse."""
        return monitor_problems(spec, scope)

    def build(self, spec: ModelMonitor, context: BuildContext) -> ModelMonitorOutputs:
        """Register the schedules, the alarm, and the topic that people listen to."""
        schedules = [_schedule(spec, part, context) for part in parts_of(spec)]
        _alarm(spec, context, _topic(spec, context))
        return ModelMonitorOutputs(
            native_id=schedules[0].arn,
            console_url=sdk.pulumi.Output.from_input(
                place.console(context, f"endpoints/{names.endpoint(context, str(spec.endpoint))}")
            ),
            monitor_name=sdk.pulumi.Output.from_input(schedule_names(spec, context)[0]),
            reports=sdk.pulumi.Output.from_input(place.reports_prefix(context, spec.name)),
        )


def parts_of(spec: ModelMonitor) -> list[Part]:
    """Return the parts that a monitor's signals ask for."""
    return [part for part in PARTS if part.signals.intersection(spec.signals)]


def schedule_names(spec: ModelMonitor, scope: Scope) -> list[str]:
    """Return the names of a monitor's schedules."""
    return [names.monitoring_schedule(scope, spec.name, part.name) for part in parts_of(spec)]


def _schedule(
    spec: ModelMonitor, part: Part, context: BuildContext
) -> sdk.aws.sagemaker.MonitoringSchedule:
    signals = [signal for signal in spec.signals if signal in part.signals]
    definition = job_definition(spec, part.name, signals, context)
    name = names.monitoring_schedule(context, spec.name, part.name)
    written = timing.expression(spec.schedule)
    assert written is not None  # noqa: S101  planning refused what cannot be expressed
    config = sdk.aws.sagemaker.MonitoringScheduleMonitoringScheduleConfigArgs(
        monitoring_type=part.type,
        monitoring_job_definition_name=definition.job_definition_name.apply(lambda n: n or ""),
        schedule_config=(
            sdk.aws.sagemaker.MonitoringScheduleMonitoringScheduleConfigScheduleConfigArgs(
                schedule_expression=written
            )
        ),
    )
    return sdk.aws.sagemaker.MonitoringSchedule(
        context.name(f"{part.name}-schedule"),
        name=name,
        monitoring_schedule_config=config,
        tags=context.tags,
        opts=context.opts("schedule", depends_on=[definition, *after(context, str(spec.endpoint))]),
    )


def _topic(spec: ModelMonitor, context: BuildContext) -> sdk.aws.sns.Topic:
    is_managed = context.platform.encryption.mode == "managed"
    return sdk.aws.sns.Topic(
        context.name("topic"),
        name=names.topic(context, spec.name),
        # CloudWatch cannot publish under the key that AWS manages for SNS: its policy is fixed.
        kms_master_key_id=None if is_managed else context.built_platform.encryption_key,
        policy=json.dumps(_topic_policy(spec, context)),
        tags=context.tags,
        opts=context.opts("name", depends_on=after_platform(context)),
    )


def _topic_policy(spec: ModelMonitor, context: BuildContext) -> dict[str, Any]:
    topic = place.arn(context, "sns", names.topic(context, spec.name))
    alarm = place.arn(context, "cloudwatch", f"alarm:{alarm_name(spec, context)}")
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TellByAlarm",
                "Effect": "Allow",
                "Principal": {"Service": f"cloudwatch.{place.DNS_SUFFIX}"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": place.account(context)},
                    "ArnEquals": {"aws:SourceArn": alarm},
                },
            },
            {
                "Sid": "OnlyEncrypted",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ],
    }


def alarm_name(spec: ModelMonitor, scope: Scope) -> str:
    """Return the name of a monitor's alarm."""
    return names.alarm(scope, spec.name, ALARM_METRIC)


def _alarm(
    spec: ModelMonitor, context: BuildContext, topic: sdk.aws.sns.Topic
) -> sdk.aws.cloudwatch.MetricAlarm:
    """Register the one alarm of a monitor: any of its checks raises it."""
    parts = parts_of(spec)
    queries = [_query(spec, part, index, context) for index, part in enumerate(parts)]
    either = ", ".join(f"m{index}" for index in range(len(parts)))
    queries.append(
        sdk.aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id="raised", expression=f"MAX([{either}])", label=spec.name, return_data=True
        )
    )
    return sdk.aws.cloudwatch.MetricAlarm(
        context.name("alarm"),
        name=alarm_name(spec, context),
        alarm_description=f"{spec.name}: {', '.join(signal.value for signal in spec.signals)}",
        metric_queries=queries,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1.0,
        evaluation_periods=1,
        # An endpoint that nobody asks has no check with a verdict, and no fault.
        treat_missing_data="notBreaching",
        alarm_actions=[topic.arn],
        ok_actions=[topic.arn],
        tags=context.tags,
        opts=context.opts("signals", depends_on=after_platform(context)),
    )


def _query(
    spec: ModelMonitor, part: Part, index: int, context: BuildContext
) -> sdk.aws.cloudwatch.MetricAlarmMetricQueryArgs:
    return sdk.aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=f"m{index}",
        return_data=False,
        metric=sdk.aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
            namespace=part.namespace,
            metric_name=ALARM_METRIC,
            dimensions=_dimensions(spec, part, context),
            period=_PERIOD_SECONDS,
            stat="Maximum",
        ),
    )


def _dimensions(spec: ModelMonitor, part: Part, scope: Scope) -> Mapping[str, str]:
    return {
        "Endpoint": names.endpoint(scope, str(spec.endpoint)),
        "MonitoringSchedule": names.monitoring_schedule(scope, spec.name, part.name),
    }
