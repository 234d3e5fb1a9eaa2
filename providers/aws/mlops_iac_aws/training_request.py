"""The request that trains: one builder for the pipeline's step and for the plan."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.errors import ProviderError
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import Dataset, TrainingJob
from mlops_iac.specs.training_job import Framework
from mlops_iac_aws import place
from mlops_iac_aws.checks import environment_variables, has_secrets
from mlops_iac_aws.compute import Machine, Use, machine
from mlops_iac_aws.dataset import CONTRACT_FILE, contract_uri, dataset_uri
from mlops_iac_aws.images import repository_access
from mlops_iac_aws.requests import tag_list, without_none

CODE_CHANNEL = "code"
CONTRACT_SUFFIX = "-contract"
"""Channel beside a dataset's own that holds the description to check it by."""
CHANNELS = "/opt/ml/input/data"
"""Where SageMaker puts the files of each channel, in a folder of its name."""
CHECKPOINTS = "/opt/ml/checkpoints"

FRAMEWORKS: Mapping[Framework, str] = {
    # Values that Inference Recommender knows; the field takes any text.
    Framework.SKLEARN: "SAGEMAKER-SCIKIT-LEARN",
    Framework.XGBOOST: "XGBOOST",
    Framework.LIGHTGBM: "LIGHTGBM",
    Framework.PYTORCH: "PYTORCH",
    Framework.OTHER: "OTHER",
}


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Values that only deploying tells: Outputs in a plan, parameters in a pipeline."""

    runtime_image: Any
    tracking_uri: Any = None
    """`None` for a job without a way to the network."""
    key: Any = None
    vpc: Mapping[str, Any] | None = None


def is_isolated(spec: TrainingJob, scope: Scope) -> bool:
    """Whether the container has no network at all.

    So in `prod` and `regulated`; except where secrets must be read from their store.
    """
    return scope.profile.protects_data and not has_secrets(spec.environment)


def metric_definition(name: str) -> dict[str, str]:
    """Return how SageMaker finds a metric in the log line that the runtime writes."""
    regex = f"{contract.METRIC_LINE}{re.escape(name)}=({contract.METRIC_VALUE})"
    return {"Name": name, "Regex": regex}


def hyperparameters(spec: TrainingJob) -> dict[str, str]:
    """Return parameters as JSON texts: SageMaker has only text, the runtime gives types back."""
    return {name: json.dumps(value) for name, value in spec.hyperparameters.items()}


def training_arguments(
    spec: TrainingJob, scope: Scope, wiring: Wiring, code_uri: str | None
) -> dict[str, Any]:
    """Return the parameters of `CreateTrainingJob`, less the name, which the pipeline gives."""
    chosen = _machine(spec, scope)
    return without_none(
        {
            "AlgorithmSpecification": _algorithm(spec, scope, wiring),
            "RoleArn": place.role_arn(scope, Purpose.TRAINING),
            "HyperParameters": hyperparameters(spec) or None,
            "InputDataConfig": _channels(spec, scope, code_uri),
            "OutputDataConfig": {
                "S3OutputPath": place.runs_prefix(scope, spec.name),
                "KmsKeyId": wiring.key,
            },
            "ResourceConfig": {
                "InstanceType": chosen.name,
                "InstanceCount": spec.instances,
                "VolumeSizeInGB": spec.compute.disk_gb,
                # A machine with a disk inside takes no key for it: it encrypts by itself.
                "VolumeKmsKeyId": None if chosen.local_disk_gb else wiring.key,
            },
            "StoppingCondition": _stopping(spec),
            "EnableManagedSpotTraining": spec.spot is not None,
            "CheckpointConfig": _checkpoints(spec, scope),
            "VpcConfig": wiring.vpc,
            "EnableNetworkIsolation": is_isolated(spec, scope),
            "EnableInterContainerTrafficEncryption": True,
            "Environment": _environment(spec, scope, wiring, code_uri),
            "Tags": tag_list(scope.tags),
        }
    )


def _machine(spec: TrainingJob, scope: Scope) -> Machine:
    found = machine(spec.compute, Use.TRAINING, scope.target.region)
    if found is None:
        raise ProviderError(f"`{spec.name}` was built although no machine type satisfies it")
    return found


def _algorithm(spec: TrainingJob, scope: Scope, wiring: Wiring) -> dict[str, Any]:
    access = repository_access(spec.image or scope.platform.runtime_image, scope)
    renamed = {f"Training{name}": value for name, value in access.items()}
    return {
        "TrainingImage": spec.image or wiring.runtime_image,
        "TrainingInputMode": "File",
        "MetricDefinitions": [metric_definition(name) for name in spec.metrics] or None,
        "TrainingImageConfig": renamed or None,
    }


def _channels(spec: TrainingJob, scope: Scope, code_uri: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    with_contract = _contracts(spec, scope)
    for name, reference in spec.inputs.items():
        dataset = scope.specs[reference]
        if isinstance(dataset, Dataset):
            found.append(_channel(name, dataset_uri(dataset, scope)))
            if name in with_contract:
                found.append(_channel(name + CONTRACT_SUFFIX, contract_uri(dataset, scope)))
    if code_uri is not None:
        found.append(_channel(CODE_CHANNEL, code_uri))
    return found


def _contracts(spec: TrainingJob, scope: Scope) -> set[str]:
    """Return the inputs whose columns are declared."""
    datasets = {name: scope.specs[reference] for name, reference in spec.inputs.items()}
    return {name for name, item in datasets.items() if isinstance(item, Dataset) and item.columns}


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _stopping(spec: TrainingJob) -> dict[str, int | None]:
    wait = int(spec.spot.max_wait.total_seconds()) if spec.spot else None
    return {
        "MaxRuntimeInSeconds": int(spec.timeout.total_seconds()),
        "MaxWaitTimeInSeconds": wait,
    }


def _checkpoints(spec: TrainingJob, scope: Scope) -> dict[str, str] | None:
    if spec.spot is None:
        return None
    uri = f"{place.artifact_root(scope)}/checkpoints/{spec.name}"
    return {"S3Uri": uri, "LocalPath": CHECKPOINTS}


def _environment(
    spec: TrainingJob, scope: Scope, wiring: Wiring, code_uri: str | None
) -> dict[str, Any]:
    code = code_uri and f"{CHANNELS}/{CODE_CHANNEL}/{code_uri.rpartition('/')[2]}"
    told = {
        contract.JOB: spec.name,
        contract.CODE: code,
        contract.SCRIPT: spec.script and spec.script.rpartition("/")[2],
        contract.METRICS: ",".join(spec.metrics) or None,
        contract.EXPECTS_MODEL: contract.flag(value=spec.model is not None),
        # A file: a variable of SageMaker takes 512 characters.
        **{
            contract.COLUMNS + contract.input_suffix(name): (
                f"{CHANNELS}/{name}{CONTRACT_SUFFIX}/{CONTRACT_FILE}"
            )
            for name in _contracts(spec, scope)
        },
        "MLFLOW_TRACKING_URI": wiring.tracking_uri,
    }
    return {**environment_variables(spec.environment), **without_none(told)}


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a version is registered with."""

    group: str
    status: str
    image: Any
    model_data: Any
    run_key: Any


def package_arguments(spec: TrainingJob, package: Package) -> dict[str, Any]:
    """Return the parameters of `CreateModelPackage`: the version that a run registers."""
    container = {
        "Image": package.image,
        "ModelDataUrl": package.model_data,
        "Framework": FRAMEWORKS[spec.framework],
    }
    return {
        "ModelPackageGroupName": package.group,
        "ModelApprovalStatus": package.status,
        "InferenceSpecification": {
            "Containers": [container],
            "SupportedContentTypes": ["application/json", "text/csv"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
        "CustomerMetadataProperties": {
            "mlops-iac-job": spec.name,
            "mlops-iac-run-key": package.run_key,
        },
    }
