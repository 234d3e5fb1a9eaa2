"""The facts of a stack that narrow its permissions: what it reads, runs, registers and serves."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import mlops_iac_aws.grants as table
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    ExperimentTracker,
    FeatureGroup,
    HyperparameterSearch,
    ModelEndpoint,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    Spec,
    TrainingJob,
)
from mlops_iac.specs.model_endpoint import Async
from mlops_iac.specs.platform import CustomerKey, ExistingKey, PublicNetwork
from mlops_iac.specs.registered_model import Approval
from mlops_iac.specs.types import SecretRef, is_output
from mlops_iac_aws import images, names, place
from mlops_iac_aws.availability import WITHOUT_MLFLOW_APP
from mlops_iac_aws.deploying_facts import deploying_facts, own_work_facts
from mlops_iac_aws.policy_facts import policy_facts
from mlops_iac_aws.to_zero import goes_to_zero

_PROCESSING = (ProcessingJob, DataValidation, FeatureGroup, BatchInference, Pipeline)
"""Kinds whose pipelines have processing steps."""
KEY_OF_OUTPUT = "existing-key-of-output"
"""Stands for a key that is known only while deploying; the policy's writer puts it in."""


def facts(scope: Scope, purpose: Purpose | str) -> table.Facts:
    """Return the facts that the templates of `mlops_iac_aws.grants` name."""
    return {
        **_owner(scope),
        "bucket": (place.bucket_arn(scope),),
        "training_role": (place.role_arn(scope, Purpose.TRAINING),),
        "serving_role": (place.role_arn(scope, Purpose.SERVING),),
        "pipeline_jobs": (place.arn(scope, "sagemaker", "training-job/pipelines-*"),),
        "pipeline_work": _if(
            _of(scope, *_PROCESSING), place.arn(scope, "sagemaker", "processing-job/pipelines-*")
        ),
        "searches": _if(
            _of(scope, HyperparameterSearch),
            place.arn(scope, "sagemaker", "hyper-parameter-tuning-job/*"),
        ),
        "own_repository": (place.repository_arn(scope),),
        "repositories": tuple(sorted(images.repository_arns(scope))),
        "log_groups": tuple(_log_groups(scope, purpose)),
        "secrets": tuple(sorted(set(_secrets(scope, purpose)))),
        **_remote_data(scope),
        **_tracking(scope),
        **_key(scope),
        **_network(scope),
        **_components(scope),
        **deploying_facts(scope),
        **own_work_facts(scope),
        **policy_facts(scope),
    }


def secret_arn(scope: Scope, name: str) -> str:
    """Return the ARN of a secret by name; Secrets Manager adds six random characters to it."""
    return place.arn(scope, "secretsmanager", f"secret:{name}-??????")


def _owner(scope: Scope) -> dict[str, tuple[str, ...]]:
    """Return whose mark the parts of the platform bear."""
    if scope.shared is not None:
        found = scope.shared.document
        return {"project": (found.project,), "stack": (found.stack,)}
    return {"project": (scope.project,), "stack": (scope.stack,)}


def _components(scope: Scope) -> dict[str, tuple[str, ...]]:
    specs = scope.specs.values()
    models = [spec for spec in specs if isinstance(spec, RegisteredModel)]
    endpoints = [spec for spec in specs if isinstance(spec, ModelEndpoint)]
    jobs = _of(scope, TrainingJob, HyperparameterSearch, *_PROCESSING)
    to_zero = [spec for spec in endpoints if goes_to_zero(spec)]
    return {
        "pipelines": tuple(place.pipeline_arn(scope, job.name) for job in jobs),
        "fill_roles": tuple(
            place.role_arn(scope, names.fill_role(group.name)) for group in _of(scope, FeatureGroup)
        ),
        "automatic_models": tuple(_model_arns(scope, models, Approval.AUTOMATIC)),
        "manual_models": tuple(_model_arns(scope, models, Approval.MANUAL)),
        "endpoints": tuple(place.endpoint_arn(scope, e.name) for e in endpoints),
        "components": tuple(place.component_arn(scope, e.name) for e in to_zero),
        "hosts_of_components": tuple(place.endpoint_arn(scope, e.name) for e in to_zero),
        "deployments": tuple(arn for e in endpoints for arn in _deployment_arns(scope, e.name)),
        "scalable_targets": _if(
            endpoints, place.arn(scope, "application-autoscaling", "scalable-target/*")
        ),
        "traffic_objects": tuple(arn for e in endpoints for arn in _traffic(scope, e)),
    }


def _model_arns(scope: Scope, models: list[RegisteredModel], approval: Approval) -> Iterator[str]:
    for model in models:
        if model.approval is approval:
            yield place.model_group_arn(scope, model.name)
            yield place.model_package_arn(scope, model.name, "*")


def _deployment_arns(scope: Scope, endpoint: str) -> Iterator[str]:
    name = names.endpoint(scope, endpoint)
    yield place.endpoint_arn(scope, endpoint)
    yield place.arn(scope, "sagemaker", f"endpoint-config/{name}-*")
    yield place.arn(scope, "sagemaker", f"model/{name}-*")


def _traffic(scope: Scope, endpoint: ModelEndpoint) -> Iterator[str]:
    bucket = place.bucket_arn(scope)
    if endpoint.capture is not None:
        yield f"{bucket}/capture/{endpoint.name}/*"
    if isinstance(endpoint.scaling, Async):
        yield f"{bucket}/async/{endpoint.name}/*"


def _log_groups(scope: Scope, purpose: Purpose | str) -> Iterator[str]:
    if purpose == names.FLOW_LOG_ROLE:
        yield place.arn(scope, "logs", f"log-group:{place.flow_log_group(scope)}")
    if purpose == names.BUILD_ROLE:
        yield place.arn(scope, "logs", f"log-group:{place.build_log_group(scope)}")
    if purpose is Purpose.TRAINING:
        yield place.arn(scope, "logs", f"log-group:{place.TRAINING_LOG_GROUP}")
        if _of(scope, *_PROCESSING):
            yield place.arn(scope, "logs", f"log-group:{place.PROCESSING_LOG_GROUP}")
    if purpose is Purpose.SERVING:
        for spec in scope.specs.values():
            if isinstance(spec, ModelEndpoint):
                yield place.arn(scope, "logs", f"log-group:{place.log_group(scope, spec.name)}")


_Holder = TrainingJob | ProcessingJob | BatchInference | ModelEndpoint
_SECRET_HOLDERS: dict[Purpose | str, tuple[type[_Holder], ...]] = {
    Purpose.TRAINING: (TrainingJob, ProcessingJob, BatchInference),
    Purpose.SERVING: (ModelEndpoint,),
}


def _secrets(scope: Scope, purpose: Purpose | str) -> Iterator[str]:
    holders = _SECRET_HOLDERS.get(purpose, ())
    for spec in scope.specs.values():
        if isinstance(spec, holders):
            for value in spec.environment.values():
                if isinstance(value, SecretRef):
                    yield secret_arn(scope, value.secret)


def _remote_data(scope: Scope) -> dict[str, tuple[str, ...]]:
    places = [
        urlsplit(spec.source)
        for spec in scope.specs.values()
        if isinstance(spec, Dataset) and spec.source.startswith("s3://")
    ]
    root = f"arn:{place.PARTITION}:s3:::"
    objects = {f"{root}{p.netloc}/{p.path.strip('/')}*" for p in places}
    return {
        "remote_objects": tuple(sorted(objects)),
        "remote_buckets": tuple(sorted({f"{root}{p.netloc}" for p in places})),
    }


def _tracking(scope: Scope) -> dict[str, tuple[str, ...]]:
    app = place.arn(scope, "sagemaker", "mlflow-app/*")
    server = place.arn(scope, "sagemaker", f"mlflow-tracking-server/{names.tracking(scope)}")
    has_app = place.region(scope) not in WITHOUT_MLFLOW_APP
    own = tuple(
        place.tracking_server_arn(scope, spec.name)
        for spec in scope.specs.values()
        if isinstance(spec, ExperimentTracker) and spec.server is not None
    )
    return {
        "tracking_apps": (app,) if has_app else (),
        "tracking_servers": own if has_app else (server, *own),
    }


def _key(scope: Scope) -> dict[str, tuple[str, ...]]:
    encryption = scope.platform.encryption
    any_key = place.arn(scope, "kms", "key/*")
    if isinstance(encryption, CustomerKey):
        return {"keys": (), "any_key": (any_key,), "key_alias": (names.key_alias(scope),)}
    if isinstance(encryption, ExistingKey):
        if not is_output(encryption.key) and ":alias/" in str(encryption.key):
            alias = str(encryption.key).partition(":alias/")[2]
            return {"keys": (), "any_key": (any_key,), "key_alias": (f"alias/{alias}",)}
        known = KEY_OF_OUTPUT if is_output(encryption.key) else str(encryption.key)
        return {"keys": (known,), "any_key": (), "key_alias": ()}
    return {"keys": (), "any_key": (), "key_alias": ()}


def _network(scope: Scope) -> dict[str, tuple[str, ...]]:
    network = scope.platform.network
    if isinstance(network, PublicNetwork):
        return {"anywhere_in_network": (), "network_interfaces": ()}
    interfaces = [place.arn(scope, "ec2", "network-interface/*")]
    interfaces += [place.arn(scope, "ec2", "subnet/*"), place.arn(scope, "ec2", "security-group/*")]
    return {"anywhere_in_network": ("*",), "network_interfaces": tuple(interfaces)}


def _of(scope: Scope, *kinds: type[Spec]) -> list[Spec]:
    return [spec for spec in scope.specs.values() if isinstance(spec, kinds)]


def _if(present: object, value: str) -> tuple[str, ...]:
    return (value,) if present else ()
