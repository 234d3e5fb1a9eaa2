"""An online endpoint's frame, and the resource that owns what is deployed on it."""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.custom import register
from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, content_hash
from mlops_iac.specs import Authentication, ModelEndpoint, RegisteredModel, TrainingJob
from mlops_iac_azure import names
from mlops_iac_azure.compute import Use, chosen
from mlops_iac_azure.deployment_requests import (
    UNKNOWN,
    DeploymentFacts,
    deployment_requests,
    instance_count,
    rollout_steps,
)
from mlops_iac_azure.files import HASH_DIGITS
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.assets import version_opts
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import send_logs
from mlops_iac_azure.posture import endpoint_access, is_private, posture
from mlops_iac_azure.registered_model import model_name
from mlops_iac_azure.variables import variables

TOKEN = "mlops-iac:azure:ModelDeployment"  # noqa: S105  a type token
_PORT = 8080
_AUTH_MODES = {Authentication.IDENTITY: "AADToken", Authentication.KEY: "Key"}


@dataclass(frozen=True, kw_only=True)
class _Endpoint:
    spec: ModelEndpoint
    context: BuildContext
    base: Foundation
    name: str

    @property
    def place(self) -> dict[str, Any]:
        return {"resource_group_name": self.base.group, "workspace_name": self.base.workspace}

    def under_workspace(self, path: str, *made: pulumi.Resource) -> pulumi.Output[str]:
        return pulumi.Output.all(self.base.workspace_id, known(path, *made)).apply("".join)


def build_model_endpoint(spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
    """Register one endpoint."""
    endpoint = _Endpoint(
        spec=spec,
        context=context,
        base=Foundation.read(context.built_platform.native),
        name=context.physical_name(names.ENDPOINT, spec.name),
    )
    frame = _frame(endpoint)
    endpoint_id = endpoint.under_workspace(f"/onlineEndpoints/{endpoint.name}", frame)
    send_logs(context.name("logs"), endpoint_id, endpoint.base.logs_id, context.opts("name"))
    environment_id = _environment(endpoint)
    deployment = _deployment(endpoint, endpoint_id, environment_id)
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


def _frame(endpoint: _Endpoint) -> ml.OnlineEndpoint:
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
            auth_mode=_AUTH_MODES[spec.authentication],
            public_network_access=endpoint_access(context.platform),
            description=_description(spec),
            properties=_endpoint_properties(spec),
        ),
        tags=context.tags,
        # Traffic names deployments, which come and go between two `up`s.
        opts=context.opts(
            "authentication", ignore_changes=["properties.traffic", "properties.mirrorTraffic"]
        ),
    )


def _description(spec: ModelEndpoint) -> str:
    return f"serves {spec.model.name}"


def _endpoint_properties(spec: ModelEndpoint) -> dict[str, str]:
    return {"mlops-iac.model": str(spec.model.name)}


def _environment(endpoint: _Endpoint) -> pulumi.Output[str]:
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


def _image(endpoint: _Endpoint) -> pulumi.Output[str]:
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


def _deployment(
    endpoint: _Endpoint, endpoint_id: pulumi.Output[str], environment_id: pulumi.Output[str]
) -> pulumi.CustomResource:
    spec, context = endpoint.spec, endpoint.context
    facts = _facts(endpoint, endpoint_id, environment_id)
    inputs: dict[str, Any] = {
        "endpoint": endpoint.name,
        "model": model_name(context, spec.model.name),
        "policy": "pinned" if spec.model.is_pinned else "alias",
        "alias": spec.model.alias,
        "version": spec.model.version,
        "trustPickle": _trusts_pickle(endpoint),
        "scaling": spec.scaling.model_dump(mode="json"),
        "instances": instance_count(spec),
        "rollout": {"mode": spec.rollout.mode, "steps": rollout_steps(spec)},
        "capture": spec.capture.model_dump(mode="json") if spec.capture else None,
        "timeoutSeconds": int(spec.timeout.total_seconds()),
        "compute": spec.compute.model_dump(mode="json"),
        "requests": deployment_requests(spec, facts),
    }
    trained = [
        context.components[name]
        for name, job in context.specs.items()
        if isinstance(job, TrainingJob)
        and job.model == spec.model.name
        and name in context.components
    ]
    return register(
        TOKEN,
        context.name("deployment"),
        {name: value for name, value in inputs.items() if value is not None},
        outputs=("state", "version", "deployment"),
        opts=context.opts("model", depends_on=trained),
    )


def _facts(
    endpoint: _Endpoint, endpoint_id: pulumi.Output[str], environment_id: pulumi.Output[str]
) -> DeploymentFacts:
    spec, context, base = endpoint.spec, endpoint.context, endpoint.base
    deployment = _deployment_name(endpoint) if spec.model.is_pinned else None
    return DeploymentFacts(
        group=base.group,
        workspace=base.workspace,
        location=base.location,
        endpoint=endpoint.name,
        endpoint_id=endpoint_id,
        endpoint_body=_endpoint_body(endpoint),
        deployment=deployment,
        deployment_id=UNKNOWN
        if deployment is None
        else pulumi.Output.format("{0}/deployments/{1}", endpoint_id, deployment),
        model_id=_model_id(endpoint),
        environment_id=environment_id,
        variables=base.vault_uri.apply(lambda uri: _variables(endpoint, uri)),
        egress=_egress(context),
        tags={**context.tags, "mlops-iac-component": spec.name},
        autoscale=context.physical_name(names.AUTOSCALE, spec.name),
    )


def _egress(context: BuildContext) -> str:
    """Return whether deployments may call out: only where nothing isolates the workspace."""
    isolated = is_private(context.platform) or not posture(context.platform).stores_public
    return "Disabled" if isolated else "Enabled"


def _deployment_name(endpoint: _Endpoint) -> str:
    """Return the name of a pinned deployment: from its content, since most of it is immutable."""
    spec, context = endpoint.spec, endpoint.context
    content = [str(spec.model), chosen(spec.compute, Use.HOSTING).name, spec.environment]
    return context.physical_name(names.DEPLOYMENT, f"v{spec.model.version}", content=str(content))


def _model_id(endpoint: _Endpoint) -> Any:
    spec = endpoint.spec
    if not spec.model.is_pinned:
        return UNKNOWN
    name = model_name(endpoint.context, spec.model.name)
    return endpoint.under_workspace(f"/models/{name}/versions/{spec.model.version}")


def _variables(endpoint: _Endpoint, vault_uri: str) -> dict[str, Any]:
    return {
        **variables(endpoint.spec.environment, vault_uri),
        # The runtime loads nothing whose digest is not this one.
        "MLOPS_MODEL_DIGEST": UNKNOWN,
        "MLOPS_MODEL_NAME": str(endpoint.spec.model.name),
        "MLOPS_TRUST_PICKLE": str(_trusts_pickle(endpoint)).lower(),
    }


def _trusts_pickle(endpoint: _Endpoint) -> bool:
    model = endpoint.context.specs.get(endpoint.spec.model.name)
    return isinstance(model, RegisteredModel) and model.trust_pickle


def _endpoint_body(endpoint: _Endpoint) -> dict[str, Any]:
    spec, context, base = endpoint.spec, endpoint.context, endpoint.base
    return {
        "location": base.location,
        "kind": "Managed",
        "tags": context.tags,
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": base.serving_id.apply(lambda id_: {id_: {}}),
        },
        "properties": {
            "authMode": _AUTH_MODES[spec.authentication],
            "publicNetworkAccess": endpoint_access(context.platform),
            "description": _description(spec),
            "properties": _endpoint_properties(spec),
        },
    }
