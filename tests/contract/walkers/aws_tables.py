"""How `pulumi-aws` inputs become AWS requests: operations and the exceptions to the name rules.

Sources: `terraform-provider-aws` (the provider behind `pulumi-aws`), `internal/service/<service>/`,
whose expand functions spell each exception; `shared/reference/mapping.md` 8.1 lists those of
SageMaker, as tried. `region` and the like are arguments of the provider's own.
"""

from collections.abc import Callable, Mapping
from functools import partial

from tests.contract.walkers import cloudformation, cron, policies
from tests.contract.walkers.botocore_api import member_shape, operation_shape
from tests.contract.walkers.rules import Check, between, exclusive, json_text, shaped
from tests.contract.walkers.shape import Kind, Member, Shape
from tests.contract.walkers.translate import Translation

_PROVIDER = frozenset(
    {"region", "timeouts", "forceDestroy", "forceDelete", "skipDestroy", "namePrefix", "tagsAll"}
)
_Shapes = Mapping[str, Callable[[], Shape]]


def _row(
    service: str,
    operation: str,
    names: Mapping[str, str] | None = None,
    *,
    inside: str = "",
    local: str = "",
    elsewhere: _Shapes | None = None,
    filled: str = "",
    checks: Mapping[str, Check] | None = None,
) -> Translation:
    return Translation(
        shape=_at(service, operation, inside)
        if inside
        else partial(operation_shape, service, operation),
        names=names or {},
        local=_PROVIDER | frozenset(local.split()),
        elsewhere=elsewhere or {},
        filled=frozenset(filled.split()),
        checks=checks or {},
    )


def _at(service: str, operation: str, path: str) -> Callable[[], Shape]:
    return partial(member_shape, service, operation, path)


def _property(type_name: str, name: str) -> Check:
    """Return the check by a property of CloudFormation's, where botocore's model has no rule."""
    return shaped(lambda: cloudformation.resource_shape(type_name).members[name].shape)


def _list_of(item: Callable[[], Shape]) -> Callable[[], Shape]:
    return lambda: Shape(Kind.LIST, item().source, item=item)


def _budget_notification() -> Shape:
    """The provider's flat form of a notification with its subscribers."""
    entry = "NotificationsWithSubscribers[]"
    notification = member_shape("budgets", "CreateBudget", f"{entry}.Notification")
    address = _list_of(_at("budgets", "CreateBudget", f"{entry}.Subscribers[].Address"))
    members = {
        **notification.members,
        "SubscriberEmailAddresses": Member(address),
        "SubscriberSnsTopicArns": Member(address),
    }
    return Shape(Kind.OBJECT, notification.source, load=lambda: members)


_CREATE_MODEL = "API_CreateModel: a container or a list, each with one source of its model"
_ONE_MODEL = exclusive("modelDataUrl", "modelDataSource", "modelPackageName", source=_CREATE_MODEL)

_BUCKET = _property("AWS::S3::Bucket", "BucketName")

_S3: Mapping[str, Translation] = {
    "aws:s3/bucket:Bucket": _row(
        "s3",
        "CreateBucket",
        {"objectLockEnabled": "ObjectLockEnabledForBucket"},
        elsewhere={"tags": _at("s3", "PutBucketTagging", "Tagging.TagSet")},
        filled="Bucket",
        checks={"bucket": _BUCKET},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": _row(
        "s3",
        "PutBucketVersioning",
        checks={"bucket": _BUCKET},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _row(
        "s3",
        "PutBucketEncryption",
        {
            "rules": "/ServerSideEncryptionConfiguration.Rules",
            "rules[].blockedEncryptionTypes": "BlockedEncryptionTypes.EncryptionType",
        },
        checks={"bucket": _BUCKET},
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _row(
        "s3",
        "PutPublicAccessBlock",
        {
            name: f"PublicAccessBlockConfiguration.{name[:1].upper()}{name[1:]}"
            for name in (
                "blockPublicAcls",
                "blockPublicPolicy",
                "ignorePublicAcls",
                "restrictPublicBuckets",
            )
        },
        filled="PublicAccessBlockConfiguration",
        checks={"bucket": _BUCKET},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _row(
        "s3",
        "PutBucketOwnershipControls",
        {"rule": "OwnershipControls.Rules[]"},
        checks={"bucket": _BUCKET},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": _row(
        "s3", "PutBucketPolicy", checks={"bucket": _BUCKET, "policy": policies.resource}
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _row(
        "s3",
        "PutBucketLifecycleConfiguration",
        {"rules": "LifecycleConfiguration.Rules"},
        checks={"bucket": _BUCKET},
    ),
    "aws:s3/bucketLogging:BucketLogging": _row(
        "s3",
        "PutBucketLogging",
        {
            name: f"BucketLoggingStatus.LoggingEnabled.{name[:1].upper()}{name[1:]}"
            for name in ("targetBucket", "targetPrefix", "targetGrants", "targetObjectKeyFormat")
        },
        checks={"bucket": _BUCKET},
    ),
    **{
        token: _row(
            "s3",
            "PutObject",
            {"kmsKeyId": "SSEKMSKeyId"},
            # The bytes and their fingerprints: read by the provider, judged by the SDK's types.
            local="source content contentBase64 sourceHash etag overrideProvider",
            elsewhere={"tags": _at("s3", "PutObjectTagging", "Tagging.TagSet")},
            filled="Key",
            checks={"bucket": _BUCKET},
        )
        for token in ("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2")
    },
}

_IAM: Mapping[str, Translation] = {
    "aws:iam/role:Role": _row(
        "iam",
        "CreateRole",
        {"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
        local="forceDetachPolicies inlinePolicies",
        elsewhere={"managedPolicyArns": _list_of(_at("iam", "AttachRolePolicy", "PolicyArn"))},
        filled="RoleName",
        checks={"assumeRolePolicy": policies.trust, "inlinePolicies[].policy": policies.identity},
    ),
    "aws:iam/rolePolicy:RolePolicy": _row(
        "iam",
        "PutRolePolicy",
        {"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
        filled="PolicyName",
        checks={"policy": policies.identity},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _row(
        "iam", "AttachRolePolicy", {"role": "RoleName"}
    ),
    "aws:iam/policy:Policy": _row(
        "iam",
        "CreatePolicy",
        {"name": "PolicyName", "policy": "PolicyDocument"},
        local="delayAfterPolicyCreationInMs",
        filled="PolicyName",
        checks={"policy": policies.identity},
    ),
}

_KMS: Mapping[str, Translation] = {
    "aws:kms/key:Key": _row(
        "kms",
        "CreateKey",
        {
            "customerMasterKeySpec": "KeySpec",
        },
        local="isEnabled enableKeyRotation",
        elsewhere={
            "rotationPeriodInDays": _at("kms", "EnableKeyRotation", "RotationPeriodInDays"),
            "deletionWindowInDays": _at("kms", "ScheduleKeyDeletion", "PendingWindowInDays"),
        },
        checks={
            "policy": policies.resource,
            # `API_ScheduleKeyDeletion`: 7 to 30.
            "deletionWindowInDays": between(7, 30, "KMS ScheduleKeyDeletion"),
        },
    ),
    "aws:kms/alias:Alias": _row("kms", "CreateAlias", {"name": "AliasName"}, filled="AliasName"),
}

_ECR: Mapping[str, Translation] = {
    "aws:ecr/repository:Repository": _row(
        "ecr",
        "CreateRepository",
        {
            "name": "repositoryName",
        },
        filled="repositoryName",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _row(
        "ecr",
        "PutLifecyclePolicy",
        {"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        checks={"policy": json_text("ECR lifecycle policy")},
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": _row(
        "ecr",
        "SetRepositoryPolicy",
        {"repository": "repositoryName", "policy": "policyText"},
        # A repository's policy names no resource: it is its own.
        checks={"policy": policies.trust},
    ),
}

_NETWORK: Mapping[str, Translation] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": _row(
        "ec2",
        "CreateVpcEndpoint",
        {"policy": "PolicyDocument"},
        local="autoAccept",
        elsewhere={"tags": _at("ec2", "CreateTags", "Tags")},
        checks={"policy": policies.resource},
    ),
    "aws:ec2/vpc:Vpc": _row(
        "ec2",
        "CreateVpc",
        elsewhere={
            "enableDnsHostnames": _at("ec2", "ModifyVpcAttribute", "EnableDnsHostnames.Value"),
            "enableDnsSupport": _at("ec2", "ModifyVpcAttribute", "EnableDnsSupport.Value"),
            "tags": _at("ec2", "CreateTags", "Tags"),
        },
    ),
    "aws:ec2/subnet:Subnet": _row(
        "ec2",
        "CreateSubnet",
        elsewhere={
            "mapPublicIpOnLaunch": _at("ec2", "ModifySubnetAttribute", "MapPublicIpOnLaunch.Value"),
            "tags": _at("ec2", "CreateTags", "Tags"),
        },
    ),
    "aws:ec2/routeTable:RouteTable": _row(
        "ec2", "CreateRouteTable", elsewhere={"tags": _at("ec2", "CreateTags", "Tags")}
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _row("ec2", "AssociateRouteTable"),
    # Comes with the network; the provider removes its rules (`vpc_default_security_group.go`).
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _row(
        "ec2",
        "CreateSecurityGroup",
        elsewhere={"tags": _at("ec2", "CreateTags", "Tags")},
        filled="GroupName Description",
    ),
    "aws:ec2/flowLog:FlowLog": _row(
        "ec2",
        "CreateFlowLogs",
        {"iamRoleArn": "DeliverLogsPermissionArn"},
        elsewhere={
            "tags": _at("ec2", "CreateTags", "Tags"),
            "vpcId": _at("ec2", "CreateFlowLogs", "ResourceIds[]"),
        },
        filled="ResourceIds ResourceType",
    ),
    "aws:ec2/securityGroup:SecurityGroup": _row(
        "ec2",
        "CreateSecurityGroup",
        {"name": "GroupName"},
        # Rules go out one by one (AuthorizeSecurityGroup…) in the provider's own flat form.
        local="ingress egress revokeRulesOnDelete",
        elsewhere={"tags": _at("ec2", "CreateTags", "Tags")},
        filled="GroupName Description",
    ),
    **{
        # One flat rule each (`internal/service/ec2/vpc_security_group_*_rule.go`); the API nests.
        f"aws:vpc/securityGroup{way}Rule:SecurityGroup{way}Rule": _row(
            "ec2",
            f"AuthorizeSecurityGroup{way}",
            inside="IpPermissions[]",
            local="securityGroupId",
            elsewhere={
                "tags": _at("ec2", "CreateTags", "Tags"),
                **{
                    name: _at("ec2", f"AuthorizeSecurityGroup{way}", f"IpPermissions[].{member}")
                    for name, member in (
                        ("cidrIpv4", "IpRanges[].CidrIp"),
                        ("cidrIpv6", "Ipv6Ranges[].CidrIpv6"),
                        ("description", "IpRanges[].Description"),
                        ("prefixListId", "PrefixListIds[].PrefixListId"),
                        ("referencedSecurityGroupId", "UserIdGroupPairs[].GroupId"),
                    )
                },
            },
        )
        for way in ("Ingress", "Egress")
    },
}

_WATCH: Mapping[str, Translation] = {
    "aws:cloudwatch/logGroup:LogGroup": _row(
        "logs",
        "CreateLogGroup",
        {"name": "logGroupName"},
        elsewhere={"retentionInDays": _at("logs", "PutRetentionPolicy", "retentionInDays")},
        filled="logGroupName",
        checks={"retentionInDays": _property("AWS::Logs::LogGroup", "RetentionInDays")},
    ),
    "aws:cloudwatch/eventRule:EventRule": _row(
        "events",
        "PutRule",
        local="isEnabled",
        filled="Name",
        checks={
            "scheduleExpression": cron.eventbridge,
            "eventPattern": json_text("EventBridge event pattern"),
        },
    ),
    "aws:cloudwatch/eventTarget:EventTarget": _row(
        "events",
        "PutTargets",
        {
            "targetId": "Id",
            "inputTransformer.inputPaths": "InputPathsMap",
            "sagemakerPipelineTarget": "SageMakerPipelineParameters",
            "sagemakerPipelineTarget.pipelineParameterLists": "PipelineParameterList",
            "sqsTarget": "SqsParameters",
            "httpTarget": "HttpParameters",
            "kinesisTarget": "KinesisParameters",
            "kinesisTarget.partitionKeyPath": "PartitionKeyPath",
        },
        inside="Targets[]",
        elsewhere={
            "rule": _at("events", "PutTargets", "Rule"),
            "eventBusName": _at("events", "PutTargets", "EventBusName"),
        },
        filled="Id",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _row(
        "cloudwatch",
        "PutMetricAlarm",
        {
            "name": "AlarmName",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
            "metricQueries": "Metrics",
            "metricQueries[].metric": "MetricStat",
            "metricQueries[].metric.metricName": "Metric.MetricName",
            "metricQueries[].metric.namespace": "Metric.Namespace",
            "metricQueries[].metric.dimensions": "Metric.Dimensions",
        },
        filled="AlarmName",
    ),
    "aws:sns/topic:Topic": _row(
        "sns",
        "CreateTopic",
        # The rest travels in `Attributes`, a map that the model says nothing of.
        local="displayName kmsMasterKeyId policy fifoTopic deliveryPolicy tracingConfig",
        filled="Name",
        checks={"policy": policies.resource},
    ),
    "aws:secretsmanager/secret:Secret": _row(
        "secretsmanager",
        "CreateSecret",
        {"replicas": "AddReplicaRegions"},
        local="recoveryWindowInDays policy",
        filled="Name",
        checks={
            # `API_DeleteSecret`: 7 to 30, or 0 to delete at once.
            "recoveryWindowInDays": between(0, 30, "Secrets Manager DeleteSecret"),
            "policy": policies.resource,
        },
    ),
    "aws:budgets/budget:Budget": _row(
        "budgets",
        "CreateBudget",
        {
            "name": "BudgetName",
            "limitAmount": "BudgetLimit.Amount",
            "limitUnit": "BudgetLimit.Unit",
        },
        inside="Budget",
        # The provider writes times and filters in a form of its own (`2026-01-01_00:00`).
        local="timePeriodStart timePeriodEnd costFilters",
        elsewhere={
            "accountId": _at("budgets", "CreateBudget", "AccountId"),
            "tags": _at("budgets", "CreateBudget", "ResourceTags"),
            "notifications": _list_of(_budget_notification),
        },
        filled="BudgetName",
    ),
}

_SCALING: Mapping[str, Translation] = {
    "aws:appautoscaling/target:Target": _row(
        "application-autoscaling", "RegisterScalableTarget", {"roleArn": "RoleARN"}
    ),
    "aws:appautoscaling/policy:Policy": _row(
        "application-autoscaling",
        "PutScalingPolicy",
        {"name": "PolicyName"},
        filled="PolicyName",
    ),
    "aws:appautoscaling/scheduledAction:ScheduledAction": _row(
        "application-autoscaling",
        "PutScheduledAction",
        {"name": "ScheduledActionName"},
        filled="ScheduledActionName",
        checks={"schedule": cron.eventbridge},
    ),
}

_SAGEMAKER: Mapping[str, Translation] = {
    "aws:sagemaker/model:Model": _row(
        "sagemaker",
        "CreateModel",
        {"name": "ModelName"},
        filled="ModelName",
        checks={
            "": exclusive("primaryContainer", "containers", needed=True, source=_CREATE_MODEL),
            "primaryContainer": _ONE_MODEL,
            "containers[]": _ONE_MODEL,
        },
    ),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _row(
        "sagemaker",
        "CreateEndpointConfig",
        {
            "name": "EndpointConfigName",
            "kmsKeyArn": "KmsKeyId",
            "asyncInferenceConfig.outputConfig.notificationConfig.includeInferenceResponseIns": (
                "IncludeInferenceResponseIn"
            ),
        },
        filled="EndpointConfigName ProductionVariants[].VariantName",
    ),
    "aws:sagemaker/endpoint:Endpoint": _row(
        "sagemaker", "CreateEndpoint", {"name": "EndpointName"}, filled="EndpointName"
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": _row(
        "sagemaker", "CreateModelPackageGroup"
    ),
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": _row(
        "sagemaker",
        "PutModelPackageGroupPolicy",
        checks={"resourcePolicy": policies.resource},
    ),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": _row(
        "sagemaker", "CreateMlflowTrackingServer"
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": _row("sagemaker", "CreateMlflowApp"),
    "aws:sagemaker/pipeline:Pipeline": _row(
        "sagemaker",
        "CreatePipeline",
        filled="ClientRequestToken",
        checks={
            "": exclusive(
                "pipelineDefinition",
                "pipelineDefinitionS3Location",
                needed=True,
                source="CreatePipeline: the definition or its place",
            ),
            "pipelineDefinition": json_text("SageMaker pipeline definition"),
        },
    ),
    "aws:sagemaker/modelCard:ModelCard": _row(
        "sagemaker", "CreateModelCard", checks={"content": json_text("SageMaker model card")}
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": _row(
        "sagemaker",
        "CreateMonitoringSchedule",
        {"name": "MonitoringScheduleName"},
        filled="MonitoringScheduleName",
        checks={"monitoringScheduleConfig.scheduleConfig.scheduleExpression": cron.eventbridge},
    ),
    "aws:sagemaker/algorithm:Algorithm": _row("sagemaker", "CreateAlgorithm"),
}

_SCHEDULES: Mapping[str, Translation] = {
    "aws:scheduler/schedule:Schedule": _row(
        "scheduler",
        "CreateSchedule",
        {
            "target.sagemakerPipelineParameters.pipelineParameters": "PipelineParameterList",
            "target.sagemakerPipelineParameters": "SageMakerPipelineParameters",
        },
        filled="ClientToken",
        checks={"scheduleExpression": cron.eventbridge},
    ),
}

_BUILD: Mapping[str, Translation] = {
    "aws:codebuild/project:Project": _row(
        "codebuild",
        "CreateProject",
        {
            "buildTimeout": "timeoutInMinutes",
            "queuedTimeout": "queuedTimeoutInMinutes",
            "logsConfig.cloudwatchLogs": "cloudWatchLogs",
        },
        elsewhere={
            "projectVisibility": _at("codebuild", "UpdateProjectVisibility", "projectVisibility"),
            "resourceAccessRole": _at("codebuild", "UpdateProjectVisibility", "resourceAccessRole"),
        },
        filled="name",
    ),
}

TRANSLATIONS: Mapping[str, Translation] = {
    **_S3,
    **_IAM,
    **_KMS,
    **_ECR,
    **_NETWORK,
    **_WATCH,
    **_SCALING,
    **_SAGEMAKER,
    **_BUILD,
    **_SCHEDULES,
}
