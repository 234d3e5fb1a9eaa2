"""A policy's parts: its executor, what wakes it, and who hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pulumi

from mlops_iac.jobs.defining import Job, after
from mlops_iac.loop.following import policy_document
from mlops_iac.outputs import RetrainingPolicyOutputs
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import Every, RetrainingPolicy
from mlops_iac_azure import facts, place
from mlops_iac_azure.frame.alerts import add_alert
from mlops_iac_azure.frame.events import start_on
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.loop_rights import Rights, let_do, let_write, worker
from mlops_iac_azure.jobs.defining import BuiltJob, register_job
from mlops_iac_azure.jobs.documents import step_document
from mlops_iac_azure.jobs.steps import Node, Step, Verb
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.loop_grants import WRITE_METRICS
from mlops_iac_azure.monitor_steps import tag_of
from mlops_iac_azure.monitors.telling import COMPONENT, LEVEL, NEWS
from mlops_iac_azure.schedules import register_schedule

STEP = "decide"
TIMEOUT = timedelta(hours=12)
"""The longest rollout takes eight hours."""
LOOKS_EVERY = timedelta(hours=1)
"""How late, at most, something is seen whose event was lost, or that none tells."""
BUDGETED_LOOKS_EVERY = timedelta(minutes=15)
"""A run is stopped at the first look after it has used up what is left."""


def build_policy(spec: RetrainingPolicy, context: BuildContext) -> RetrainingPolicyOutputs:
    """Register one policy."""
    follows = after(context, [str(spec.monitor), str(spec.pipeline)])
    built = _executor(spec, context, [*_own(spec, context), *follows])
    start_on(context, spec, built, after=follows)
    every = LOOKS_EVERY if spec.budget is None else BUDGETED_LOOKS_EVERY
    schedule = register_schedule(context, Every(every=every), built)
    return RetrainingPolicyOutputs(
        native_id=schedule.id,
        console_url=known(facts.console(context, "schedules")),
        events=known(facts.address(context, f"{place.policy_prefix(spec.name)}/events")),
    )


def _executor(
    spec: RetrainingPolicy, context: BuildContext, needs: Sequence[pulumi.Resource]
) -> BuiltJob:
    def steps(wiring: Wiring) -> list[Step]:
        document = {**step_document(STEP, context, wiring), "policy": _document(spec, context)}
        return [Step(name=STEP, verb=Verb.POLICY, document=document, node=Node(timeout=TIMEOUT))]

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


def _own(spec: RetrainingPolicy, context: BuildContext) -> list[pulumi.Resource]:
    """Register the right to its folder and its metric, and whom its news go to."""
    who = worker(context)
    news = {COMPONENT: [tag_of(context, spec.name)], LEVEL: ["*"]}
    folder = facts.address(context, place.policy_prefix(spec.name))
    return [
        add_alert(context, NEWS, news, f"{spec.name} has news; they lie in {folder}/events"),
        let_write(context, place.policy_prefix(spec.name), who),
        let_do(context, "telling", Rights(data=WRITE_METRICS), who),
    ]


def _document(spec: RetrainingPolicy, scope: Scope) -> dict[str, Any]:
    return {**policy_document(spec, scope.specs), "tag": tag_of(scope, spec.name)}
