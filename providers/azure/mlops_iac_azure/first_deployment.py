"""An endpoint that waits: its deploy job, which whoever approves a version starts.

One node: `mlops_iac_azure.work deploy` in the runtime image, under the pipeline identity.
"""

from __future__ import annotations

from mlops_iac.jobs.defining import Job
from mlops_iac.provider import BuildContext
from mlops_iac.specs import ModelEndpoint
from mlops_iac_azure import sdk
from mlops_iac_azure.jobs.defining import register_job
from mlops_iac_azure.jobs.documents import step_document
from mlops_iac_azure.jobs.steps import Step, Verb
from mlops_iac_azure.jobs.wiring import Wiring

STEP = "deploy"


def register_first_deployment(
    spec: ModelEndpoint, context: BuildContext, timeout_seconds: int
) -> list[sdk.pulumi.Resource]:
    """Register the job of an endpoint that follows an alias."""

    def steps(wiring: Wiring) -> list[Step]:
        return [Step(name=STEP, verb=Verb.DEPLOY, document=step_document(STEP, context, wiring))]

    job = Job(
        spec=spec,
        build=steps,
        description=f"deploys the first approved version of {spec.model.name}",
        field="model",
        key=None,
        timeout_seconds=timeout_seconds,
        is_kept_by_execution=True,
    )
    return list(register_job(job, context, None).resources)
