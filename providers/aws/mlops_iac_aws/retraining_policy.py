"""Retraining policies on AWS: an executor that events wake, and the document that it follows.

The executor is a SageMaker pipeline of one processing step; EventBridge starts it, so nothing runs
while nothing happens, and no Lambda is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from mlops_iac.loop.following import endpoint_of, monitor_of, retraining_problems, rules_of
from mlops_iac.outputs import RetrainingPolicyOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.runtime.policy.memory import DOCUMENT
from mlops_iac.specs import (
    Every,
    RetrainingPolicy,
)
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.events import (
    EVENTS_PRINCIPAL,
    SCHEDULER_PRINCIPAL,
    Trigger,
    start_on,
    starter_role,
)
from mlops_iac_aws.jobs.processing import Processing, processing_step
from mlops_iac_aws.jobs.steps import definition, parameters_of
from mlops_iac_aws.jobs.wiring import in_definition, parameter_values
from mlops_iac_aws.layout import policy_prefix
from mlops_iac_aws.model_monitor import alarm_name, schedule_names
from mlops_iac_aws.objects import after, after_platform, register_object
from mlops_iac_aws.schedules import register_schedule
from mlops_iac_aws.to_zero import metric_dimensions

COMMAND = ("python", "-m", "mlops_iac_aws.work", "policy")
TIMEOUT = timedelta(hours=12)
"""The longest rollout takes eight hours."""
LOOKS_EVERY = timedelta(hours=1)
"""How late, at most, something is seen whose event was lost."""
BUDGETED_LOOKS_EVERY = timedelta(minutes=15)
"""A run is stopped at the first look after it has used up what is left."""


class RetrainingPolicyAdapter:
    """Maps `RetrainingPolicy`; see `docs/mappings/aws/retraining_policy.md`."""

    def check(self, spec: RetrainingPolicy, scope: Scope) -> Iterable[Problem]:
        """Find an approval that nobody would ever be asked for, and times without length."""
        return retraining_problems(spec, scope.specs)

    def build(self, spec: RetrainingPolicy, context: BuildContext) -> RetrainingPolicyOutputs:
        """Register the executor, what it follows, and what wakes it."""
        document = _definition(spec, context)
        executor = _executor(spec, context, document)
        values = parameter_values(context, "")
        _wake(spec, context, executor, {n: values[n] for n in parameters_of(document["Steps"])})
        return RetrainingPolicyOutputs(
            native_id=executor.arn,
            console_url=sdk.pulumi.Output.from_input(
                place.console(context, f"pipelines/{names.pipeline(context, spec.name)}")
            ),
            events=sdk.pulumi.Output.from_input(
                f"{place.policy_prefix(context, spec.name)}/events"
            ),
        )


def _definition(spec: RetrainingPolicy, context: BuildContext) -> dict[str, Any]:
    work = Processing(
        job=spec.name,
        command=[*COMMAND, names.bucket(context), spec.name],
        environment={"AWS_REGION": place.region(context)},
        timeout=TIMEOUT,
        # It asks SageMaker, CloudWatch and the bucket.
        is_isolated=False,
        purpose=Purpose.PIPELINE,
    )
    wiring = in_definition(context, of_execution=True)
    return definition([processing_step("Decide", work, context, wiring)])


def _executor(
    spec: RetrainingPolicy, context: BuildContext, document: Mapping[str, Any]
) -> sdk.aws.sagemaker.Pipeline:
    name = names.pipeline(context, spec.name)
    read = [str(spec.monitor), str(spec.pipeline), endpoint_of(spec, context.specs).name]
    return sdk.aws.sagemaker.Pipeline(
        context.name("pipeline"),
        pipeline_name=name,
        pipeline_display_name=name,
        pipeline_description=f"Looks, decides and acts for {spec.name}",
        role_arn=place.role_arn(context, Purpose.PIPELINE),
        pipeline_definition=json.dumps(document, sort_keys=True),
        tags=context.tags,
        opts=context.opts(
            "pipeline", depends_on=[_document(spec, context), *after(context, *read)]
        ),
    )


def _document(spec: RetrainingPolicy, context: BuildContext) -> sdk.aws.s3.BucketObjectv2:
    monitor, endpoint = monitor_of(spec, context.specs), endpoint_of(spec, context.specs)
    physical = names.endpoint(context, endpoint.name)
    content = {
        "name": spec.name,
        "endpoint": endpoint.name,
        "endpoint_name": physical,
        "model_group": names.model_group(context, str(endpoint.model.name)),
        "definition": place.definition_key(str(spec.pipeline)),
        "reports": [
            f"monitors/{monitor.name}/{physical}/{schedule}/"
            for schedule in schedule_names(monitor, context)
        ],
        "alarms": [names.policy_alarm(context, spec.name)],
        "topic": place.arn(context, "sns", names.topic(context, monitor.name)),
        "rules": rules_of(spec, monitor),
    }
    return register_object(
        context,
        "rules",
        "on",
        f"{policy_prefix(spec.name)}{DOCUMENT}",
        content=sdk.pulumi.Output.json_dumps(content, sort_keys=True),
        content_type="application/json",
    )


def _endpoint_alarm(
    spec: RetrainingPolicy, context: BuildContext
) -> sdk.aws.cloudwatch.MetricAlarm:
    """Register what tells that a promoted version does not answer."""
    served = endpoint_of(spec, context.specs)
    endpoint = names.endpoint(context, served.name)
    return sdk.aws.cloudwatch.MetricAlarm(
        context.name("endpoint-alarm"),
        name=names.policy_alarm(context, spec.name),
        alarm_description=f"{spec.name} rolls back a version whose requests fail",
        namespace="AWS/SageMaker",
        metric_name="Invocation5XXErrors",
        dimensions=metric_dimensions(served, endpoint),
        statistic="Average",
        comparison_operator="GreaterThanThreshold",
        threshold=0.05,
        period=60,
        evaluation_periods=1,
        # An endpoint that nobody asks has no metric, and no fault.
        treat_missing_data="notBreaching",
        tags=context.tags,
        opts=context.opts("watch", depends_on=after_platform(context)),
    )


def _wake(
    spec: RetrainingPolicy,
    context: BuildContext,
    executor: sdk.aws.sagemaker.Pipeline,
    parameters: Mapping[str, sdk.pulumi.Input[str]],
) -> None:
    """Register the events that wake the executor, and the schedule for those that are lost."""
    role = starter_role(context, [spec.name], by=(EVENTS_PRINCIPAL, SCHEDULER_PRINCIPAL))
    _endpoint_alarm(spec, context)
    for use, said, pattern in _patterns(spec, context):
        trigger = Trigger(
            use=use,
            pattern=pattern,
            pipeline=spec.name,
            description=f"{spec.name} looks when {said}",
            parameters=parameters,
        )
        start_on(context, trigger, role, asked_by="monitor")
    every = LOOKS_EVERY if spec.budget is None else BUDGETED_LOOKS_EVERY
    register_schedule(context, Every(every=every), executor, parameters, role)


def _patterns(
    spec: RetrainingPolicy, context: BuildContext
) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    """Yield use, reason and pattern of the events that may change something.

    https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
    """
    monitor, endpoint = monitor_of(spec, context.specs), endpoint_of(spec, context.specs)
    schedules = [
        place.arn(context, "sagemaker", f"monitoring-schedule/{name}")
        for name in schedule_names(monitor, context)
    ]
    alarms = [alarm_name(monitor, context), names.policy_alarm(context, spec.name)]
    yield (
        "alarm",
        "an alarm rings",
        _pattern(
            "aws.cloudwatch",
            "CloudWatch Alarm State Change",
            {"alarmName": alarms, "state": {"value": ["ALARM"]}},
        ),
    )
    # An alarm that goes on ringing tells nothing new of the next check.
    yield (
        "check",
        "a check finds something",
        _pattern(
            "aws.sagemaker",
            "SageMaker Processing Job State Change",
            {"ProcessingJobStatus": ["Completed"], "MonitoringScheduleArn": schedules},
        ),
    )
    yield (
        "run",
        "a retraining ends",
        _pattern(
            "aws.sagemaker",
            "SageMaker Model Building Pipeline Execution Status Change",
            {
                "pipelineArn": [place.pipeline_arn(context, str(spec.pipeline))],
                "currentPipelineExecutionStatus": ["Succeeded", "Failed", "Stopped"],
            },
        ),
    )
    group = names.model_group(context, str(endpoint.model.name))
    yield (
        "verdict",
        "a version is approved or rejected",
        _pattern(
            "aws.sagemaker",
            "SageMaker Model Package State Change",
            {
                "ModelPackageGroupName": [group],
                "ModelApprovalStatus": ["Approved", "Rejected"],
                # Not what we write on a version ourselves, such as its alias.
                "UpdatedModelPackageFields": [{"exists": False}, "ModelApprovalStatus"],
            },
        ),
    )


def _pattern(source: str, kind: str, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"source": [source], "detail-type": [kind], "detail": detail}
