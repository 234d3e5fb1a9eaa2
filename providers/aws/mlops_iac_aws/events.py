"""From an event to a run: EventBridge rules that start SageMaker pipelines, without any code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.provider import BuildContext
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.grants import trust
from mlops_iac_aws.objects import after_platform

EVENTS_PRINCIPAL = f"events.{place.DNS_SUFFIX}"
SCHEDULER_PRINCIPAL = f"scheduler.{place.DNS_SUFFIX}"


def starter_role(
    context: BuildContext, pipelines: Sequence[str], *, by: Sequence[str] = (EVENTS_PRINCIPAL,)
) -> sdk.aws.iam.Role:
    """Register the role under which events start the pipelines of some components, and no more.

    Args:
        context: the component that wants them started.
        pipelines: components whose pipelines they are.
        by: services that start them.
    """
    name = names.starter_role(context, context.component)
    role = sdk.aws.iam.Role(
        context.name("starter-role"),
        name=name,
        description=f"Starts pipelines for {context.component} of {context.project}",
        assume_role_policy=json.dumps(_trust(context, by)),
        force_detach_policies=True,
        tags=context.tags,
        opts=context.opts("name", depends_on=after_platform(context)),
    )
    sdk.aws.iam.RolePolicy(
        context.name("starter-policy"),
        name="start-pipelines",
        role=role.name,
        policy=json.dumps(_starts(context, pipelines)),
        opts=context.opts("name"),
    )
    return role


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """Events that start a pipeline."""

    use: str
    """What it is for, in a word: part of its names."""
    pattern: Mapping[str, Any]
    """EventBridge's event pattern."""
    pipeline: str
    """Component whose pipeline is started."""
    description: str
    """What happens, for people."""
    parameters: Mapping[str, sdk.pulumi.Input[str]] = field(default_factory=dict[str, Any])
    """The pipeline's parameters."""


def start_on(
    context: BuildContext, trigger: Trigger, role: sdk.aws.iam.Role, *, asked_by: str
) -> sdk.aws.cloudwatch.EventTarget:
    """Register the rule of a trigger, and its target; `asked_by` is a field of the declaration."""
    rule = sdk.aws.cloudwatch.EventRule(
        context.name(f"{trigger.use}-rule"),
        name=names.event_rule(context, context.component, trigger.use),
        description=trigger.description,
        event_pattern=json.dumps(trigger.pattern, sort_keys=True),
        tags=context.tags,
        opts=context.opts(asked_by, depends_on=after_platform(context)),
    )
    parameters = [
        sdk.aws.cloudwatch.EventTargetSagemakerPipelineTargetPipelineParameterListArgs(
            name=name, value=value
        )
        for name, value in trigger.parameters.items()
    ]
    return sdk.aws.cloudwatch.EventTarget(
        context.name(f"{trigger.use}-target"),
        rule=rule.name,
        # A name of ours: made up by the provider, a killed `up` would leave a second target.
        target_id="pipeline",
        arn=place.pipeline_arn(context, trigger.pipeline),
        role_arn=role.arn,
        sagemaker_pipeline_target=sdk.aws.cloudwatch.EventTargetSagemakerPipelineTargetArgs(
            pipeline_parameter_lists=parameters
        ),
        opts=context.opts(asked_by),
    )


def _trust(context: BuildContext, services: Sequence[str]) -> dict[str, Any]:
    statements = [
        {
            **trust(place.account(context), _source(context, service), service)["Statement"][0],
            "Sid": f"AssumeBy{service.partition('.')[0].title()}",
        }
        for service in services
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def _source(context: BuildContext, service: str) -> str:
    if service == SCHEDULER_PRINCIPAL:
        # The confused-deputy guide of EventBridge Scheduler narrows to the schedule group.
        return place.arn(context, "scheduler", "schedule-group/default")
    return place.arn(context, "events", "rule/*")


def _starts(context: BuildContext, pipelines: Sequence[str]) -> dict[str, Any]:
    statement = {
        "Sid": "StartPipelines",
        "Effect": "Allow",
        "Action": ["sagemaker:StartPipelineExecution"],
        "Resource": [place.pipeline_arn(context, component) for component in pipelines],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
