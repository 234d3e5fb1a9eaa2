"""The address of a batch inference: an endpoint whose calls start the pipeline that `up` runs."""

from pulumi_azure_native import machinelearningservices as ml

from mlops_iac import custom
from mlops_iac.provider import BuildContext
from mlops_iac.specs import BatchInference
from mlops_iac_azure import facts, names
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.assets import register_asset
from mlops_iac_azure.jobs.assets import asset_path
from mlops_iac_azure.jobs.components import pipeline_component
from mlops_iac_azure.jobs.defining import BuiltJob

BATCH_DEFAULT = "mlops-iac:azure:BatchDefault"
DEPLOYMENT = "current"
"""Name of the one deployment; unique in its endpoint."""
SETTINGS = {
    "default_datastore": "mlops_iac",
    "continue_on_step_failure": "false",
    "force_rerun": "true",
}
"""Of the jobs that a call starts; here they are texts."""


def build_batch_endpoint(spec: BatchInference, context: BuildContext, built: BuiltJob) -> None:
    """Register the endpoint, its deployment, and that this one answers."""
    base = Foundation.read(context.built_platform.native)
    endpoint = ml.BatchEndpoint(
        context.name("address"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        endpoint_name=facts.endpoint_id(context, spec.name),
        location=facts.region(context),
        properties=ml.BatchEndpointPropertiesArgs(
            auth_mode="AADToken", description=f"predictions of {spec.model.name} for {spec.data}"
        ),
        tags=context.tags,
        # Which deployment is the default is another resource's to say, once there is one.
        opts=context.opts("model", ignore_changes=["properties.defaults"]),
    )
    deployment = ml.BatchDeployment(
        context.name("deployment"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        endpoint_name=endpoint.name,
        deployment_name=DEPLOYMENT,
        location=facts.region(context),
        properties=ml.BatchDeploymentPropertiesArgs(
            description="the pipeline that `up` runs",
            deployment_configuration=_configuration(spec, context, built),
        ),
        tags=context.tags,
        opts=context.opts("model", depends_on=[*built.resources]),
    )
    custom.register(
        BATCH_DEFAULT,
        context.name("default"),
        {"endpoint": endpoint.name, "deployment": deployment.name.apply(lambda _: DEPLOYMENT)},
        outputs=(),
        opts=context.opts("model", depends_on=[deployment]),
    )


def _configuration(
    spec: BatchInference, context: BuildContext, built: BuiltJob
) -> ml.BatchPipelineComponentDeploymentConfigurationArgs:
    made = built.definition
    job = made.pipeline_job()
    name = context.physical_name(names.COMPONENT, spec.name)
    component = register_asset(
        context,
        "address-component",
        "components",
        name,
        {"componentSpec": pipeline_component(name, job), "isAnonymous": False},
        "model",
        description=job["description"],
    )
    return ml.BatchPipelineComponentDeploymentConfigurationArgs(
        deployment_configuration_type="PipelineComponent",
        component_id=ml.IdAssetReferenceArgs(reference_type="Id", asset_id=asset_path(component)),
        description=job["description"],
        settings=SETTINGS,
        tags=job["tags"],
    )
