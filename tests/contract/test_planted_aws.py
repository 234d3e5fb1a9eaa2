"""A fault planted into what the adapters of `aws` really register is caught by the walkers.

Proves that the contract tests would see an adapter's slip in each type of the fourteen kinds: a
wrong enum, a swapped or missing field, wrong nesting, an ARN for a name, a wrong unit. The faults
of hand-written samples are in `test_walkers_aws.py`.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.scenario import check_document
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Finding, Rule
from tests.judges.steps import steps
from tests.providers.aws.harness import Recorded, record
from tests.providers.aws.scenarios import SCENARIOS, write_files

_UNKNOWN = {"$unknown": True}
_NAMED = {
    "CreateHyperParameterTuningJob": "HyperParameterTuningJobName",
    "CreateProcessingJob": "ProcessingJobName",
    "CreateTrainingJob": "TrainingJobName",
}
"""The name that the pipeline gives."""
_ARN = "arn:aws:iam::123456789012:role/flights"
_APP = "dataQualityAppSpecification"
_INPUT = "dataQualityJobInput.endpointInput"
_OUTPUT = "dataQualityJobOutputConfig.monitoringOutputs[0].s3Output"
_QUALITY = "modelQualityJobInput"
_CLUSTER = "jobResources.clusterConfig"
_FEATURE = "featureDefinitions[0]"
_STORE = "offlineStoreConfig.s3StorageConfig"
_MONITORING = "monitoringScheduleConfig"

FAULTS: list[tuple[str, str, object, Rule]] = [
    # resource of the plan, path, planted value, rule
    ("watch-data-checks", "jobDefinitionName", _ARN, Rule.PATTERN),
    ("watch-data-checks", "roleArn", "flights", Rule.PATTERN),
    ("watch-data-checks", f"{_APP}.imageUri", REMOVED, Rule.REQUIRED),
    ("watch-data-checks", f"{_APP}.image", "image:1", Rule.UNKNOWN),
    ("watch-data-checks", f"{_INPUT}.endpointName", _ARN, Rule.PATTERN),
    ("watch-data-checks", f"{_INPUT}.localPath", REMOVED, Rule.REQUIRED),
    ("watch-data-checks", f"{_OUTPUT}.s3UploadMode", "Once", Rule.ENUM),
    ("watch-data-checks", f"{_OUTPUT}.s3Uri", "monitors/watch", Rule.PATTERN),
    ("watch-data-checks", f"{_CLUSTER}.instanceCount", 0, Rule.MIN),
    ("watch-data-checks", f"{_CLUSTER}.volumeSizeInGB", 30, Rule.UNKNOWN),
    ("watch-data-checks", "stoppingCondition.maxRuntimeInSeconds", "30m", Rule.TYPE),
    ("watch-quality-checks", "modelQualityAppSpecification.problemType", "Binary", Rule.ENUM),
    ("watch-quality-checks", f"{_QUALITY}.groundTruthS3Input", REMOVED, Rule.REQUIRED),
    ("watch-quality-checks", f"{_QUALITY}.endpointInput.startTimeOffset", "1d", Rule.PATTERN),
    ("watch-data-schedule", f"{_MONITORING}.monitoringType", "data_quality", Rule.ENUM),
    (
        "watch-data-schedule",
        f"{_MONITORING}.scheduleConfig.scheduleExpression",
        "cron(0 * * * *)",
        Rule.CRON,
    ),
    ("watch-data-schedule", "endpointName", "score", Rule.UNKNOWN),
    ("watch-alarm", "metricQueries[0].metric.period", "1h", Rule.TYPE),
    ("watch-alarm", "comparisonOperator", ">=", Rule.ENUM),
    ("watch-alarm", "treatMissingData", True, Rule.TYPE),
    ("watch-topic", "topicName", "alarms", Rule.UNKNOWN),
    ("airports-group", "featureGroupName", _ARN, Rule.PATTERN),
    ("airports-group", f"{_FEATURE}.featureType", "Float", Rule.ENUM),
    ("airports-group", f"{_FEATURE}.featureName", "wind.speed", Rule.PATTERN),
    ("airports-group", f"{_STORE}.s3Uri", "features/airports", Rule.PATTERN),
    ("airports-group", "offlineStoreConfig.tableFormat", "Parquet", Rule.ENUM),
    ("airports-group", "recordIdentifierFeatureName", REMOVED, Rule.REQUIRED),
    ("airports-group", "onlineStoreConfig.kmsKeyId", "key", Rule.UNKNOWN),
    ("retrain-schedule", "scheduleExpression", "cron(0 3 * * 1-5)", Rule.CRON),
    ("retrain-schedule", "flexibleTimeWindow.mode", "Off", Rule.ENUM),
    ("retrain-schedule", "target.arn", REMOVED, Rule.REQUIRED),
    ("retrain-schedule", "flexibleTimeWindow", REMOVED, Rule.REQUIRED),
    ("refresh-schedule", "scheduleExpression", "rate(1 hours)", Rule.CRON),
    ("refresh-alarm-rule", "eventPattern", "{", Rule.FORMAT),
    ("refresh-alarm-rule", "name", "refresh alarm", Rule.PATTERN),
    ("refresh-alarm-target", "arn", REMOVED, Rule.REQUIRED),
    ("refresh-alarm-target", "pipelineParameters", [], Rule.UNKNOWN),
    ("platform-builder", "environment.computeType", "MEDIUM", Rule.ENUM),
    ("platform-builder", "environment.type", "LINUX", Rule.ENUM),
    ("platform-builder", "source.type", "s3", Rule.ENUM),
    ("platform-builder", "buildTimeout", 3600 * 24, Rule.MAX),
    ("platform-builder", "serviceRole", REMOVED, Rule.REQUIRED),
    ("team-server", "trackingServerSize", "small", Rule.ENUM),
    ("team-server", "artifactStoreUri", "mlflow/team", Rule.PATTERN),
    ("platform-tracking", "modelRegistrationMode", "Off", Rule.ENUM),
    ("delay-pipeline", "pipelineName", "shop_delay", Rule.PATTERN),
    ("delay-pipeline", "roleArn", "pipeline", Rule.PATTERN),
]

_DEFINITION = "TrainingJobDefinition"
_RANGES = "HyperParameterTuningJobConfig.ParameterRanges"
_S3_INPUT = "ProcessingInputs[0].S3Input"
STEP_FAULTS: list[tuple[str, str, object, Rule]] = [
    # step, path, planted value, rule
    ("hourly-pipeline/hourly", f"{_S3_INPUT}.S3DataType", "Prefix", Rule.ENUM),
    ("hourly-pipeline/hourly", f"{_S3_INPUT}.S3Uri", REMOVED, Rule.REQUIRED),
    ("hourly-pipeline/hourly", "AppSpecification.ContainerEntrypoint", "python", Rule.TYPE),
    (
        "hourly-pipeline/hourly",
        "ProcessingResources.ClusterConfig.InstanceType",
        "m5.large",
        Rule.ENUM,
    ),
    ("hourly-pipeline/hourly", "Environment.MLOPS_SCRIPT", "x" * 4001, Rule.MAX),
    ("hourly-pipeline/hourly", "VpcConfig", {}, Rule.UNKNOWN),
    ("delay-pipeline/delay", "ResourceConfig.VolumeSizeInGB", "30", Rule.TYPE),
    ("delay-pipeline/delay", "AlgorithmSpecification.TrainingInputMode", "file", Rule.ENUM),
    ("delay-pipeline/delay", "StoppingCondition.MaxRuntimeInSeconds", 0, Rule.MIN),
    ("delay-pipeline/delay", "OutputDataConfig.S3OutputPath", "runs/delay", Rule.PATTERN),
    ("tune-pipeline/tune", f"{_RANGES}.ContinuousParameterRanges[0].MinValue", 0.05, Rule.TYPE),
    ("tune-pipeline/tune", "HyperParameterTuningJobConfig.Strategy", "bayesian", Rule.ENUM),
    ("tune-pipeline/tune", f"{_DEFINITION}.RoleArn", REMOVED, Rule.REQUIRED),
    ("tune-pipeline/tune", f"{_DEFINITION}.HyperParameters", {"depth": "6"}, Rule.UNKNOWN),
    ("delay-pipeline/delay-register", "ModelApprovalStatus", "Pending", Rule.ENUM),
    ("delay-pipeline/delay-register", "InferenceSpecification.Containers", [], Rule.MIN),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    complete = SCENARIOS["complete-prod"]
    folder = write_files(tmp_path_factory.mktemp("declared"))
    return record(folder, *complete.components(), **complete.platform)


@pytest.mark.parametrize(
    ("name", "path", "value", "rule"), FAULTS, ids=[f"{row[0]}-{row[1]}" for row in FAULTS]
)
def test_a_fault_in_a_registration_is_caught(
    recorded: Recorded, name: str, path: str, value: object, rule: Rule
) -> None:
    resource = recorded.one(name).document()
    assert check_document("aws", [resource]) == []

    faulty = {**resource, "inputs": planted(resource["inputs"], path, value)}

    assert_found(check_document("aws", [faulty]), f"{name}: {path}", rule)


@pytest.mark.parametrize(
    ("step", "path", "value", "rule"),
    STEP_FAULTS,
    ids=[f"{row[0]}-{row[1]}" for row in STEP_FAULTS],
)
def test_a_fault_in_a_step_of_a_pipeline_is_caught(
    recorded: Recorded, step: str, path: str, value: object, rule: Rule
) -> None:
    pipeline = recorded.one(step.partition("/")[0])
    (call,) = [call for call in steps(pipeline) if call.address == step]
    assert _judged(call.operation, call.body) == []

    assert_found(_judged(call.operation, planted(dict(call.body), path, value)), path, rule)


def _judged(operation: str, arguments: Mapping[str, Any]) -> list[Finding]:
    named = _NAMED.get(operation)
    body = {**({named: _UNKNOWN} if named else {}), **_resolved(arguments)}
    return checks.request("sagemaker", operation, body)


def _resolved(value: Any) -> Any:
    """Return arguments as the pipeline fills them: what is known only then is unknown."""
    if isinstance(value, dict):
        is_reference = value and set(value) <= {"Get", "Std:Join"}
        return _UNKNOWN if is_reference else {k: _resolved(v) for k, v in value.items()}
    return [_resolved(item) for item in value] if isinstance(value, list) else value
