"""ModelEndpoint on Google Cloud: the frame is an endpoint, the rest a ModelDeployment."""

import re
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_gcp as gcp

from mlops_iac.custom import register
from mlops_iac.outputs import ModelEndpointOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.specs import (
    ExistingNetwork,
    ManagedKey,
    ModelEndpoint,
    TrainingJob,
)
from mlops_iac_gcp import facts
from mlops_iac_gcp.capture import add_capture
from mlops_iac_gcp.compute import SYSTEM_DISK_GB, compute_problems
from mlops_iac_gcp.deployment import deployment_requests, display_name, policy, rollout_steps
from mlops_iac_gcp.workload import environment_problems, grant_secrets

MODEL_DEPLOYMENT = "mlops-iac:gcp:ModelDeployment"
_METRICS = "aiplatform.googleapis.com/prediction/online"
# https://cloud.google.com/vertex-ai/docs/predictions/choose-endpoint-type
_MAX_TIMEOUT_SECONDS = 3600
# discovery aiplatform.v1, Model.versionAliases
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")


class ModelEndpointAdapter:
    """What is stable is a resource of pulumi-gcp; what is deployed belongs to our own."""

    def check(self, spec: ModelEndpoint, scope: Scope) -> Iterator[Problem]:  # noqa: ARG002
        """Yield what Vertex AI could not serve."""
        yield from compute_problems(spec.name, spec.compute)
        yield from environment_problems(spec.name, spec.environment)
        yield from _disk_problems(spec)
        yield from _timeout_problems(spec)
        yield from _alias_problems(spec)

    def build(self, spec: ModelEndpoint, context: BuildContext) -> ModelEndpointOutputs:
        """Register the endpoint's frame and what is deployed on it."""
        key = _key(context)
        granted = grant_secrets(context, Purpose.SERVING, spec.environment)
        endpoint = _endpoint(spec, context, key)
        deployment = _deployment(spec, context, key, endpoint, granted)
        name = facts.endpoint_name(context, spec.name)
        page = f"vertex-ai/locations/{facts.region(context)}/endpoints/{name.rpartition('/')[2]}"
        return ModelEndpointOutputs(
            native_id=endpoint.id,
            console_url=pulumi.Output.from_input(facts.console(context, page)),
            url=_url(context, endpoint, name),
            endpoint_name=pulumi.Output.from_input(name),
            state=_output(deployment, "state"),
            version=_output(deployment, "version"),
            credential=pulumi.Output.from_input(None),
            metrics_namespace=pulumi.Output.from_input(_METRICS),
        )


def _output(resource: pulumi.CustomResource, name: str) -> pulumi.Output[Any]:
    return getattr(resource, name)


def _key(context: BuildContext) -> pulumi.Output[str] | None:
    if isinstance(context.platform.encryption, ManagedKey):
        return None
    return context.built_platform.encryption_key.apply(str)


def _endpoint(
    spec: ModelEndpoint, context: BuildContext, key: pulumi.Output[str] | None
) -> gcp.vertex.AiEndpoint:
    network = context.platform.network
    private = isinstance(network, ExistingNetwork)
    return gcp.vertex.AiEndpoint(
        context.name("endpoint"),
        name=facts.endpoint_id(context, spec.name),
        display_name=display_name(spec, context),
        description=f"{spec.model.name} of {context.project} ({context.stack})",
        project=facts.project(context),
        location=facts.region(context),
        region=facts.region(context),
        # A dedicated address and Private Service Connect exclude each other.
        dedicated_endpoint_enabled=None if private else True,
        private_service_connect_config=_private(context, network) if private else None,
        encryption_spec=None
        if key is None
        else gcp.vertex.AiEndpointEncryptionSpecArgs(kms_key_name=key),
        predict_request_response_logging_config=add_capture(spec, context, key),
        labels=facts.labels(context),
        # What is deployed, and its share of the traffic, belongs to the ModelDeployment.
        opts=context.opts("", ignore_changes=["trafficSplit"]),
    )


def _private(
    context: BuildContext, network: ExistingNetwork
) -> gcp.vertex.AiEndpointPrivateServiceConnectConfigArgs:
    project = facts.project(context)
    return gcp.vertex.AiEndpointPrivateServiceConnectConfigArgs(
        enable_private_service_connect=True,
        project_allowlists=[project],
        psc_automation_configs=[
            gcp.vertex.AiEndpointPrivateServiceConnectConfigPscAutomationConfigArgs(
                project_id=project, network=network.network
            )
        ],
    )


def _deployment(
    spec: ModelEndpoint,
    context: BuildContext,
    key: pulumi.Output[str] | None,
    endpoint: gcp.vertex.AiEndpoint,
    granted: list[gcp.secretmanager.SecretIamMember],
) -> pulumi.CustomResource:
    account = context.built_platform.identities[Purpose.SERVING]
    before = [spec.model.name, *_trainers(spec, context)]
    inputs = {
        "endpoint": facts.endpoint_name(context, spec.name),
        "policy": policy(spec, context),
        "scaling": spec.scaling.model_dump(mode="json"),
        "compute": spec.compute.model_dump(mode="json"),
        "rollout": spec.rollout.model_dump(mode="json"),
        "rolloutSteps": rollout_steps(spec),
        "requests": deployment_requests(spec, context, key, account),
    }
    after = [
        endpoint,
        *granted,
        *(context.components[name] for name in before if name in context.components),
    ]
    return register(
        MODEL_DEPLOYMENT,
        context.name("deployment"),
        inputs,
        outputs=("state", "version", "deployedModelId"),
        opts=context.opts("model", depends_on=after),
    )


def _trainers(spec: ModelEndpoint, scope: Scope) -> list[str]:
    jobs = (job for job in scope.specs.values() if isinstance(job, TrainingJob))
    return [job.name for job in jobs if job.model == spec.model.name]


def _url(context: BuildContext, endpoint: gcp.vertex.AiEndpoint, name: str) -> pulumi.Output[str]:
    if isinstance(context.platform.network, ExistingNetwork):
        address = endpoint.private_service_connect_config.apply(_private_address)
    else:
        address = endpoint.dedicated_endpoint_dns
    return pulumi.Output.format("https://{0}/v1/{1}:predict", address, name)


def _private_address(config: Any) -> str:
    return str(config.psc_automation_configs[0].ip_address)


def _disk_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    if spec.compute.disk_gb > SYSTEM_DISK_GB:
        yield Problem(
            code="compute.disk",
            component=spec.name,
            field="compute.disk_gb",
            value=spec.compute.disk_gb,
            message=f"a replica on Vertex AI has no disk of {spec.compute.disk_gb} GiB",
            rule=f"its disk is {SYSTEM_DISK_GB} GiB and cannot be chosen",
            remedy="ask for less, or read large files from Cloud Storage",
        )


def _timeout_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    seconds = spec.timeout.total_seconds()
    if not 1 <= seconds <= _MAX_TIMEOUT_SECONDS:
        yield Problem(
            code="endpoint.timeout",
            component=spec.name,
            field="timeout",
            value=f"{seconds:g}s",
            message=f"Vertex AI does not wait {seconds:g} s for a prediction",
            rule=f"1 to {_MAX_TIMEOUT_SECONDS} seconds",
            remedy="choose a shorter `timeout`, or predict in batches",
        )


def _alias_problems(spec: ModelEndpoint) -> Iterator[Problem]:
    alias = spec.model.alias
    if alias is not None and (alias == "default" or not _ALIAS.fullmatch(alias)):
        yield Problem(
            code="model.alias",
            component=spec.name,
            field="model",
            value=alias,
            message=f"`{alias}` cannot be an alias on Vertex AI",
            rule="two characters or more, no `-` at the end; Vertex AI moves `default` by itself",
            remedy="choose another alias, such as `champion`",
        )
