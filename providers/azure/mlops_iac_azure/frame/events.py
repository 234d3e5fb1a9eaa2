"""What wakes a policy: subscriptions to the workspace's events, and the workflow that they call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import eventgrid, logic, managedidentity

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import RetrainingPolicy
from mlops_iac_azure import facts, ids, names
from mlops_iac_azure.events import (
    CHANGED,
    COMPLETED,
    TRIGGER,
    alarm_filter,
    ended_filters,
    workflow,
)
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.loop_rights import (
    Rights,
    Who,
    foundation,
    let_do,
    let_have,
)
from mlops_iac_azure.grants import IDENTITY_OPERATOR
from mlops_iac_azure.jobs.defining import BuiltJob, pipeline_name
from mlops_iac_azure.loop_grants import START_ACTIONS
from mlops_iac_azure.monitor_steps import tag_of

_FILTERS: Mapping[str, type[Any]] = {
    "IsNotNull": eventgrid.IsNotNullAdvancedFilterArgs,
    "StringIn": eventgrid.StringInAdvancedFilterArgs,
    "StringNotIn": eventgrid.StringNotInAdvancedFilterArgs,
}
_TRIES, _MINUTES = 30, 1440
"""How often, and how long, Event Grid tries: its most."""


def start_on(
    context: BuildContext, spec: RetrainingPolicy, job: BuiltJob, *, after: list[Any]
) -> None:
    """Register what starts a policy's job when its monitor alarms and when its pipeline ends."""
    starter = _starter(context)
    rights = _rights(context, starter)
    address = _address(context, _workflow(context, starter, job, [*rights, *job.resources]))
    pipeline = pipeline_name(context, str(spec.pipeline))
    _subscribe(
        context,
        "alarm",
        [COMPLETED],
        [_FILTERS["StringIn"](**alarm_filter(tag_of(context, str(spec.monitor))))],
        address,
        [*rights, *after],
    )
    _subscribe(
        context,
        "ended",
        [COMPLETED, CHANGED],
        [_FILTERS[each["operator_type"]](**each) for each in ended_filters(pipeline)],
        address,
        [*rights, *after],
    )


def _starter(context: BuildContext) -> managedidentity.UserAssignedIdentity:
    """Register the identity under which events start this job, and nothing else."""
    return managedidentity.UserAssignedIdentity(
        context.name("starter"),
        resource_group_name=foundation(context).group,
        resource_name_=facts.asset(context, context.component, "starter"),
        location=facts.region(context),
        tags=context.tags,
        opts=context.opts("name"),
    )


def _starter_id(context: BuildContext) -> str:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    name = facts.asset(context, context.component, "starter")
    return ids.resource_id(facts.group_id(context), kind, name)


def _rights(
    context: BuildContext, starter: managedidentity.UserAssignedIdentity
) -> list[pulumi.Resource]:
    who = Who(_starter_id(context), starter.principal_id)
    worker = facts.identity_id(context, Purpose.PIPELINE)
    scope = (worker, foundation(context).identity(Purpose.PIPELINE))
    return [
        let_do(context, "starting", Rights(actions=START_ACTIONS), who),
        let_have(context, "starter-as-pipeline", who, IDENTITY_OPERATOR, scope),
    ]


def _workflow(
    context: BuildContext,
    starter: managedidentity.UserAssignedIdentity,
    job: BuiltJob,
    after: list[Any],
) -> logic.Workflow:
    base = foundation(context)
    identity = known(_starter_id(context), starter)
    jobs = pulumi.Output.concat(
        facts.place(context).address("resourcemanager"), base.workspace_id, "/jobs"
    )
    made = job.definition
    definition = pulumi.Output.all(jobs, made.pipeline_job(), identity).apply(
        lambda told: workflow(told[0], made.name, told[1], told[2])
    )
    return logic.Workflow(
        context.name("workflow"),
        resource_group_name=base.group,
        workflow_name=context.physical_name(names.WORKFLOW, context.component),
        location=facts.region(context),
        state="Enabled",
        identity=logic.ManagedServiceIdentityArgs(
            type="UserAssigned", user_assigned_identities=[identity]
        ),
        definition=definition,
        tags=context.tags,
        opts=context.opts("monitor", depends_on=after),
    )


def _address(context: BuildContext, made: logic.Workflow) -> pulumi.Output[str]:
    """Return the address that starts the workflow; who knows it may call it, so it is a secret."""
    told = logic.list_workflow_trigger_callback_url_output(
        resource_group_name=foundation(context).group,
        workflow_name=made.name,
        trigger_name=TRIGGER,
        opts=pulumi.InvokeOutputOptions(parent=made, depends_on=[made]),
    )
    return pulumi.Output.secret(told.value)


def _subscribe(  # noqa: PLR0913, PLR0917  a subscription has that many facts
    context: BuildContext,
    use: str,
    kinds: list[str],
    wanted: list[Any],
    address: pulumi.Output[str],
    after: list[Any],
) -> eventgrid.SystemTopicEventSubscription:
    base = foundation(context)
    return eventgrid.SystemTopicEventSubscription(
        context.name(use),
        resource_group_name=base.group,
        system_topic_name=base.events,
        event_subscription_name=context.physical_name(names.TOPIC, context.component, use),
        event_delivery_schema="EventGridSchema",
        # Subscriptions have texts where other things have tags.
        labels=[f"{key}={value}" for key, value in context.tags.items()],
        filter=eventgrid.EventSubscriptionFilterArgs(
            included_event_types=kinds,
            advanced_filters=wanted,
            enable_advanced_filtering_on_arrays=False,
        ),
        destination=eventgrid.WebHookEventSubscriptionDestinationArgs(
            endpoint_type="WebHook", endpoint_url=address, max_events_per_batch=1
        ),
        retry_policy=eventgrid.RetryPolicyArgs(
            max_delivery_attempts=_TRIES, event_time_to_live_in_minutes=_MINUTES
        ),
        opts=context.opts("monitor", depends_on=after),
    )
