"""What no scanner judges of a plan: Security Hub's SageMaker controls, and those of jobs.

Not a test. Sources: Security Hub SageMaker.1-.25
(https://docs.aws.amazon.com/securityhub/latest/userguide/sagemaker-controls.html), AWS Config's
`SAGEMAKER_*` rules, Prowler's checks of training jobs and those of AWS's
`sample-aiml-security-assessment` (`shared/reference/security.md` 1.1, 1.2).
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath

from mlops_iac.testing import Registration
from tests.judges.steps import Call, requests, steps
from tests.judges.waivers import Failed


@dataclass(frozen=True, kw_only=True)
class Control:
    """One demand on each resource of a type, or on each call of an operation."""

    id: str
    on: str
    """Token of a type, or name of an operation."""
    demand: str
    """JMESPath over the inputs or the arguments; true, or something that is there, passes."""
    where: str = ""
    """`network`: only where the platform has one; `regulated`: only in this profile."""

    def passes(self, body: Mapping[str, Any]) -> bool:
        """Whether `body` is what the control demands."""
        return bool(jmespath.search(self.demand, body))


NEVER = "`false`"
"""Demand that nothing passes: a stack has no such resource."""
_NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
_NATIVE = "aws-native:sagemaker:"
_SCHEDULE = "aws:sagemaker/monitoringSchedule:MonitoringSchedule"
_INLINE = "monitoringScheduleConfig.monitoringJobDefinition.networkConfig"
_NAMED = "monitoringScheduleConfig.monitoringJobDefinitionName"
_INSTANCES = "[?!ServerlessConfig && !(InitialInstanceCount >= `2`)]"

_HUB = (
    *(Control(id=f"SageMaker.{number}", on=_NOTEBOOK, demand=NEVER) for number in (1, 2, 3, 8, 21)),
    Control(
        id="SageMaker.4",
        on="CreateEndpointConfig",
        demand=f"ProductionVariants && length(ProductionVariants{_INSTANCES}) == `0`",
    ),
    Control(id="SageMaker.5", on="CreateModel", demand="EnableNetworkIsolation"),
    Control(id="SageMaker.6", on="aws:sagemaker/appImageConfig:AppImageConfig", demand=NEVER),
    Control(id="SageMaker.7", on="aws:sagemaker/image:Image", demand=NEVER),
    Control(
        id="SageMaker.9",
        on=f"{_NATIVE}DataQualityJobDefinition",
        demand="networkConfig.enableInterContainerTrafficEncryption",
    ),
    *(
        Control(
            id=f"SageMaker.{number}", on=f"{_NATIVE}ModelExplainabilityJobDefinition", demand=NEVER
        )
        for number in (10, 20)
    ),
    Control(
        id="SageMaker.11",
        on=f"{_NATIVE}DataQualityJobDefinition",
        demand="networkConfig.enableNetworkIsolation",
    ),
    *(
        Control(id=f"SageMaker.{number}", on=f"{_NATIVE}ModelBiasJobDefinition", demand=NEVER)
        for number in (12, 15)
    ),
    Control(
        id="SageMaker.13",
        on=f"{_NATIVE}ModelQualityJobDefinition",
        demand="networkConfig.enableInterContainerTrafficEncryption",
    ),
    # A definition that is named is judged as itself.
    Control(
        id="SageMaker.14", on=_SCHEDULE, demand=f"{_NAMED} || {_INLINE}.enableNetworkIsolation"
    ),
    Control(
        id="SageMaker.16",
        on="CreateModel",
        demand="PrimaryContainer.ImageConfig.RepositoryAccessMode == 'Vpc'",
        where="regulated",
    ),
    Control(
        id="SageMaker.17",
        on=f"{_NATIVE}FeatureGroup",
        demand="!offlineStoreConfig || offlineStoreConfig.s3StorageConfig.kmsKeyId",
    ),
    Control(
        id="SageMaker.18",
        on=f"{_NATIVE}FeatureGroup",
        demand="!onlineStoreConfig || onlineStoreConfig.securityConfig.kmsKeyId",
    ),
    Control(id="SageMaker.19", on="CreateModel", demand="!Containers"),
    Control(
        id="SageMaker.22",
        on=_SCHEDULE,
        demand=f"{_NAMED} || {_INLINE}.enableInterContainerTrafficEncryption",
    ),
    *(
        Control(id=f"SageMaker.{number}", on=f"{_NATIVE}InferenceExperiment", demand=NEVER)
        for number in (23, 24)
    ),
    Control(
        id="SageMaker.25",
        on=f"{_NATIVE}ModelQualityJobDefinition",
        demand="networkConfig.enableNetworkIsolation",
    ),
)

_SERVING = (
    Control(
        id="endpoint-configuration-kms-key-configured",
        on="CreateEndpointConfig",
        demand="KmsKeyId",
    ),
    Control(
        id="capture-kms-key",
        on="CreateEndpointConfig",
        demand="!(DataCaptureConfig.EnableCapture) || DataCaptureConfig.KmsKeyId",
    ),
    Control(
        id="model-in-vpc",
        on="CreateModel",
        demand="VpcConfig.Subnets && VpcConfig.SecurityGroupIds",
        where="network",
    ),
)


def _training(name: str, on: str, at: str) -> tuple[Control, ...]:
    demands = {
        "in-transit": f"{at}EnableInterContainerTrafficEncryption",
        "isolation": f"{at}EnableNetworkIsolation",
        "output-key": f"{at}OutputDataConfig.KmsKeyId",
        "volume-key": f"{at}ResourceConfig.VolumeKmsKeyId",
    }
    return (
        *(Control(id=f"{name}-{key}", on=on, demand=text) for key, text in demands.items()),
        Control(
            id=f"{name}-network",
            on=on,
            demand=f"{at}VpcConfig.Subnets && {at}VpcConfig.SecurityGroupIds",
            where="network",
        ),
    )


_CLUSTER = "ProcessingResources.ClusterConfig"
_VPC = "NetworkConfig.VpcConfig"
_JOBS = (
    *_training("training", "CreateTrainingJob", ""),
    *_training("search", "CreateHyperParameterTuningJob", "TrainingJobDefinition."),
    Control(
        id="processing-in-transit",
        on="CreateProcessingJob",
        demand="NetworkConfig.EnableInterContainerTrafficEncryption",
    ),
    Control(
        id="processing-isolation",
        on="CreateProcessingJob",
        demand="NetworkConfig.EnableNetworkIsolation",
    ),
    Control(
        id="processing-output-key",
        on="CreateProcessingJob",
        demand="!ProcessingOutputConfig || ProcessingOutputConfig.KmsKeyId",
    ),
    Control(
        id="processing-volume-key", on="CreateProcessingJob", demand=f"{_CLUSTER}.VolumeKmsKeyId"
    ),
    Control(
        id="processing-network",
        on="CreateProcessingJob",
        demand=f"{_VPC}.Subnets && {_VPC}.SecurityGroupIds",
        where="network",
    ),
)

_CLUSTER_KEY = "jobResources.clusterConfig.volumeKmsKeyId"
_MONITORS = tuple(
    control
    for kind, word in (("DataQuality", "dataQuality"), ("ModelQuality", "modelQuality"))
    for control in (
        Control(
            id=f"{kind}-output-key",
            on=f"{_NATIVE}{kind}JobDefinition",
            demand=f"{word}JobOutputConfig.kmsKeyId",
        ),
        Control(id=f"{kind}-volume-key", on=f"{_NATIVE}{kind}JobDefinition", demand=_CLUSTER_KEY),
        Control(
            id=f"{kind}-network",
            on=f"{_NATIVE}{kind}JobDefinition",
            demand="networkConfig.vpcConfig.subnets && networkConfig.vpcConfig.securityGroupIds",
            where="network",
        ),
    )
)

_TAGGED = tuple(
    Control(id=f"{operation}-tagged", on=operation, demand="Tags")
    for operation in (
        "CreateEndpoint",
        "CreateEndpointConfig",
        "CreateHyperParameterTuningJob",
        "CreateModel",
        "CreateProcessingJob",
        "CreateTrainingJob",
    )
)
_ANYONE = "[?Effect == 'Allow' && !Condition && (Principal == '*' || Principal.AWS == '*')]"
_NEIGHBOURS = (
    Control(
        id="confused-deputy",
        on="aws:iam/role:Role",
        demand="assumeRolePolicy && length(assumeRolePolicy.Statement"
        '[?!(Condition.StringEquals."aws:SourceAccount")]) == `0`',
    ),
    Control(
        id="SNS.4",
        on="aws:sns/topic:Topic",
        demand=f"policy && length(policy.Statement{_ANYONE}) == `0`",
    ),
    Control(
        id="VPC-001",
        on="aws:ec2/vpcEndpoint:VpcEndpoint",
        demand="policy && (vpcEndpointType == 'Gateway' || privateDnsEnabled)",
    ),
    Control(
        id="SMK-002",
        on="aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        demand=NEVER,
    ),
)

CONTROLS: tuple[Control, ...] = (
    *_HUB,
    *_SERVING,
    *_JOBS,
    *_MONITORS,
    *_TAGGED,
    *_NEIGHBOURS,
)

_TEXTS = frozenset({"assumeRolePolicy", "policy"})
"""Inputs that are JSON as text."""


def judge(resources: Iterable[Registration], *where: str) -> list[Failed]:
    """Return what fails of a plan, by the controls that hold everywhere and those of `where`."""
    return [
        Failed(control.id, call.address, control.demand)
        for call in calls(resources)
        for control in CONTROLS
        if control.on == call.operation
        and control.where in {"", *where}
        and not control.passes(call.body)
    ]


def calls(resources: Iterable[Registration]) -> Iterator[Call]:
    """Yield everything that can be judged: registrations by their type, calls by operation."""
    for resource in resources:
        yield Call(resource.type, resource.name, _read(resource.inputs))
        yield from requests(resource)
        yield from steps(resource)


def _read(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in _TEXTS and isinstance(value, str) else value
        for name, value in inputs.items()
    }
