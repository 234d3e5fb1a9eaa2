"""Processing jobs: one request for every step that is not training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.compute import Use
from mlops_iac.errors import ProviderError
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs.compute import Compute
from mlops_iac_aws import place
from mlops_iac_aws.compute import machine
from mlops_iac_aws.jobs.steps import PropertyFile, Step, StepType, joined
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.requests import tag_list, without_none

INPUTS = "/opt/ml/processing/input"
OUTPUTS = "/opt/ml/processing/output"
REPORT = "report"
"""Output with `run.json` and what a run tells people."""
INPUT_LIMIT = 10
OUTPUT_LIMIT = 10
ENVIRONMENT_LIMIT = 256
LONGEST_PROCESSING = timedelta(days=9)
"""botocore sagemaker `CreateProcessingJob`."""


@dataclass(frozen=True, kw_only=True)
class Processing:
    """What one processing job is."""

    job: str
    """The component."""
    command: Sequence[Any] | None = None
    """What is started; the image's own entry point when `None`."""
    image: Any = None
    """The runtime image when `None`."""
    inputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """URI of each input; it lies in `/opt/ml/processing/input/<name>`."""
    mounts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """URI of what lies beside the inputs but is none: code, parameters, descriptions."""
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """URI of each output of data; it is left in `/opt/ml/processing/output/data/<name>`."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    compute: Compute = field(default_factory=Compute)
    instances: int = 1
    timeout: timedelta = timedelta(hours=1)
    is_isolated: bool = True
    """Whether the container has no network at all."""
    purpose: Purpose | str = Purpose.TRAINING
    """The identity under which it runs."""


def runtime_command(module: str) -> tuple[str, ...]:
    """Return how a part of the runtime is started."""
    return ("python", "-m", f"mlops_iac.runtime.{module}")


def processing_step(
    name: str, work: Processing, scope: Scope, wiring: Wiring, *, files: Sequence[PropertyFile] = ()
) -> Step:
    """Return the step that does some work; `files` are in its report."""
    arguments = processing_arguments(work, scope, wiring)
    return Step(name=name, type=StepType.PROCESSING, arguments=arguments, files=tuple(files))


def processing_arguments(work: Processing, scope: Scope, wiring: Wiring) -> dict[str, Any]:
    """Return the parameters of `CreateProcessingJob`, less the name, which the pipeline gives."""
    report = joined(place.runs_prefix(scope, work.job), wiring.run_key, REPORT)
    mounted = {**work.inputs, **work.mounts}
    outputs = [
        _output(REPORT, report, "Continuous"),
        *(_output(f"data/{name}", uri, "EndOfJob", name) for name, uri in work.outputs.items()),
    ]
    return without_none(
        {
            "ProcessingResources": {"ClusterConfig": _cluster(work, scope, wiring)},
            "AppSpecification": {
                "ImageUri": work.image or wiring.runtime_image,
                "ContainerEntrypoint": work.command and list(work.command),
            },
            "RoleArn": place.role_arn(scope, work.purpose),
            "ProcessingInputs": [_input(name, uri) for name, uri in mounted.items()] or None,
            "ProcessingOutputConfig": {"Outputs": outputs, "KmsKeyId": wiring.key},
            "Environment": {**_places(work), **work.environment},
            "NetworkConfig": {
                "EnableNetworkIsolation": work.is_isolated,
                "EnableInterContainerTrafficEncryption": True,
                "VpcConfig": wiring.vpc,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": int(work.timeout.total_seconds())},
            "Tags": tag_list(scope.tags),
        }
    )


def _cluster(work: Processing, scope: Scope, wiring: Wiring) -> dict[str, Any]:
    chosen = machine(work.compute, Use.PROCESSING, scope.target.region)
    if chosen is None:
        raise ProviderError(f"`{work.job}` was built although no machine type satisfies it")
    return {
        "InstanceType": chosen.name,
        "InstanceCount": work.instances,
        "VolumeSizeInGB": work.compute.disk_gb,
        # A machine with a disk inside takes no key for it: it encrypts by itself.
        "VolumeKmsKeyId": None if chosen.local_disk_gb else wiring.key,
    }


def _places(work: Processing) -> dict[str, str]:
    given = {
        contract.INPUT + contract.input_suffix(name): f"{INPUTS}/{name}" for name in work.inputs
    }
    return {
        **given,
        contract.OUTPUT_DIR: f"{OUTPUTS}/{REPORT}",
        contract.DATA_DIR: f"{OUTPUTS}/data",
    }


def _input(name: str, uri: Any) -> dict[str, Any]:
    return {
        "InputName": name,
        "AppManaged": False,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUTS}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
            "S3CompressionType": "None",
        },
    }


def _output(folder: str, uri: Any, mode: str, name: str | None = None) -> dict[str, Any]:
    return {
        "OutputName": name or folder,
        "AppManaged": False,
        "S3Output": {"S3Uri": uri, "LocalPath": f"{OUTPUTS}/{folder}", "S3UploadMode": mode},
    }
