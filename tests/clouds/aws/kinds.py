"""The kinds of SageMaker's resources that this cloud keeps, and SageMaker's words for them.

Words and codes: amazon-sagemaker-operator-for-k8s `clientwrapper`, the SageMaker SDK's own checks,
and the errors that botocore's model lists for each operation.
"""

from tests.clouds.aws.store import Kind

_INVALID = "ValidationException"
_JOB_EXISTS = (
    "ResourceInUse",
    "Job name must be unique within an AWS account and region; one exists already ({arn})",
)

MODEL = Kind(
    name="Model",
    key="ModelName",
    arn="model/{}",
    arn_member="ModelArn",
    missing=(_INVALID, 'Could not find model "{arn}".'),
    exists=(_INVALID, 'Cannot create already existing model "{arn}".'),
)
ENDPOINT_CONFIG = Kind(
    name="EndpointConfig",
    key="EndpointConfigName",
    arn="endpoint-config/{}",
    arn_member="EndpointConfigArn",
    missing=(_INVALID, 'Could not find endpoint configuration "{arn}".'),
    exists=(_INVALID, 'Cannot create already existing endpoint configuration "{arn}".'),
)
ENDPOINT = Kind(
    name="Endpoint",
    key="EndpointName",
    arn="endpoint/{}",
    arn_member="EndpointArn",
    status="EndpointStatus",
    creating="Creating",
    created="InService",
    missing=(_INVALID, 'Could not find endpoint "{arn}".'),
    exists=(_INVALID, 'Cannot create already existing endpoint "{arn}".'),
    case_matters=False,
)
INFERENCE_COMPONENT = Kind(
    name="InferenceComponent",
    key="InferenceComponentName",
    arn="inference-component/{}",
    arn_member="InferenceComponentArn",
    status="InferenceComponentStatus",
    creating="Creating",
    created="InService",
    missing=(_INVALID, 'Could not find inference component "{arn}".'),
    exists=(_INVALID, 'Cannot create already existing inference component "{arn}".'),
)
TRAINING = Kind(
    name="TrainingJob",
    key="TrainingJobName",
    arn="training-job/{}",
    arn_member="TrainingJobArn",
    status="TrainingJobStatus",
    created="InProgress",
    missing=(_INVALID, "Requested resource not found."),
    exists=_JOB_EXISTS,
)
PROCESSING = Kind(
    name="ProcessingJob",
    key="ProcessingJobName",
    arn="processing-job/{}",
    arn_member="ProcessingJobArn",
    status="ProcessingJobStatus",
    created="InProgress",
    missing=(_INVALID, "Could not find requested job with name: {key}"),
    exists=_JOB_EXISTS,
)
TRANSFORM = Kind(
    name="TransformJob",
    key="TransformJobName",
    arn="transform-job/{}",
    arn_member="TransformJobArn",
    status="TransformJobStatus",
    created="InProgress",
    missing=(_INVALID, "Could not find requested job with name: {key}"),
    exists=_JOB_EXISTS,
)
TUNING = Kind(
    name="HyperParameterTuningJob",
    key="HyperParameterTuningJobName",
    arn="hyper-parameter-tuning-job/{}",
    arn_member="HyperParameterTuningJobArn",
    status="HyperParameterTuningJobStatus",
    created="InProgress",
    missing=("ResourceNotFound", "Amazon SageMaker can't find a tuning job with name {key}"),
    exists=_JOB_EXISTS,
)
PIPELINE = Kind(
    name="Pipeline",
    key="PipelineName",
    arn="pipeline/{}",
    arn_member="PipelineArn",
    status="PipelineStatus",
    created="Active",
    missing=("ResourceNotFound", "Pipeline '{arn}' does not exist."),
    exists=(
        _INVALID,
        "Pipeline names must be unique within an AWS account and region: ({key}) already exists.",
    ),
    case_matters=False,
)
EXECUTION = Kind(
    name="PipelineExecution",
    key="PipelineExecutionId",
    asked="PipelineExecutionArn",
    arn="pipeline/{}",
    arn_member="PipelineExecutionArn",
    status="PipelineExecutionStatus",
    created="Executing",
    missing=("ResourceNotFound", "Pipeline execution '{arn}' does not exist."),
    aliases={"StartTime": "CreationTime", "PipelineExecutionFailureReason": "FailureReason"},
)
MODEL_PACKAGE_GROUP = Kind(
    name="ModelPackageGroup",
    key="ModelPackageGroupName",
    arn="model-package-group/{}",
    arn_member="ModelPackageGroupArn",
    status="ModelPackageGroupStatus",
    created="Completed",
    missing=(_INVALID, "ModelPackageGroup {arn} does not exist."),
    exists=(_INVALID, "Model Package Group already exists: {arn}"),
)
MODEL_PACKAGE = Kind(
    name="ModelPackage",
    key="ModelPackageName",
    arn="model-package/{}",
    arn_member="ModelPackageArn",
    status="ModelPackageStatus",
    created="Completed",
    missing=(_INVALID, "ModelPackage {arn} does not exist."),
    exists=(_INVALID, "Model Package already exists: {arn}"),
)
FEATURE_GROUP = Kind(
    name="FeatureGroup",
    key="FeatureGroupName",
    arn="feature-group/{}",
    arn_member="FeatureGroupArn",
    status="FeatureGroupStatus",
    creating="Creating",
    created="Created",
    missing=("ResourceNotFound", "Resource Not Found: there is no FeatureGroup with name {key}"),
    exists=("ResourceInUse", "Resource Already Exists: FeatureGroup with name {key}."),
)
MONITORING_SCHEDULE = Kind(
    name="MonitoringSchedule",
    key="MonitoringScheduleName",
    arn="monitoring-schedule/{}",
    arn_member="MonitoringScheduleArn",
    status="MonitoringScheduleStatus",
    creating="Pending",
    created="Scheduled",
    missing=("ResourceNotFound", "Monitoring Schedule {arn} not found"),
    exists=("ResourceInUse", "Monitoring Schedule already exists: {arn}"),
    case_matters=False,
)


def _definition(name: str) -> Kind:
    words = {"DataQuality": "data-quality", "ModelQuality": "model-quality"}[name]
    return Kind(
        name=f"{name}JobDefinition",
        key="JobDefinitionName",
        arn=f"{words}-job-definition/{{}}",
        arn_member="JobDefinitionArn",
        missing=("ResourceNotFound", "Job Definition {arn} not found"),
        exists=("ResourceInUse", "Job Definition already exists: {arn}"),
        aliases={
            "MonitoringJobDefinitionName": "JobDefinitionName",
            "MonitoringJobDefinitionArn": "JobDefinitionArn",
        },
    )


DATA_QUALITY = _definition("DataQuality")
MODEL_QUALITY = _definition("ModelQuality")
MLFLOW_SERVER = Kind(
    name="MlflowTrackingServer",
    key="TrackingServerName",
    arn="mlflow-tracking-server/{}",
    arn_member="TrackingServerArn",
    status="TrackingServerStatus",
    creating="Creating",
    created="Created",
    missing=("ResourceNotFound", "Tracking server {key} not found"),
    exists=("ConflictException", "Tracking server {key} already exists"),
)
MLFLOW_APP = Kind(
    name="MlflowApp",
    key="MlflowAppId",
    asked="Arn",
    arn="mlflow-app/{}",
    arn_member="Arn",
    status="Status",
    creating="Creating",
    created="Created",
    missing=("ResourceNotFound", "Mlflow app {arn} not found"),
    exists=("ConflictException", "Mlflow app {key} already exists"),
)
ARTIFACT = Kind(
    name="Artifact",
    key="ArtifactId",
    asked="ArtifactArn",
    arn="artifact/{}",
    arn_member="ArtifactArn",
    missing=("ResourceNotFound", "Artifact '{arn}' does not exist."),
)
MONITORING_EXECUTION = Kind(
    name="MonitoringExecution",
    key="MonitoringExecutionId",
    arn="processing-job/{}",
    arn_member="ProcessingJobArn",
    status="MonitoringExecutionStatus",
    created="InProgress",
)
PROJECT = Kind(
    name="Project",
    key="name",
    arn="project/{}",
    arn_member="arn",
    service="codebuild",
    missing=("ResourceNotFoundException", "The provided project {key} does not exist"),
    exists=("ResourceAlreadyExistsException", "Project already exists: {arn}"),
)
BUILD = Kind(
    name="Build",
    key="id",
    arn="build/{}",
    arn_member="arn",
    service="codebuild",
    status="buildStatus",
    created="IN_PROGRESS",
    missing=("ResourceNotFoundException", "The provided build {key} does not exist"),
)
