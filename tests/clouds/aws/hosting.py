"""What endpoints are made of: models, configurations, scalable targets."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.aws import endpoints
from tests.clouds.aws.calls import Answer, Call
from tests.clouds.aws.crud import (
    creating,
    deleting,
    invalid,
    operations,
)
from tests.clouds.aws.kinds import (
    ENDPOINT,
    ENDPOINT_CONFIG,
    INFERENCE_COMPONENT,
    MODEL,
    MODEL_PACKAGE,
)
from tests.clouds.aws.store import Members, Record
from tests.clouds.aws.world import Handler, World


def models() -> dict[str, Handler]:
    """Return the operations of models."""
    return operations(MODEL, create=creating(MODEL, _judge_model, _model_defaults))


def _model_defaults(world: World, call: Call) -> Members:
    del world, call
    return {"EnableNetworkIsolation": False}


def _judge_model(world: World, call: Call) -> None:
    containers = call.params.get("Containers") or [call.params.get("PrimaryContainer") or {}]
    for one in containers:
        package = one.get("ModelPackageName")
        if package is not None:
            world.store.get(MODEL_PACKAGE, call.region, package)
        elif not one.get("Image") and "InferenceSpecificationName" not in one:
            raise invalid("Either Image or ModelPackageName must be given for a container.")


def configs() -> dict[str, Handler]:
    """Return the operations of endpoint configurations."""
    create = creating(ENDPOINT_CONFIG, _judge_config)
    return operations(ENDPOINT_CONFIG, create=create, delete=deleting(ENDPOINT_CONFIG, _unused))


def _judge_config(world: World, call: Call) -> None:
    shadows = call.params.get("ShadowProductionVariants", [])
    variants = [*call.params["ProductionVariants"], *shadows]
    if shadows:
        _judge_shadows(call, variants)
    names = [one["VariantName"] for one in variants]
    if len(set(names)) != len(names):
        raise invalid("Variant names must be unique.")
    for one in variants:
        _judge_variant(world, call, one)
    _judge_machines(call, variants)


_WITHOUT_MODEL = ("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")


def _judge_machines(call: Call, variants: list[Mapping[str, Any]]) -> None:
    """Tell configurations with models from those that host inference components."""
    hosts = ["ModelName" not in one for one in variants]
    given = [name for name in _WITHOUT_MODEL if name in call.params]
    if any(hosts) and not all(hosts):
        raise invalid("Either all variants or none must specify a model.")
    if any(hosts) and "ExecutionRoleArn" not in given:
        raise invalid("ExecutionRoleArn is required when no model is specified.")
    if given and not any(hosts):
        raise invalid(f"{given} must not be given when a model is specified.")


def _judge_shadows(call: Call, variants: list[Mapping[str, Any]]) -> None:
    """Refuse what `shadow-tests-exclusions` lists, and more than one of each."""
    if len(variants) != 2:
        raise invalid("A shadow variant takes exactly one production variant beside it.")
    if "AsyncInferenceConfig" in call.params or any("ServerlessConfig" in one for one in variants):
        raise invalid("Shadow variants are supported for real-time endpoints only.")


def _judge_variant(world: World, call: Call, variant: Mapping[str, Any]) -> None:
    if "ModelName" in variant:
        world.store.get(MODEL, call.region, variant["ModelName"])
    if "ServerlessConfig" in variant:
        _judge_serverless(call, variant)
    elif "InstanceType" not in variant and "InstancePools" not in variant:
        raise invalid("Either InstanceType or ServerlessConfig must be given for a variant.")


def _judge_serverless(call: Call, variant: Mapping[str, Any]) -> None:
    """Refuse what serverless inference has not (its `feature exclusions`)."""
    memory = variant["ServerlessConfig"]["MemorySizeInMB"]
    if memory % 1024:
        raise invalid(f"MemorySizeInMB must be a multiple of 1024, not {memory}.")
    for name in ("DataCaptureConfig", "AsyncInferenceConfig", "KmsKeyId"):
        if name in call.params:
            raise invalid(f"{name} is not supported for serverless endpoints.")
    for name in ("InstanceType", "InitialInstanceCount"):
        if name in variant:
            raise invalid(f"{name} must not be given with ServerlessConfig.")


def _unused(world: World, record: Record) -> None:
    # The documentation says "must not" and AWS lets it pass; a roll-back would be lost.
    used = [endpoint.key for endpoint in endpoints.users(world, record)]
    if used:
        raise invalid(f'Endpoint configuration "{record.arn}" is in use by {used}.')


def register_scalable_target(world: World, call: Call) -> Answer:
    """Let a variant be scaled, if there is one: moto takes any name."""
    parts = call.params["ResourceId"].split("/")
    if call.params["ServiceNamespace"] == "sagemaker" and parts[0] == "endpoint":
        _judge_target(world, call, parts[1], parts[3])
    if parts[0] == "inference-component":
        world.store.get(INFERENCE_COMPONENT, call.region, parts[1])
    return world.forward(call)


def _judge_target(world: World, call: Call, endpoint: str, variant: str) -> None:
    record = world.store.find(ENDPOINT, call.region, endpoint)
    names = [one["VariantName"] for one in record.members["ProductionVariants"]] if record else []
    if variant not in names:
        raise invalid(f"No variant of that name: endpoint/{endpoint}/variant/{variant}")
