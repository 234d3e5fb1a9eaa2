"""An endpoint's frame, and the resource that owns what is deployed on it."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_azure_native import app
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac.custom import register
from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext
from mlops_iac.rollout import total_seconds
from mlops_iac.specs import Authentication, ModelEndpoint
from mlops_iac_azure import facts, ids, names
from mlops_iac_azure.app_request import ENVIRONMENT, PROFILE, app_id, is_app, token_name
from mlops_iac_azure.deployment import OPERATION_SECONDS, document
from mlops_iac_azure.first_deployment import register_first_deployment
from mlops_iac_azure.foundation import Foundation
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import send_logs
from mlops_iac_azure.frame.serving_rights import let_deploy, let_read_token
from mlops_iac_azure.model_endpoint import MODEL_DEPLOYMENT
from mlops_iac_azure.model_request import SCORE
from mlops_iac_azure.online_request import (
    AUTH_MODES,
    Surroundings,
    description,
    endpoint_properties,
    environment_name,
)
from mlops_iac_azure.posture import endpoint_access

_METRICS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
_APP_METRICS = "microsoft.app/containerapps"


def build_model_endpoint(spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
    """Register one endpoint."""
    return _build_app(spec, context) if is_app(spec) else _build_online(spec, context)


def _build_online(spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
    base = Foundation.read(context.built_platform.native)
    endpoint = _endpoint(spec, context, base)
    full = known(facts.endpoint_name(context, spec.name), endpoint)
    logged = send_logs(context.name("logs"), full, base.logs_id, context.opts("name"))
    deployment = _deployment(
        spec, context, base, [endpoint, logged, _environments(spec, context, base)]
    )
    has_key = spec.authentication is Authentication.KEY
    page = f"endpoints/realtime/{facts.endpoint_id(context, spec.name)}/detail"
    return ModelEndpointOutputs(
        native_id=full,
        console_url=pulumi.Output.from_input(facts.console(context, page)),
        url=known(_url(spec, context), endpoint),
        endpoint_name=known(facts.endpoint_id(context, spec.name), endpoint),
        state=_output(deployment, "state"),
        version=_output(deployment, "version"),
        credential=full.apply(lambda id_: f"{id_}/listKeys")
        if has_key
        else pulumi.Output.from_input(None),
        metrics_namespace=pulumi.Output.from_input(_METRICS),
    )


def _build_app(spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
    base = Foundation.read(context.built_platform.native)
    environment, logged = _app_environment(context, base)
    full, secret = app_id(context, spec.name), token_name(spec, context)
    deployment = _deployment(
        spec,
        context,
        base,
        [environment, logged, let_read_token(spec, context)],
        environment=environment.id,
    )
    name = full.rpartition("/")[2]
    return ModelEndpointOutputs(
        native_id=deployment.id,
        console_url=pulumi.Output.from_input(facts.portal(full)),
        url=pulumi.Output.format("https://{0}.{1}{2}", name, environment.default_domain, SCORE),
        endpoint_name=pulumi.Output.from_input(name),
        state=_output(deployment, "state"),
        version=_output(deployment, "version"),
        credential=pulumi.Output.from_input(f"{facts.vault_uri(context)}secrets/{secret}"),
        metrics_namespace=pulumi.Output.from_input(_APP_METRICS),
    )


def _endpoint(spec: ModelEndpoint, context: BuildContext, base: Foundation) -> ml.OnlineEndpoint:
    return ml.OnlineEndpoint(
        context.name("endpoint"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        endpoint_name=facts.endpoint_id(context, spec.name),
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


def _environments(
    spec: ModelEndpoint, context: BuildContext, base: Foundation
) -> ml.EnvironmentContainer:
    """Register what the images of the versions are kept under."""
    return ml.EnvironmentContainer(
        context.name("serving-environment"),
        resource_group_name=base.group,
        workspace_name=base.workspace,
        name=environment_name(spec.name, context),
        properties=ml.EnvironmentContainerPropertiesArgs(tags=context.tags),
        opts=context.opts("model"),
    )


def _app_environment(
    context: BuildContext, base: Foundation
) -> tuple[app.ManagedEnvironment, pulumi.Resource]:
    """Register where an app runs: it costs nothing by itself, and its logs need no key."""
    name = context.physical_name(names.CONTAINER_ENVIRONMENT, context.component)
    environment = app.ManagedEnvironment(
        context.name("apps"),
        resource_group_name=base.group,
        environment_name=name,
        location=base.location,
        app_logs_configuration=app.AppLogsConfigurationArgs(destination="azure-monitor"),
        workload_profiles=[app.WorkloadProfileArgs(name=PROFILE, workload_profile_type=PROFILE)],
        zone_redundant=False,
        tags=context.tags,
        opts=context.opts("scaling"),
    )
    full = known(ids.resource_id(facts.group_id(context), ENVIRONMENT, name), environment)
    return environment, send_logs(context.name("logs"), full, base.logs_id, context.opts("scaling"))


def _deployment(
    spec: ModelEndpoint,
    context: BuildContext,
    base: Foundation,
    frame: list[Any],
    *,
    environment: Any = None,
) -> pulumi.CustomResource:
    """Register what is deployed: the policy, and the requests that it stands for."""
    if not spec.model.is_pinned:
        seconds = total_seconds(spec.rollout) + OPERATION_SECONDS
        frame = [
            *frame,
            *let_deploy(spec, context),
            *register_first_deployment(spec, context, seconds),
        ]
    around = Surroundings(
        identity=base.serving_id, client=base.serving_client, environment=environment
    )
    before = [str(spec.model.name), *_trainers(spec, context)]
    return register(
        MODEL_DEPLOYMENT,
        context.name("deployment"),
        document(spec, context, around),
        outputs=("state", "version"),
        opts=context.opts(
            "model",
            depends_on=[
                *frame,
                *(context.components[name] for name in before if name in context.components),
            ],
        ),
    )


def _trainers(spec: ModelEndpoint, context: BuildContext) -> list[str]:
    return [
        name
        for name, other in context.specs.items()
        if getattr(other, "model", None) == spec.model.name
    ]


def _url(spec: ModelEndpoint, context: BuildContext) -> str:
    place = facts.place(context)
    return f"{place.address('inference', facts.endpoint_id(context, spec.name))}{SCORE}"


def _output(resource: pulumi.CustomResource, name: str) -> pulumi.Output[Any]:
    return getattr(resource, name)
