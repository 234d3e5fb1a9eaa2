"""What deploying a version asks of SageMaker: model, configuration, endpoint, scaling."""

from collections.abc import Sequence
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import BuildContext, Purpose
from mlops_iac.specs import ModelEndpoint, RegisteredModel
from mlops_iac.specs.model_endpoint import Async, AutoscaledReplicas, Canary, Serverless
from mlops_iac_aws import names, place, to_zero
from mlops_iac_aws.checks import environment_variables, has_secrets
from mlops_iac_aws.compute import Machine, Use, machine
from mlops_iac_aws.images import repository_access
from mlops_iac_aws.network import vpc_config
from mlops_iac_aws.requests import UNKNOWN, request, tag_list
from mlops_iac_aws.rollout import deployment_config, rolling_config
from mlops_iac_aws.scaling import capacity, scaling_requests
from mlops_iac_aws.to_zero import goes_to_zero
from mlops_iac_aws.variants import CHALLENGER, MAIN, PRODUCTION, SHADOW


def deployment_requests(
    spec: ModelEndpoint, context: BuildContext, alarms: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the requests of a first deployment, in their order."""
    endpoint = names.endpoint(context, spec.name)
    # Names of models and configurations hold the hash of their content, which has the version.
    model = {"ModelName": UNKNOWN, **_model(spec, context)}
    configuration = {"EndpointConfigName": UNKNOWN, **_configuration(spec, context)}
    return [
        request("sagemaker", "CreateModel", model),
        request("sagemaker", "CreateEndpointConfig", configuration),
        request(
            "sagemaker",
            "CreateEndpoint",
            {
                "EndpointName": endpoint,
                "EndpointConfigName": UNKNOWN,
                "DeploymentConfig": _guardrails(spec, alarms),
                "Tags": tag_list(context.tags),
            },
        ),
        *_component(spec, context),
        *scaling_requests(spec, endpoint),
    ]


def update_requests(
    spec: ModelEndpoint, context: BuildContext, alarms: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the requests that replace the version: zero downtime, the replica count kept."""
    first = deployment_requests(spec, context, alarms)
    created = first[2]["body"]
    update = {
        "EndpointName": created["EndpointName"],
        "EndpointConfigName": created["EndpointConfigName"],
        **_retained(spec),
        "DeploymentConfig": _guardrails(spec, alarms),
    }
    return [
        *first[:2],
        request("sagemaker", "UpdateEndpoint", update),
        *_component_update(spec, context, alarms),
        *scaling_requests(spec, names.endpoint(context, spec.name)),
    ]


def _component(spec: ModelEndpoint, context: BuildContext) -> list[dict[str, Any]]:
    chosen = hosting_machine(spec, context.target.region)
    if chosen is None or not goes_to_zero(spec):
        return []
    endpoint = names.endpoint(context, spec.name)
    return [to_zero.creation(endpoint, chosen, tag_list(context.tags))]


def _component_update(
    spec: ModelEndpoint, context: BuildContext, alarms: Sequence[str]
) -> list[dict[str, Any]]:
    chosen = hosting_machine(spec, context.target.region)
    if chosen is None or not goes_to_zero(spec) or isinstance(spec.rollout, Canary):
        return []
    rollout = rolling_config(spec.rollout, alarms)
    return [to_zero.replacement(names.endpoint(context, spec.name), chosen, rollout)]


def _guardrails(spec: ModelEndpoint, alarms: Sequence[str]) -> dict[str, Any] | None:
    # Beside a shadow nothing but a plain update is asked for; planning refuses other rollouts.
    has_shadow = spec.challenger is not None and spec.challenger.shadow
    # What serves in an endpoint that goes to zero is its component, which is rolled by itself.
    return None if has_shadow or goes_to_zero(spec) else deployment_config(spec.rollout, alarms)


def _retained(spec: ModelEndpoint) -> dict[str, Any]:
    if not isinstance(spec.scaling, AutoscaledReplicas | Async):
        return {"RetainAllVariantProperties": False}
    # Else each update would set the count back to where the endpoint began.
    others = ("DataCaptureConfig", "DesiredWeight")
    return {
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": name} for name in others],
    }


def hosting_machine(spec: ModelEndpoint, region: str | None) -> Machine | None:
    """Return the machine of one replica; `None` for serverless."""
    if isinstance(spec.scaling, Serverless):
        return None
    return machine(spec.compute, Use.HOSTING, region)


def _model(spec: ModelEndpoint, context: BuildContext) -> dict[str, Any]:
    model = str(spec.model.name)
    package = (
        place.model_package_arn(context, model, spec.model.version)
        if spec.model.version is not None
        else UNKNOWN
    )
    is_serverless = isinstance(spec.scaling, Serverless)
    access = {} if is_serverless else repository_access(context.platform.runtime_image, context)
    return {
        "PrimaryContainer": {
            # SageMaker itself refuses a package that nobody approved.
            "ModelPackageName": package,
            "Environment": _environment(spec, context),
            "ImageConfig": access or None,
        },
        "ExecutionRoleArn": place.role_arn(context, Purpose.SERVING),
        "VpcConfig": None if is_serverless else vpc_config(context),
        "EnableNetworkIsolation": not is_serverless and _is_isolated(spec),
        "Tags": tag_list(context.tags),
    }


def _is_isolated(spec: ModelEndpoint) -> bool:
    return not has_secrets(spec.environment)


def _environment(spec: ModelEndpoint, context: BuildContext) -> dict[str, Any]:
    model = context.specs.get(str(spec.model.name))
    trusts_pickle = isinstance(model, RegisteredModel) and model.trust_pickle
    told = {
        contract.MODEL_NAME: str(spec.model.name),
        contract.MODEL_VERSION: str(spec.model.version) if spec.model.is_pinned else UNKNOWN,
        # The runtime loads nothing whose digest is not this one.
        contract.MODEL_DIGEST: UNKNOWN,
        contract.TRUST_PICKLE: contract.flag(value=trusts_pickle),
        contract.TIMEOUT_SECONDS: str(int(spec.timeout.total_seconds())),
    }
    return {**environment_variables(spec.environment), **told}


def _configuration(spec: ModelEndpoint, context: BuildContext) -> dict[str, Any]:
    chosen = hosting_machine(spec, context.target.region)
    key = context.built_platform.encryption_key
    key_id = None if context.platform.encryption.mode == "managed" else key
    has_volume = chosen is not None and not chosen.local_disk_gb
    return {
        **_variants(spec, chosen),
        "DataCaptureConfig": _capture(spec, context, key_id),
        "AsyncInferenceConfig": _async(spec, context, key_id),
        # A machine with a disk inside takes no key for it: it encrypts by itself.
        "KmsKeyId": key_id if has_volume else None,
        **_machines_own(spec, context),
        "Tags": tag_list(context.tags),
    }


def _machines_own(spec: ModelEndpoint, context: BuildContext) -> dict[str, Any]:
    """Return what machines without a model need to be told; other endpoints refuse it."""
    if not goes_to_zero(spec):
        return {}
    return {
        "ExecutionRoleArn": place.role_arn(context, Purpose.SERVING),
        "VpcConfig": vpc_config(context),
        "EnableNetworkIsolation": _is_isolated(spec),
    }


def _variants(spec: ModelEndpoint, chosen: Machine | None) -> dict[str, Any]:
    rival = spec.challenger
    if rival is None:
        return {PRODUCTION: [_variant(spec, chosen, MAIN, 1.0)]}
    if rival.shadow:
        # The share of copies is the shadow's weight over that of the version that answers.
        return {
            PRODUCTION: [_variant(spec, chosen, MAIN, 1.0)],
            SHADOW: [_variant(spec, chosen, CHALLENGER, rival.percent / 100)],
        }
    weights = {MAIN: 100.0 - rival.percent, CHALLENGER: float(rival.percent)}
    return {PRODUCTION: [_variant(spec, chosen, name, each) for name, each in weights.items()]}


def _variant(
    spec: ModelEndpoint, chosen: Machine | None, name: str, weight: float
) -> dict[str, Any]:
    served = {"ModelName": UNKNOWN, "InitialVariantWeight": weight}
    return {
        "VariantName": name,
        **({} if goes_to_zero(spec) else served),
        **{k: v for k, v in capacity(spec, chosen).items() if v is not None},
    }


def _capture(spec: ModelEndpoint, context: BuildContext, key: Any) -> dict[str, Any] | None:
    if spec.capture is None:
        return None
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": spec.capture.percent,
        "DestinationS3Uri": place.capture_prefix(context, spec.name),
        "KmsKeyId": key,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {
            "CsvContentTypes": ["text/csv"],
            "JsonContentTypes": ["application/json"],
        },
    }


def _async(spec: ModelEndpoint, context: BuildContext, key: Any) -> dict[str, Any] | None:
    if not isinstance(spec.scaling, Async):
        return None
    prefix = place.async_prefix(context, spec.name)
    return {
        "ClientConfig": {
            "MaxConcurrentInvocationsPerInstance": spec.scaling.concurrency_per_replica
        },
        "OutputConfig": {
            "S3OutputPath": f"{prefix}/answers",
            "S3FailurePath": f"{prefix}/failures",
            "KmsKeyId": key,
        },
    }
