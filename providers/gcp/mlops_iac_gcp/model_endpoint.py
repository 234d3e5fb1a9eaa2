"""ModelEndpoint on Google Cloud: the frame is an endpoint, the rest a ModelDeployment.

A serverless or asynchronous one is a service of Cloud Run, which belongs to the ModelDeployment
wholly; the queue of the latter is registered beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlops_iac.custom import register
from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.rollout import total_seconds
from mlops_iac.specs import (
    Async,
    ManagedKey,
    ModelEndpoint,
    PublicNetwork,
)
from mlops_iac_gcp import facts, sdk
from mlops_iac_gcp.capture import add_capture
from mlops_iac_gcp.deployment import OPERATION_SECONDS, display_name, document
from mlops_iac_gcp.endpoint_checks import endpoint_problems
from mlops_iac_gcp.first_deployment import register_first_deployment
from mlops_iac_gcp.foundation import project_number
from mlops_iac_gcp.queued import add_queue
from mlops_iac_gcp.service_request import Surroundings, is_service
from mlops_iac_gcp.workload import grant_secrets

MODEL_DEPLOYMENT = "mlops-iac:gcp:ModelDeployment"
_CALL = "https://{0}/v1/{1}:predict"
_METRICS = "aiplatform.googleapis.com/prediction/online"
_SERVICE_METRICS = "run.googleapis.com"


class ModelEndpointAdapter:
    """What is stable is a resource of pulumi-gcp; what is deployed belongs to our own."""

    def check(self, spec: ModelEndpoint, scope: Scope) -> Iterable[Problem]:
        """Return what Vertex AI could not serve."""
        return endpoint_problems(spec, scope)

    def build(self, spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
        """Register the endpoint's frame and what is deployed on it.

        A service of Cloud Run cannot be without a container that starts, so a serverless endpoint
        has no frame: it begins with its first version.
        """
        if is_service(spec):
            return _build_service(spec, context)
        key = _key(context)
        granted = grant_secrets(context, Purpose.SERVING, spec.environment)
        endpoint = _endpoint(spec, context, key)
        frame: list[Any] = [endpoint, *granted]
        if not spec.model.is_pinned:
            seconds = total_seconds(spec.rollout) + OPERATION_SECONDS
            frame += register_first_deployment(spec, context, seconds)
        deployment = _deployment(spec, context, key, frame)
        name = facts.endpoint_name(context, spec.name)
        page = f"vertex-ai/locations/{facts.region(context)}/endpoints/{name.rpartition('/')[2]}"
        return ModelEndpointOutputs(
            native_id=endpoint.id,
            console_url=sdk.pulumi.Output.from_input(facts.console(context, page)),
            url=_url(context, endpoint, name),
            endpoint_name=sdk.pulumi.Output.from_input(name),
            state=_output(deployment, "state"),
            version=_output(deployment, "version"),
            credential=sdk.pulumi.Output.from_input(None),
            metrics_namespace=sdk.pulumi.Output.from_input(_METRICS),
        )


def _build_service(spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
    name = facts.service_name(context, spec.name)
    identifier, known = name.rpartition("/")[2], sdk.pulumi.Output.from_input
    root = _service_root(context, identifier)
    url = sdk.pulumi.Output.concat(root, "/predict")
    frame: list[Any] = list(grant_secrets(context, Purpose.SERVING, spec.environment))
    if isinstance(spec.scaling, Async):
        topic, queue = add_queue(spec, context, root)
        url = sdk.pulumi.Output.format("https://pubsub.googleapis.com/v1/{0}:publish", topic.id)
        frame += queue
    if not spec.model.is_pinned:
        seconds = total_seconds(spec.rollout) + OPERATION_SECONDS
        frame += register_first_deployment(spec, context, seconds)
    deployment = _deployment(spec, context, _key(context), frame)
    return ModelEndpointOutputs(
        native_id=deployment.id,
        console_url=known(
            facts.console(context, f"run/detail/{facts.region(context)}/{identifier}/metrics")
        ),
        url=url,
        endpoint_name=known(name),
        state=_output(deployment, "state"),
        version=_output(deployment, "version"),
        credential=known(None),
        metrics_namespace=known(_SERVICE_METRICS),
    )


def _service_root(context: BuildContext, identifier: str) -> sdk.pulumi.Output[str]:
    # https://cloud.google.com/run/docs/triggering/https-request#deterministic
    region = facts.region(context)
    agent = context.built_platform.native["vertex_agent"]
    return sdk.pulumi.Output.from_input(agent).apply(
        lambda email: f"https://{identifier}-{project_number(email)}.{region}.run.app"
    )


def _output(resource: sdk.pulumi.CustomResource, name: str) -> sdk.pulumi.Output[Any]:
    return getattr(resource, name)


def _key(context: BuildContext) -> sdk.pulumi.Output[str] | None:
    if isinstance(context.platform.encryption, ManagedKey):
        return None
    return context.built_platform.encryption_key.apply(str)


def _endpoint(
    spec: ModelEndpoint, context: BuildContext, key: sdk.pulumi.Output[str] | None
) -> sdk.gcp.vertex.AiEndpoint:
    network = context.platform.network
    private = not isinstance(network, PublicNetwork)
    return sdk.gcp.vertex.AiEndpoint(
        context.name("endpoint"),
        name=facts.endpoint_id(context, spec.name),
        display_name=display_name(spec, context),
        description=f"{spec.model.name} of {context.project} ({context.stack})",
        project=facts.project(context),
        location=facts.region(context),
        region=facts.region(context),
        # A dedicated address and Private Service Connect exclude each other.
        dedicated_endpoint_enabled=None if private else True,
        private_service_connect_config=_private(context) if private else None,
        encryption_spec=None
        if key is None
        else sdk.gcp.vertex.AiEndpointEncryptionSpecArgs(kms_key_name=key),
        predict_request_response_logging_config=add_capture(spec, context, key),
        labels=facts.labels(context),
        # What is deployed, and its share of the traffic, belongs to the ModelDeployment.
        opts=context.opts("", ignore_changes=["trafficSplit"]),
    )


def _private(
    context: BuildContext,
) -> sdk.gcp.vertex.AiEndpointPrivateServiceConnectConfigArgs:
    project = facts.project(context)
    return sdk.gcp.vertex.AiEndpointPrivateServiceConnectConfigArgs(
        enable_private_service_connect=True,
        project_allowlists=[project],
        psc_automation_configs=[
            sdk.gcp.vertex.AiEndpointPrivateServiceConnectConfigPscAutomationConfigArgs(
                project_id=project, network=context.built_platform.native["network"]
            )
        ],
    )


def _deployment(
    spec: ModelEndpoint,
    context: BuildContext,
    key: sdk.pulumi.Output[str] | None,
    frame: list[Any],
) -> sdk.pulumi.CustomResource:
    before = [str(spec.model.name), *_trainers(spec, context)]
    platform = context.built_platform
    around = Surroundings(
        service_account=platform.identities[Purpose.SERVING],
        key=key,
        network=platform.native["network"],
        subnet=platform.native["subnet"],
    )
    after = [
        *frame,
        *(context.components[name] for name in before if name in context.components),
    ]
    return register(
        MODEL_DEPLOYMENT,
        context.name("deployment"),
        document(spec, context, around),
        outputs=("state", "version"),
        opts=context.opts("model", depends_on=after),
    )


def _trainers(spec: ModelEndpoint, scope: Scope) -> list[str]:
    return [
        name
        for name, other in scope.specs.items()
        if getattr(other, "model", None) == spec.model.name
    ]


def _url(
    context: BuildContext, endpoint: sdk.gcp.vertex.AiEndpoint, name: str
) -> sdk.pulumi.Output[str | None]:
    if isinstance(context.platform.network, PublicNetwork):
        return sdk.pulumi.Output.format(_CALL, endpoint.dedicated_endpoint_dns, name)
    return endpoint.private_service_connect_config.apply(lambda config: private_url(config, name))


def private_url(config: Any, name: str) -> str | None:
    """Return where it answers in the network; the address comes with its first deployment."""
    address: str | None = config.psc_automation_configs[0].ip_address
    return _CALL.format(address, name) if address else None
