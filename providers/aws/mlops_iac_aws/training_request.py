"""The request that trains: one builder for the pipeline's step and for the plan."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.errors import ProviderError
from mlops_iac.feature_rules import contracts_of
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac.specs.training_job import Framework
from mlops_iac_aws import place
from mlops_iac_aws.checks import environment_variables, has_secrets
from mlops_iac_aws.compute import Machine, Use, machine
from mlops_iac_aws.dataset import CONTRACT_FILE
from mlops_iac_aws.experiments import experiment_variables
from mlops_iac_aws.images import repository_access
from mlops_iac_aws.jobs.data import CONTRACT_SUFFIX, inputs_of
from mlops_iac_aws.jobs.steps import joined
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.requests import tag_list, without_none

CODE_CHANNEL = "code"
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


def is_isolated(spec: TrainingJob | ProcessingJob, scope: Scope) -> bool:
    """Whether the container has no network at all.

    So in `prod` and `regulated`; except where secrets must be read from their store, or runs are
    written to a declared experiment.
    """
    is_tracked = isinstance(spec, TrainingJob) and spec.experiment is not None
    return scope.profile.protects_data and not (is_tracked or has_secrets(spec.environment))


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
            "InputDataConfig": _channels(spec, scope, wiring, code_uri),
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
            "CheckpointConfig": _checkpoints(spec, scope, wiring),
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
        "TrainingImage": spec.image or wiring.image_of(spec.name),
        "TrainingInputMode": "File",
        "MetricDefinitions": [metric_definition(name) for name in spec.metrics] or None,
        "TrainingImageConfig": renamed or None,
    }


def _channels(
    spec: TrainingJob, scope: Scope, wiring: Wiring, code_uri: str | None
) -> list[dict[str, Any]]:
    inputs = inputs_of(spec.sources, scope, wiring)
    if code_uri is not None:
        inputs[CODE_CHANNEL] = code_uri
    return [_channel(name, uri) for name, uri in inputs.items()]


def _channel(name: str, uri: Any) -> dict[str, Any]:
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


def _checkpoints(spec: TrainingJob, scope: Scope, wiring: Wiring) -> dict[str, Any] | None:
    if spec.spot is None:
        return None
    # A run resumes its own work, never that of a run on other data or code.
    uri = joined(place.checkpoints_prefix(scope, spec.name), wiring.run_key)
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
            for name in contracts_of(spec.sources, scope.specs)
            if name not in wiring.joined
        },
        **(
            {}
            if is_isolated(spec, scope)
            else experiment_variables(spec, scope, wiring.tracking_uri)
        ),
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
