"""An online endpoint's frame, and the resource that owns what is deployed on it."""

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac.specs import Authentication, ModelEndpoint, TrainingJob
from mlops_iac_azure import names
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.assets import version_opts
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import send_logs
from mlops_iac_azure.frame.model_deployment import (
    AUTH_MODES,
    Endpoint,
    build_deployment,
    description,
    endpoint_properties,
)
from mlops_iac_azure.names import HASH_DIGITS
from mlops_iac_azure.posture import endpoint_access

_PORT = 8080


def build_model_endpoint(spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
    """Register one endpoint."""
    endpoint = Endpoint(
        spec=spec,
        context=context,
        base=Foundation.read(context.built_platform.native),
        name=context.physical_name(names.ENDPOINT, spec.name),
    )
    frame = _frame(endpoint)
    endpoint_id = endpoint.under_workspace(f"/onlineEndpoints/{endpoint.name}", frame)
    send_logs(context.name("logs"), endpoint_id, endpoint.base.logs_id, context.opts("name"))
    environment_id = _environment(endpoint)
    deployment = build_deployment(endpoint, endpoint_id, environment_id)
    has_key = spec.authentication is Authentication.KEY
    return ModelEndpointOutputs(
        native_id=endpoint_id,
        console_url=endpoint_id.apply(lambda id_: f"https://ml.azure.com/endpoints?id={id_}"),
        url=known(
            f"https://{endpoint.name}.{context.target.region}.inference.ml.azure.com/score", frame
        ),
        endpoint_name=known(endpoint.name, frame),
        state=getattr(deployment, "state"),  # noqa: B009  an output of our own resource
        version=getattr(deployment, "version"),  # noqa: B009  as above
        credential=endpoint_id.apply(lambda id_: f"{id_}/listKeys")
        if has_key
        else pulumi.Output.from_input(None),
        metrics_namespace=pulumi.Output.from_input(
            "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
        ),
    )


def _frame(endpoint: Endpoint) -> ml.OnlineEndpoint:
    spec, context, base = endpoint.spec, endpoint.context, endpoint.base
    return ml.OnlineEndpoint(
        context.name("endpoint"),
        **endpoint.place,
        endpoint_name=endpoint.name,
        location=base.location,
        kind="Managed",
        sku=ml.SkuArgs(name="Default", capacity=0),
        identity=ml.ManagedServiceIdentityArgs(
            type="UserAssigned", user_assigned_identities=[base.serving_id]
        ),
        properties=ml.OnlineEndpointPropertiesArgs(
            auth_mode=AUTH_MODES[spec.authentication],
            public_network_access=endpoint_access(context.platform),
            description=description(spec),
            properties=endpoint_properties(spec),
        ),
        tags=context.tags,
        # Traffic names deployments, which come and go between two `up`s.
        opts=context.opts(
            "authentication", ignore_changes=["properties.traffic", "properties.mirrorTraffic"]
        ),
    )


def _environment(endpoint: Endpoint) -> pulumi.Output[str]:
    context, base = endpoint.context, endpoint.base
    name = context.physical_name(names.ASSET, endpoint.spec.name, "serving")
    image = _image(endpoint)
    version = image.apply(lambda address: content_hash(address, HASH_DIGITS))
    container = ml.EnvironmentContainer(
        context.name("environment"),
        **endpoint.place,
        name=name,
        properties=ml.EnvironmentContainerPropertiesArgs(tags=context.tags),
        opts=context.opts("model"),
    )
    environment = ml.EnvironmentVersion(
        context.name("environment-version"),
        **endpoint.place,
        name=known(name, container),
        version=version,
        properties=ml.EnvironmentVersionPropertiesArgs(
            image=image,
            os_type="Linux",
            auto_rebuild="Disabled",
            inference_config=ml.InferenceContainerPropertiesArgs(
                liveness_route=ml.RouteArgs(path="/v2/health/live", port=_PORT),
                readiness_route=ml.RouteArgs(path="/v2/health/ready", port=_PORT),
                scoring_route=ml.RouteArgs(path="/score", port=_PORT),
            ),
            tags=context.tags,
        ),
        opts=version_opts(context, "model"),
    )
    parts = pulumi.Output.all(
        base.workspace_id, known(f"/environments/{name}/versions/", environment), version
    )
    return parts.apply("".join)


def _image(endpoint: Endpoint) -> pulumi.Output[str]:
    """Return the serving image: the runtime, or with the requirements the model trained with."""
    from mlops_iac_azure.training_job import environment_hash

    for job in endpoint.context.specs.values():
        if (
            isinstance(job, TrainingJob)
            and job.model == endpoint.spec.model.name
            and job.requirements is not None
        ):
            server = endpoint.base.registry_server
            version = environment_hash(job, endpoint.context)
            return pulumi.Output.format("{0}/mlops-iac/{1}:{2}", server, job.name, version)
    return endpoint.base.runtime_image
