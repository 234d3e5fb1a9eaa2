"""What AWS takes as names, and the name of everything this provider makes.

Names are known before anything exists: role and log group ARNs, policies and requests can be
written out in a plan, without asking AWS.
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac.names import HASH_LENGTH
from mlops_iac.provider import NameRule, Purpose, Scope

_SAGEMAKER = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"

BUCKET = NameRule(
    max_length=63,
    min_length=3,
    pattern=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
REPOSITORY = NameRule(
    max_length=256,
    min_length=2,
    pattern=r"[a-z0-9]+(-[a-z0-9]+)*",
    source="botocore ecr CreateRepository.repositoryName",
)
ROLE = NameRule(
    max_length=64,
    pattern=r"[\w+=,.@-]+",
    source="botocore iam CreateRole.RoleName",
)
POLICY = NameRule(
    max_length=128,
    pattern=r"[\w+=,.@-]+",
    source="botocore iam CreatePolicy.PolicyName",
)
KEY_ALIAS = NameRule(
    max_length=250,
    pattern=r"[a-zA-Z0-9/_-]+",
    source="botocore kms CreateAlias.AliasName, less the prefix `alias/`",
)
SECURITY_GROUP = NameRule(
    max_length=255,
    # `sg-` is refused as a beginning.
    pattern=r"(?!sg-)[a-z][a-z0-9-]*",
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
)
TRACKING = NameRule(
    max_length=256, pattern=_SAGEMAKER, source="botocore sagemaker CreateMlflowApp.Name"
)
EXPERIMENT = NameRule(
    max_length=500,
    pattern=r"[a-z0-9-]+",
    source="mlflow.utils.validation.MAX_EXPERIMENT_NAME_LENGTH",
)
MODEL_GROUP = NameRule(
    max_length=63,
    pattern=_SAGEMAKER,
    source="botocore sagemaker CreateModelPackageGroup.ModelPackageGroupName",
)
MODEL_CARD = NameRule(
    max_length=63, pattern=_SAGEMAKER, source="botocore sagemaker CreateModelCard.ModelCardName"
)
PIPELINE = NameRule(
    # The API takes 256; the console and the job names that are derived show 82.
    max_length=82,
    pattern=_SAGEMAKER,
    source="botocore sagemaker CreatePipeline.PipelineName",
)
ENDPOINT = NameRule(
    # 63 less a hyphen and the hash that models and endpoint configurations add.
    max_length=63 - 1 - HASH_LENGTH,
    pattern=_SAGEMAKER,
    source="botocore sagemaker CreateEndpoint.EndpointName",
)
ARTIFACT = NameRule(
    max_length=120, pattern=_SAGEMAKER, source="botocore sagemaker CreateArtifact.ArtifactName"
)
BUILDER = NameRule(
    max_length=150,
    min_length=2,
    pattern=r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}",
    source="botocore codebuild CreateProject.name; the console shows 150",
)
ALARM = NameRule(
    max_length=255, source="botocore cloudwatch PutMetricAlarm.AlarmName", pattern=r"[a-z0-9-]+"
)
FEATURE_GROUP = NameRule(
    max_length=64,
    pattern=r"[a-zA-Z0-9]([_-]*[a-zA-Z0-9]){0,63}",
    source="botocore sagemaker CreateFeatureGroup.FeatureGroupName",
)
EVENT_RULE = NameRule(
    max_length=64, source="botocore events PutRule.Name", pattern=r"[.\-_A-Za-z0-9]+"
)
SCHEDULE = NameRule(
    max_length=64, source="botocore scheduler CreateSchedule.Name", pattern=r"[0-9a-zA-Z-_.]+"
)
TOPIC = NameRule(
    max_length=256,
    source="https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
    pattern=r"[A-Za-z0-9_-]+",
)
MONITOR = NameRule(
    # 63 less a hyphen and the hash that job definitions add.
    max_length=63 - 1 - HASH_LENGTH,
    pattern=_SAGEMAKER,
    source="botocore sagemaker CreateMonitoringSchedule.MonitoringScheduleName",
)

RULES: Mapping[str, NameRule] = {
    "alarm": ALARM,
    "artifact": ARTIFACT,
    "bucket": BUCKET,
    "builder": BUILDER,
    "endpoint": ENDPOINT,
    "event rule": EVENT_RULE,
    "experiment": EXPERIMENT,
    "feature group": FEATURE_GROUP,
    "key alias": KEY_ALIAS,
    "model card": MODEL_CARD,
    "model package group": MODEL_GROUP,
    "monitor": MONITOR,
    "pipeline": PIPELINE,
    "policy": POLICY,
    "repository": REPOSITORY,
    "role": ROLE,
    "schedule": SCHEDULE,
    "security group": SECURITY_GROUP,
    "topic": TOPIC,
    "tracking": TRACKING,
}
"""Every rule by the thing that it names."""

TRACKING_ROLE = "tracking"
"""Part of the name of the role that the MLflow service runs as."""
FLOW_LOG_ROLE = "flow-logs"
"""Part of the name of the role under which a network's traffic is logged."""
BUILD_ROLE = "build"
"""Part of the name of the role under which CodeBuild builds images."""


def bucket(scope: Scope, use: str = "artifacts") -> str:
    """Return the name of a bucket. The account is in the hash: bucket names are global."""
    place = {"account": scope.target.account, "region": scope.target.region}
    return scope.platform_name(BUCKET, use, content=place)


def repository(scope: Scope) -> str:
    """Return the name of the image repository."""
    return scope.platform_name(REPOSITORY, "runtime")


def role(scope: Scope, use: Purpose | str) -> str:
    """Return the name of the role for a purpose; roles are global, so the region is in the hash."""
    return scope.physical_name(ROLE, str(use), content=scope.target.region)


def policy(scope: Scope, use: Purpose | str, content: Any) -> str:
    """Return the name of a managed policy of a role; policies are global as roles are."""
    return scope.physical_name(POLICY, str(use), content=[scope.target.region, content])


def key_alias(scope: Scope) -> str:
    """Return the alias of the platform's key, with its prefix."""
    return f"alias/{scope.platform_name(KEY_ALIAS)}"


def security_group(scope: Scope, use: str = "workloads") -> str:
    """Return the name of the group that workloads, or a network's endpoints, are in."""
    return scope.platform_name(SECURITY_GROUP, use)


def builder(scope: Scope) -> str:
    """Return the name of the project in which CodeBuild builds images."""
    return scope.platform_name(BUILDER, "builder")


def tracking(scope: Scope) -> str:
    """Return the name of the MLflow app or tracking server."""
    return scope.platform_name(TRACKING, "tracking")


def model_group(scope: Scope, model: str) -> str:
    """Return the name of the model package group of a registered model."""
    return scope.physical_name(MODEL_GROUP, model)


def model_card(scope: Scope, model: str) -> str:
    """Return the name of the card of a registered model."""
    return scope.physical_name(MODEL_CARD, model, "card")


def pipeline(scope: Scope, job: str) -> str:
    """Return the name of the pipeline that defines a training job."""
    return scope.physical_name(PIPELINE, job)


def endpoint(scope: Scope, name: str) -> str:
    """Return the name of an endpoint; `serving` adds a hash for models and configurations."""
    return scope.physical_name(ENDPOINT, name)


def artifact(scope: Scope, dataset: str, version: str) -> str:
    """Return the name of a dataset version in SageMaker lineage."""
    return scope.physical_name(ARTIFACT, dataset, content=version)


def alarm(scope: Scope, endpoint_name: str, metric: str) -> str:
    """Return the name of an alarm on an endpoint's metric."""
    return scope.physical_name(ALARM, endpoint_name, metric)


def event_rule(scope: Scope, component: str, use: str) -> str:
    """Return the name of a rule on EventBridge's default bus."""
    return scope.physical_name(EVENT_RULE, component, use)


def starter_role(scope: Scope, component: str) -> str:
    """Return the name of the role under which events start the pipelines of a component."""
    return scope.physical_name(ROLE, component, "starter", content=scope.target.region)


def topic(scope: Scope, monitor: str) -> str:
    """Return the name of the topic that a monitor tells people with."""
    return scope.physical_name(TOPIC, monitor, "alarms")


def monitoring_schedule(scope: Scope, monitor: str, part: str) -> str:
    """Return the name of one of a monitor's schedules; job definitions add a hash."""
    return scope.physical_name(MONITOR, monitor, part)


def schedule(scope: Scope, component: str) -> str:
    """Return the name of the schedule of a component in EventBridge Scheduler."""
    return scope.physical_name(SCHEDULE, component)


def feature_group(scope: Scope, group: str) -> str:
    """Return the name of a feature group in SageMaker's store."""
    return scope.physical_name(FEATURE_GROUP, group)


def store_role(group: str) -> str:
    """Return the part of a role's name that stands for the store of a feature group."""
    return f"{group}-store"


def fill_role(group: str) -> str:
    """Return the part of a role's name that stands for the filling of a feature group."""
    return f"{group}-fill"


def tracking_server(scope: Scope, tracker: str) -> str:
    """Return the name of a tracker's own MLflow server."""
    return scope.physical_name(TRACKING, tracker, "server")


def experiment(scope: Scope, tracker: str) -> str:
    """Return the name of the experiment in MLflow."""
    return scope.physical_name(EXPERIMENT, tracker)


def policy_alarm(scope: Scope, policy: str) -> str:
    """Return the name of the alarm by which a policy sees that a promoted version fails."""
    return scope.physical_name(ALARM, policy, "endpoint")
