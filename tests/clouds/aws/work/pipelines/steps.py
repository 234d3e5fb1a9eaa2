"""What each kind of step asks of SageMaker, by name: the calls and what they answer."""

import json
import secrets
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.aws.hooks import RunKind
from tests.clouds.aws.work.pipelines.definition import StepType

_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, kw_only=True)
class Job:
    """A step that starts a job and waits for it."""

    kind: RunKind
    operation: str
    """Of boto3's client, without `create_`, `describe_` and `stop_`."""
    name: str
    """Member that names the job."""
    arn: str
    status: str
    longest: int
    """Characters that a name may have: botocore's service model."""


JOBS: Mapping[StepType, Job] = {
    StepType.TRAINING: Job(
        kind=RunKind.TRAINING,
        operation="training_job",
        name="TrainingJobName",
        arn="TrainingJobArn",
        status="TrainingJobStatus",
        longest=63,
    ),
    StepType.PROCESSING: Job(
        kind=RunKind.PROCESSING,
        operation="processing_job",
        name="ProcessingJobName",
        arn="ProcessingJobArn",
        status="ProcessingJobStatus",
        longest=63,
    ),
    StepType.TRANSFORM: Job(
        kind=RunKind.TRANSFORM,
        operation="transform_job",
        name="TransformJobName",
        arn="TransformJobArn",
        status="TransformJobStatus",
        longest=63,
    ),
    StepType.TUNING: Job(
        kind=RunKind.TUNING,
        operation="hyper_parameter_tuning_job",
        name="HyperParameterTuningJobName",
        arn="HyperParameterTuningJobArn",
        status="HyperParameterTuningJobStatus",
        longest=32,
    ),
}
METADATA: Mapping[StepType, str] = {
    StepType.TRAINING: "TrainingJob",
    StepType.PROCESSING: "ProcessingJob",
    StepType.TRANSFORM: "TransformJob",
    StepType.TUNING: "TuningJob",
    StepType.MODEL: "Model",
    StepType.REGISTER_MODEL: "RegisterModel",
}
"""Member of a step's metadata that holds the ARN."""


def job_name(execution: str, step: str, longest: int) -> str:
    """Return the name of a step's job, as SageMaker makes one."""
    end = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{f'pipelines-{execution}-{step}'[: longest - 11].rstrip('-')}-{end}"


def call(client: Any, verb: str, job: Job) -> Callable[..., dict[str, Any]]:
    """Return boto3's method, such as `create_training_job`."""
    return getattr(client, f"{verb}_{job.operation}")


def register_model(client: Any, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make a version of a model; return its ARN and its properties."""
    arn = client.create_model_package(**arguments)["ModelPackageArn"]
    return arn, client.describe_model_package(ModelPackageName=arn)


def make_model(client: Any, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Make a model; return its ARN and its properties."""
    arn = client.create_model(**arguments)["ModelArn"]
    return arn, client.describe_model(ModelName=arguments["ModelName"])


def plain(value: Any) -> Any:
    """Return what Describe answers as a step's properties: JSON, without the transport's part."""
    kept = {key: item for key, item in value.items() if key != "ResponseMetadata"}
    return json.loads(json.dumps(kept, default=str))
