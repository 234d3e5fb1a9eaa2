"""An endpoint that waits: its deploy pipeline, which whoever approves a version starts.

One task: `mlops_iac_gcp.work deploy` in the runtime image, under the pipeline identity.
"""

from __future__ import annotations

from mlops_iac.jobs.defining import Job
from mlops_iac.provider import BuildContext
from mlops_iac.specs import ModelEndpoint
from mlops_iac_gcp import facts, sdk
from mlops_iac_gcp.jobs.defining import register_job
from mlops_iac_gcp.jobs.steps import Step, Verb
from mlops_iac_gcp.jobs.wiring import Wiring

STEP = "deploy"


def register_first_deployment(
    spec: ModelEndpoint, context: BuildContext, timeout_seconds: int
) -> list[sdk.pulumi.Resource]:
    """Register the pipeline of an endpoint that follows an alias."""

    def steps(wiring: Wiring) -> list[Step]:
        return [
            Step(
                name=STEP,
                verb=Verb.DEPLOY,
                document={
                    "step": STEP,
                    "component": spec.name,
                    "bucket": wiring.bucket,
                    "project": facts.project(context),
                    "region": facts.region(context),
                },
            )
        ]

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
