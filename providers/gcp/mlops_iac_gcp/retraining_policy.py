"""Retraining policies on Google Cloud: an executor that events wake, and what it follows.

The executor is a pipeline of one task; messages and a schedule start it, so nothing runs while
nothing happens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from mlops_iac.jobs.defining import Job, after
from mlops_iac.loop.following import policy_document, retraining_problems
from mlops_iac.outputs import RetrainingPolicyOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import Every, RetrainingPolicy
from mlops_iac_gcp import facts, place, sdk
from mlops_iac_gcp.events import start_on, workflow_name
from mlops_iac_gcp.grants import FOLLOWER_PERMISSIONS
from mlops_iac_gcp.jobs.defining import BuiltJob, register_job
from mlops_iac_gcp.jobs.documents import step_document
from mlops_iac_gcp.jobs.steps import Step, Verb
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.loop_rights import add_topic, let_do, let_publish, let_write, worker
from mlops_iac_gcp.monitor_steps import topic_id, topic_name
from mlops_iac_gcp.schedules import register_schedule

STEP = "decide"
TIMEOUT = timedelta(hours=12)
"""The longest rollout takes eight hours."""
LOOKS_EVERY = timedelta(hours=1)
"""How late, at most, something is seen whose message was lost, or that none tells."""
BUDGETED_LOOKS_EVERY = timedelta(minutes=15)
"""A run is stopped at the first look after it has used up what is left."""


class RetrainingPolicyAdapter:
    """Maps `RetrainingPolicy`; see `docs/mappings/gcp/retraining_policy.md`."""

    def check(self, spec: RetrainingPolicy, scope: Scope) -> Iterable[Problem]:
        """Find an approval that nobody would ever be asked for, and times without length."""
        return retraining_problems(spec, scope.specs)

    def build(self, spec: RetrainingPolicy, context: BuildContext) -> RetrainingPolicyOutputs:
        """Register the executor, what it follows, and what wakes it."""
        follows = after(context, [str(spec.monitor), str(spec.pipeline)])
        built = _executor(spec, context, [*_own(spec, context), *follows])
        start_on(context, topic_name(context, str(spec.monitor)), built, after=follows)
        every = LOOKS_EVERY if spec.budget is None else BUDGETED_LOOKS_EVERY
        schedule = register_schedule(context, Every(every=every), built)
        known = sdk.pulumi.Output.from_input
        return RetrainingPolicyOutputs(
            native_id=schedule.id,
            console_url=known(facts.console(context, "vertex-ai/pipelines/schedules")),
            events=known(facts.address(context, f"{place.policy_prefix(spec.name)}/events")),
        )


def _executor(
    spec: RetrainingPolicy, context: BuildContext, needs: Sequence[sdk.pulumi.Resource]
) -> BuiltJob:
    def steps(wiring: Wiring) -> list[Step]:
        document = {**step_document(STEP, context, wiring), "policy": _document(spec, context)}
        return [Step(name=STEP, verb=Verb.POLICY, document=document)]

    job = Job(
        spec=spec,
        build=steps,
        description=f"runs {spec.pipeline} when {spec.monitor} alarms",
        field="pipeline",
        key=None,
        timeout_seconds=int(TIMEOUT.total_seconds()),
        is_kept_by_execution=True,
        uploads=needs,
    )
    return register_job(job, context, None)


def _own(spec: RetrainingPolicy, context: BuildContext) -> list[sdk.pulumi.Resource]:
    """Register the topic of the policy, the right to its folder, and to its own workflow."""
    topic = add_topic(context, topic_id(context, spec.name))
    return [
        let_write(context, place.policy_prefix(spec.name)),
        let_publish(context, "news", topic, worker(context)),
        let_do(context, "following", FOLLOWER_PERMISSIONS, worker(context)),
    ]


def _document(spec: RetrainingPolicy, scope: Scope) -> dict[str, Any]:
    return {
        **policy_document(spec, scope.specs),
        "topic": topic_name(scope, spec.name),
        "workflow": workflow_name(scope, spec.name),
    }
