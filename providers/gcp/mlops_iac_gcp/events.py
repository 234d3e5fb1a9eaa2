"""From a message to a run: Eventarc hands a topic's messages to a workflow, which starts one.

No function and no server of ours: nothing runs while nothing happens. Nothing tells reliably of
the end of a pipeline's run, so the workflow also waits for one, when it is told its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac_gcp import facts, names, sdk
from mlops_iac_gcp.grants import ACT_AS, STARTER_PERMISSIONS
from mlops_iac_gcp.identities import member
from mlops_iac_gcp.jobs.defining import BuiltJob
from mlops_iac_gcp.jobs.runs import STATUSES
from mlops_iac_gcp.loop_rights import let_do

_JOBS = "googleapis.aiplatform.v1.projects.locations.pipelineJobs"
_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
_LOOK_SECONDS = 60


def start_on(context: BuildContext, topic: str, job: BuiltJob, *, after: list[Any]) -> Any:
    """Register what starts the pipeline of a component at each message of a topic.

    Args:
        context: the component.
        topic: full name of the topic.
        job: the component's pipeline.
        after: what stands before it, such as the topic's component.
    """
    starter = _starter(context)
    rights = _rights(context, starter)
    workflow = _workflow(context, starter, job, [*rights, *job.resources])
    return sdk.gcp.eventarc.Trigger(
        context.name("trigger"),
        name=context.physical_name(names.WORKFLOW, context.component),
        project=facts.project(context),
        location=facts.region(context),
        matching_criterias=[
            sdk.gcp.eventarc.TriggerMatchingCriteriaArgs(attribute="type", value=_PUBLISHED)
        ],
        transport=sdk.gcp.eventarc.TriggerTransportArgs(
            pubsub=sdk.gcp.eventarc.TriggerTransportPubsubArgs(topic=topic)
        ),
        destination=sdk.gcp.eventarc.TriggerDestinationArgs(workflow=workflow.id),
        service_account=starter.email,
        labels=facts.labels(context),
        opts=context.opts("monitor", depends_on=[*rights, *after]),
    )


def _starter(context: BuildContext) -> sdk.gcp.serviceaccount.Account:
    """Register the identity under which messages start this pipeline, and nothing else."""
    return sdk.gcp.serviceaccount.Account(
        context.name("starter"),
        account_id=context.physical_name(names.SERVICE_ACCOUNT, context.component),
        project=facts.project(context),
        display_name=f"{context.project} {context.stack} starts {context.component}",
        description=f"mlops-iac: starts {context.component} of {context.project} "
        f"({context.stack}) at messages",
        opts=context.opts("name"),
    )


def _rights(
    context: BuildContext, starter: sdk.gcp.serviceaccount.Account
) -> list[sdk.pulumi.Resource]:
    who = member(starter.email)
    worker = context.built_platform.identities[Purpose.PIPELINE]
    account = sdk.pulumi.Output.concat(
        f"projects/{facts.project(context)}/serviceAccounts/", worker
    )
    acts_as = sdk.gcp.serviceaccount.IAMMember(
        context.name("starter-as-pipeline"),
        service_account_id=account,
        role=ACT_AS,
        member=who,
        opts=context.opts("name"),
    )
    return [let_do(context, "starting", STARTER_PERMISSIONS, who), acts_as]


def _workflow(
    context: BuildContext,
    starter: sdk.gcp.serviceaccount.Account,
    job: BuiltJob,
    after: list[Any],
) -> sdk.gcp.workflows.Workflow:
    return sdk.gcp.workflows.Workflow(
        context.name("workflow"),
        name=context.physical_name(names.WORKFLOW, context.component),
        project=facts.project(context),
        region=facts.region(context),
        description=f"Starts the pipeline of {context.component}",
        service_account=starter.id,
        source_contents=sdk.pulumi.Output.json_dumps(source(context, job), sort_keys=True),
        call_log_level="LOG_ERRORS_ONLY",
        crypto_key_name=context.built_platform.encryption_key if _has_key(context) else None,
        labels=facts.labels(context),
        # Left out, it is on, and the stack could not be destroyed; there is nothing in it to keep.
        deletion_protection=False,
        opts=context.opts("monitor", depends_on=after),
    )


def _has_key(context: BuildContext) -> bool:
    return context.platform.encryption.mode != "managed"


def workflow_name(scope: Scope, component: str) -> str:
    """Return the full name of the workflow that starts a component's pipeline."""
    name = scope.physical_name(names.WORKFLOW, component)
    return f"{facts.location(scope)}/workflows/{name}"


def source(context: BuildContext, job: BuiltJob) -> Mapping[str, Any]:
    """Return the workflow: the request that starts a run. JSON is YAML to Workflows.

    Its argument is an event, or `{"run": NAME}`: then it first waits for the end of that run.
    """
    made = job.definition
    region = facts.region(context)
    asked = {"name": "${event.run}", "region": region}
    arguments = {
        "parent": facts.location(context),
        "region": region,
        "body": {**made.pipeline_job(), "pipelineSpec": made.pipeline},
    }
    ended = f"${{seen.state in {json.dumps([*STATUSES])}}}"
    steps = [
        {"ask": {"switch": [{"condition": '${"run" in event}', "next": "look"}], "next": "start"}},
        {"look": {"call": f"{_JOBS}.get", "args": asked, "result": "seen"}},
        {"judge": {"switch": [{"condition": ended, "next": "start"}]}},
        {"rest": {"call": "sys.sleep", "args": {"seconds": _LOOK_SECONDS}, "next": "look"}},
        {"start": {"call": f"{_JOBS}.create", "args": arguments, "result": "run"}},
        {"tell": {"return": "${run.name}"}},
    ]
    return {"main": {"params": ["event"], "steps": steps}}
