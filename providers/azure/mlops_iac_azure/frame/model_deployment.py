"""The resource of our own that owns what is deployed on an endpoint."""

from dataclasses import dataclass
from typing import Any

import pulumi

from mlops_iac import container_contract as contract
from mlops_iac.custom import register
from mlops_iac.provider import BuildContext
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
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.posture import endpoint_access, is_private, posture
from mlops_iac_azure.registered_model import model_name
from mlops_iac_azure.variables import variables

TOKEN = "mlops-iac:azure:ModelDeployment"  # noqa: S105  a type token
AUTH_MODES = {Authentication.IDENTITY: "AADToken", Authentication.KEY: "Key"}


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One endpoint while it is built."""

    spec: ModelEndpoint
    context: BuildContext
    base: Foundation
    name: str
    """Name of the endpoint on the target."""

    @property
    def place(self) -> dict[str, Any]:
        """Where its resources lie."""
        return {"resource_group_name": self.base.group, "workspace_name": self.base.workspace}

    def under_workspace(self, path: str, *made: pulumi.Resource) -> pulumi.Output[str]:
        """Return the id of what lies at `path` below the workspace."""
        return pulumi.Output.all(self.base.workspace_id, known(path, *made)).apply("".join)


def description(spec: ModelEndpoint) -> str:
    """Return the endpoint's description."""
    return f"serves {spec.model.name}"


def endpoint_properties(spec: ModelEndpoint) -> dict[str, str]:
    """Return the endpoint's own properties."""
    return {"mlops-iac.model": str(spec.model.name)}


def build_deployment(
    endpoint: Endpoint, endpoint_id: pulumi.Output[str], environment_id: pulumi.Output[str]
) -> pulumi.CustomResource:
    """Register what is deployed: the policy, and the requests that it stands for."""
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
    endpoint: Endpoint, endpoint_id: pulumi.Output[str], environment_id: pulumi.Output[str]
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
        variables=_variables(endpoint),
        egress=_egress(context),
        tags={**context.tags, "mlops-iac-component": spec.name},
        autoscale=context.physical_name(names.AUTOSCALE, spec.name),
    )


def _egress(context: BuildContext) -> str:
    """Return whether deployments may call out: only where nothing isolates the workspace."""
    isolated = is_private(context.platform) or not posture(context.platform).stores_public
    return "Disabled" if isolated else "Enabled"


def _deployment_name(endpoint: Endpoint) -> str:
    """Return the name of a pinned deployment: from its content, since most of it is immutable."""
    spec, context = endpoint.spec, endpoint.context
    content = [str(spec.model), chosen(spec.compute, Use.HOSTING).name, spec.environment]
    return context.physical_name(names.DEPLOYMENT, f"v{spec.model.version}", content=str(content))


def _model_id(endpoint: Endpoint) -> Any:
    spec = endpoint.spec
    if not spec.model.is_pinned:
        return UNKNOWN
    name = model_name(endpoint.context, spec.model.name)
    return endpoint.under_workspace(f"/models/{name}/versions/{spec.model.version}")


def _variables(endpoint: Endpoint) -> dict[str, Any]:
    base = endpoint.base
    return {
        **variables(endpoint.spec.environment, base.vault_uri, base.serving_client),
        # The runtime loads nothing whose digest is not this one.
        contract.MODEL_DIGEST: UNKNOWN,
        contract.MODEL_VERSION: str(endpoint.spec.model.version)
        if endpoint.spec.model.is_pinned
        else UNKNOWN,
        # Inside the deployment's container; Azure's front door asks for the credential.
        contract.HOST: "0.0.0.0",  # noqa: S104
        contract.MODEL_NAME: str(endpoint.spec.model.name),
        contract.TRUST_PICKLE: contract.flag(value=_trusts_pickle(endpoint)),
    }


def _trusts_pickle(endpoint: Endpoint) -> bool:
    model = endpoint.context.specs.get(endpoint.spec.model.name)
    return isinstance(model, RegisteredModel) and model.trust_pickle


def _endpoint_body(endpoint: Endpoint) -> dict[str, Any]:
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
            "authMode": AUTH_MODES[spec.authentication],
            "publicNetworkAccess": endpoint_access(context.platform),
            "description": description(spec),
            "properties": endpoint_properties(spec),
        },
    }
