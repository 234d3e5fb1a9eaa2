"""Where things are: ARNs, addresses and keys in the bucket, all known before anything exists."""

from mlops_iac.provider import Purpose, Scope
from mlops_iac_aws import names, to_zero
from mlops_iac_aws.variants import component_resource

PARTITION = "aws"
"""The provider's regions are all of this partition."""
DNS_SUFFIX = "amazonaws.com"
SERVICE_PRINCIPAL = f"sagemaker.{DNS_SUFFIX}"


def account(scope: Scope) -> str:
    """Return the AWS account; planning refuses a stack without one."""
    return scope.target.account or ""


def region(scope: Scope) -> str:
    """Return the AWS region; planning refuses a stack without one."""
    return scope.target.region or ""


def arn(scope: Scope, service: str, resource: str) -> str:
    """Return the ARN of something in the platform's account and region."""
    return f"arn:{PARTITION}:{service}:{region(scope)}:{account(scope)}:{resource}"


def bucket_arn(scope: Scope, use: str = "artifacts") -> str:
    """Return the ARN of a bucket."""
    return f"arn:{PARTITION}:s3:::{names.bucket(scope, use)}"


def artifact_root(scope: Scope) -> str:
    """Return the URI under which everything the stack makes is stored."""
    return f"s3://{names.bucket(scope)}"


def role_arn(scope: Scope, use: Purpose | str) -> str:
    """Return the ARN of the role for a purpose."""
    return f"arn:{PARTITION}:iam::{account(scope)}:role/{names.role(scope, use)}"


def root_arn(scope: Scope) -> str:
    """Return the principal that stands for the account, whose IAM policies then decide."""
    return f"arn:{PARTITION}:iam::{account(scope)}:root"


def repository_arn(scope: Scope) -> str:
    """Return the ARN of the image repository."""
    return arn(scope, "ecr", f"repository/{names.repository(scope)}")


def registry_host(scope: Scope) -> str:
    """Return the host of the account's image registry in the region."""
    return f"{account(scope)}.dkr.ecr.{region(scope)}.{DNS_SUFFIX}"


def model_group_arn(scope: Scope, model: str) -> str:
    """Return the ARN of a model package group."""
    return arn(scope, "sagemaker", f"model-package-group/{names.model_group(scope, model)}")


def model_package_arn(scope: Scope, model: str, version: int | str) -> str:
    """Return the ARN of one version of a model, or of all with `*`."""
    return arn(scope, "sagemaker", f"model-package/{names.model_group(scope, model)}/{version}")


def endpoint_arn(scope: Scope, endpoint: str) -> str:
    """Return the ARN of an endpoint."""
    return arn(scope, "sagemaker", f"endpoint/{names.endpoint(scope, endpoint)}")


def component_arn(scope: Scope, endpoint: str) -> str:
    """Return the ARN of the inference component of an endpoint that goes to zero."""
    return arn(scope, "sagemaker", component_resource(names.endpoint(scope, endpoint)))


def pipeline_arn(scope: Scope, job: str) -> str:
    """Return the ARN of the pipeline that defines a training job."""
    return arn(scope, "sagemaker", f"pipeline/{names.pipeline(scope, job)}")


def log_group(scope: Scope, endpoint: str) -> str:
    """Return the log group that SageMaker writes an endpoint's logs to; its name is fixed."""
    is_component = to_zero.goes_to_zero(scope.specs.get(endpoint))
    folder = to_zero.LOG_FOLDER if is_component else "/aws/sagemaker/Endpoints"
    return f"{folder}/{names.endpoint(scope, endpoint)}"


PROCESSING_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
TRAINING_LOG_GROUP = "/aws/sagemaker/TrainingJobs"
"""One for the whole account and region; SageMaker lets nobody choose another."""


def dataset_key(dataset: str, version: str) -> str:
    """Return where a version of a dataset lies in the bucket."""
    return f"datasets/{dataset}/{version}"


def code_key(job: str, digest: str) -> str:
    """Return where the code of a training job lies in the bucket."""
    return f"code/{job}/{digest}.zip"


def task_key(job: str, digest: str) -> str:
    """Return where a document that a job reads lies in the bucket."""
    return f"code/{job}/{digest}.json"


def definition_key(component: str) -> str:
    """Return where what a component's runs are started with lies in the bucket."""
    return f"definitions/{component}.json"


def data_prefix(scope: Scope, job: str) -> str:
    """Return the URI under which the runs of a job leave data."""
    return f"{artifact_root(scope)}/data/{job}"


IMAGE_PREFIX = "images/"
"""Where the folders that images are built in lie in the bucket."""


def image_key(digest: str) -> str:
    """Return where the folder that an image is built in lies in the bucket."""
    return f"{IMAGE_PREFIX}{digest}.zip"


def builder_arn(scope: Scope) -> str:
    """Return the ARN of the project that builds images."""
    return arn(scope, "codebuild", f"project/{names.builder(scope)}")


def flow_log_group(scope: Scope) -> str:
    """Return the log group of the traffic in the platform's own network."""
    return f"/aws/vpc/{names.security_group(scope, 'flows')}"


def build_log_group(scope: Scope) -> str:
    """Return the log group of the builds of images."""
    return f"/aws/codebuild/{names.builder(scope)}"


def runs_prefix(scope: Scope, job: str) -> str:
    """Return the URI under which the runs of a job write their model."""
    return f"{artifact_root(scope)}/runs/{job}"


def checkpoints_prefix(scope: Scope, job: str) -> str:
    """Return the URI under which the runs of a job keep what survives an interruption."""
    return f"{artifact_root(scope)}/checkpoints/{job}"


def capture_prefix(scope: Scope, endpoint: str) -> str:
    """Return the URI under which an endpoint's traffic is kept."""
    return f"{artifact_root(scope)}/capture/{endpoint}"


def async_prefix(scope: Scope, endpoint: str) -> str:
    """Return the URI under which an asynchronous endpoint writes its answers."""
    return f"{artifact_root(scope)}/async/{endpoint}"


def console(scope: Scope, page: str) -> str:
    """Return the address of a page of the SageMaker console."""
    here = region(scope)
    return f"https://{here}.console.aws.amazon.com/sagemaker/home?region={here}#/{page}"


def truth_prefix(scope: Scope, endpoint: str) -> str:
    """Return the URI under which the truth of an endpoint's predictions is kept."""
    return f"{artifact_root(scope)}/truth/{endpoint}"


def reports_prefix(scope: Scope, monitor: str) -> str:
    """Return the URI under which the checks of a monitor write their reports."""
    return f"{artifact_root(scope)}/monitors/{monitor}"


def policy_prefix(scope: Scope, policy: str) -> str:
    """Return the URI under which a retraining policy keeps rules, memory and events."""
    return f"{artifact_root(scope)}/policies/{policy}"


def alias_prefix(scope: Scope, model: str, alias: str) -> str:
    """Return the URI of the copy of the version that an alias names."""
    return f"{artifact_root(scope)}/models/{model}/{alias}"


def feature_group_arn(scope: Scope, group: str) -> str:
    """Return the ARN of a feature group."""
    return arn(scope, "sagemaker", f"feature-group/{names.feature_group(scope, group)}")


def features_key(group: str) -> str:
    """Return where a feature group's own objects lie in the bucket; ends with `/`."""
    return f"features/{group}/"


def experiment_key(tracker: str) -> str:
    """Return where the description of an experiment lies in the bucket."""
    return f"experiments/{tracker}.json"


def tracking_server_arn(scope: Scope, tracker: str) -> str:
    """Return the ARN of a tracker's own MLflow server: its tracking URI."""
    name = names.tracking_server(scope, tracker)
    return arn(scope, "sagemaker", f"mlflow-tracking-server/{name}")
