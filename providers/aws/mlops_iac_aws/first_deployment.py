"""An endpoint that waits: the approval of a version starts the pipeline that deploys it.

No Lambda: a rule of EventBridge starts a SageMaker pipeline, whose one step runs
`mlops_iac_aws.work deploy` in the runtime image.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ModelEndpoint
from mlops_iac.specs.compute import Compute
from mlops_iac_aws import names, place, sdk
from mlops_iac_aws.events import Trigger, start_on, starter_role
from mlops_iac_aws.jobs.processing import Processing, processing_step
from mlops_iac_aws.jobs.steps import definition, parameters_of
from mlops_iac_aws.jobs.wiring import in_definition, parameter_values
from mlops_iac_aws.objects import after

_START_SECONDS = 900
"""Time that the machine of the step is given to start, beside the deployment itself."""


def register_first_deployment(
    spec: ModelEndpoint, context: BuildContext, timeout_seconds: int
) -> list[sdk.pulumi.Resource]:
    """Register pipeline, rule and role of an endpoint that follows an alias."""
    document = _definition(spec, context, timeout_seconds)
    name = names.pipeline(context, spec.name)
    pipeline = sdk.aws.sagemaker.Pipeline(
        context.name("pipeline"),
        pipeline_name=name,
        pipeline_display_name=name,
        pipeline_description=f"Deploys the first approved version of {spec.model.name}",
        role_arn=place.role_arn(context, Purpose.PIPELINE),
        pipeline_definition=sdk.pulumi.Output.json_dumps(document),
        tags=context.tags,
        opts=context.opts("model", depends_on=after(context, str(spec.model.name))),
    )
    values = parameter_values(context, "")
    trigger = Trigger(
        use="approval",
        pattern=approval_pattern(names.model_group(context, str(spec.model.name))),
        pipeline=spec.name,
        description=f"An approved version of {spec.model.name} is deployed on {spec.name}",
        parameters={each: values[each] for each in parameters_of(document["Steps"])},
    )
    role = starter_role(context, [spec.name])
    return [pipeline, start_on(context, trigger, role, asked_by="model")]


def approval_pattern(group: str) -> dict[str, Any]:
    """Return the events that tell of an approval, not of what we write on a version ourselves."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {
            "ModelPackageGroupName": [group],
            "ModelApprovalStatus": ["Approved"],
            # A version that is registered as approved has no updated fields.
            "UpdatedModelPackageFields": [{"exists": False}, "ModelApprovalStatus"],
        },
    }


def _definition(spec: ModelEndpoint, context: BuildContext, timeout_seconds: int) -> dict[str, Any]:
    work = Processing(
        job=spec.name,
        command=(
            *("python", "-m", "mlops_iac_aws.work", "deploy"),
            *(names.bucket(context), spec.name),
        ),
        environment={"AWS_REGION": place.region(context)},
        compute=Compute(),
        timeout=timedelta(seconds=timeout_seconds + _START_SECONDS),
        # It speaks with SageMaker, S3 and Application Auto Scaling.
        is_isolated=False,
        purpose=Purpose.PIPELINE,
    )
    wiring = in_definition(context, of_execution=True)
    return definition([processing_step("Deploy", work, context, wiring)])
