"""What a change of each property that this provider sets does to the thing that exists.

Sources: `createOnlyProperties` of the CloudFormation registry schemas (cfn-lint 1.58.0), and where
`pulumi-aws` differs, the ForceNew of terraform-provider-aws, `internal/service/<service>`. A
property that stands in no row is `unknown` and shows as "may replace".
"""

from collections.abc import Mapping

from mlops_iac.mutability import Table, mutability_table

_REPLACED: Mapping[str, tuple[str, ...]] = {
    "aws:s3/bucket:Bucket": ("bucket",),
    "aws:s3/bucketLogging:BucketLogging": ("bucket",),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("bucket",),
    # A new key in the bucket is a new object; ForceNew in `object.go`.
    "aws:s3/bucketObjectv2:BucketObjectv2": ("bucket", "key"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("bucket",),
    "aws:s3/bucketPolicy:BucketPolicy": ("bucket",),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("bucket",),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "bucket",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ("bucket",),
    "aws:ecr/repository:Repository": ("name", "encryptionConfigurations"),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ("policy", "repository"),
    "aws:iam/role:Role": ("name",),
    "aws:iam/rolePolicy:RolePolicy": ("name", "role"),
    "aws:kms/alias:Alias": ("name",),
    "aws:ec2/securityGroup:SecurityGroup": ("name", "description", "vpcId"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("securityGroupId",),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("securityGroupId",),
    "aws:cloudwatch/logGroup:LogGroup": ("name",),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("name",),
    "aws:scheduler/schedule:Schedule": ("name",),
    "aws:cloudwatch/eventRule:EventRule": ("name",),
    # ForceNew in `target.go`; the target is the same as long as its rule is.
    "aws:cloudwatch/eventTarget:EventTarget": ("rule",),
    "aws:sns/topic:Topic": ("name",),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": ("name",),
    **{
        f"aws-native:sagemaker:{kind}JobDefinition": (
            f"{prefix}AppSpecification",
            f"{prefix}JobInput",
            f"{prefix}JobOutputConfig",
            f"{prefix}BaselineConfig",
            "jobDefinitionName",
            "jobResources",
            "networkConfig",
            "roleArn",
            "stoppingCondition",
            "tags",
        )
        for kind, prefix in (("DataQuality", "dataQuality"), ("ModelQuality", "modelQuality"))
    },
    "aws:sagemaker/mlflowApp:MlflowApp": ("name", "roleArn"),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": ("trackingServerName",),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": (
        "modelPackageGroupDescription",
        "modelPackageGroupName",
    ),
    "aws:sagemaker/modelCard:ModelCard": ("modelCardName", "securityConfig"),
    "aws:sagemaker/pipeline:Pipeline": ("pipelineName",),
    "aws-native:sagemaker:Artifact": ("artifactType", "source", "metadataProperties"),
    # A new key is a new run; the old one stays in SageMaker's history.
    "mlops-iac:aws:JobRun": ("job", "key", "kind", "pipeline"),
    # A changed tag is not handed to it: `FeatureSchema` changes tags in place.
    "aws-native:sagemaker:FeatureGroup": (
        "eventTimeFeatureName",
        "featureGroupName",
        "offlineStoreConfig",
        "recordIdentifierFeatureName",
        "roleArn",
        "tags",
    ),
    # Other changes of what a group keeps for ever are refused, never made.
    "mlops-iac:aws:FeatureSchema": ("group",),
    "mlops-iac:aws:ModelDeployment": ("endpoint",),
    "mlops-iac:aws:ModelVersions": ("group",),
    "aws:codebuild/project:Project": ("name",),
    # A new content is a new image beside the old one.
    "mlops-iac:aws:ImageBuild": ("repository", "tag"),
    "mlops-iac:aws:PlatformGuard": ("bucket",),
    "mlops-iac:aws:PlatformUse": ("bucket", "project", "stack"),
}

_IN_PLACE: Mapping[str, tuple[str, ...]] = {
    "aws:s3/bucket:Bucket": ("forceDestroy", "tags"),
    "aws:s3/bucketLogging:BucketLogging": ("targetBucket", "targetPrefix"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ("rules",),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        "checksumAlgorithm",
        "content",
        "contentType",
        "overrideProvider",
        "source",
        "tags",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ("rule",),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy",),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "blockPublicAcls",
        "blockPublicPolicy",
        "ignorePublicAcls",
        "restrictPublicBuckets",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "rules",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ("versioningConfiguration",),
    "aws:ecr/repository:Repository": (
        "forceDelete",
        "imageScanningConfiguration",
        "imageTagMutability",
        "tags",
    ),
    "aws:iam/role:Role": ("assumeRolePolicy", "description", "forceDetachPolicies", "tags"),
    "aws:iam/rolePolicy:RolePolicy": ("policy",),
    "aws:kms/key:Key": (
        "deletionWindowInDays",
        "description",
        "enableKeyRotation",
        "policy",
        "rotationPeriodInDays",
        "tags",
    ),
    "aws:kms/alias:Alias": ("targetKeyId",),
    "aws:ec2/securityGroup:SecurityGroup": ("tags",),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        "description",
        "ipProtocol",
        "referencedSecurityGroupId",
        "tags",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        "cidrIpv4",
        "description",
        "fromPort",
        "ipProtocol",
        "referencedSecurityGroupId",
        "tags",
        "toPort",
    ),
    "aws:cloudwatch/logGroup:LogGroup": ("kmsKeyId", "retentionInDays", "tags"),
    "aws:cloudwatch/eventRule:EventRule": ("description", "eventPattern", "tags"),
    "aws:cloudwatch/eventTarget:EventTarget": ("arn", "roleArn", "sagemakerPipelineTarget"),
    "aws:sns/topic:Topic": ("kmsMasterKeyId", "policy", "tags"),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": ("monitoringScheduleConfig", "tags"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        "alarmActions",
        "alarmDescription",
        "comparisonOperator",
        "dimensions",
        "evaluationPeriods",
        "metricName",
        "metricQueries",
        "namespace",
        "okActions",
        "period",
        "statistic",
        "tags",
        "threshold",
        "treatMissingData",
    ),
    "aws:scheduler/schedule:Schedule": (
        "description",
        "flexibleTimeWindow",
        "kmsKeyArn",
        "scheduleExpression",
        "scheduleExpressionTimezone",
        "target",
    ),
    "aws:sagemaker/mlflowApp:MlflowApp": (
        "accountDefaultStatus",
        "artifactStoreUri",
        "modelRegistrationMode",
        "tags",
    ),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": (
        "artifactStoreUri",
        "automaticModelRegistration",
        "roleArn",
        "tags",
        "trackingServerSize",
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": ("tags",),
    "aws:sagemaker/modelCard:ModelCard": ("content", "modelCardStatus", "tags"),
    "aws:sagemaker/pipeline:Pipeline": (
        "pipelineDefinition",
        "pipelineDescription",
        "pipelineDisplayName",
        "roleArn",
        "tags",
    ),
    "aws-native:sagemaker:Artifact": ("artifactName", "properties", "tags"),
    # Features are added, and of the online store `ttlDuration` changes: `UpdateFeatureGroup`.
    "aws-native:sagemaker:FeatureGroup": ("featureDefinitions", "onlineStoreConfig"),
    "mlops-iac:aws:FeatureSchema": (
        "arn",
        "bucket",
        "component",
        "event_time",
        "features",
        "offline",
        "online",
        "prefix",
        "record",
        "tags",
    ),
    "aws:codebuild/project:Project": (
        "artifacts",
        "buildTimeout",
        "description",
        "encryptionKey",
        "environment",
        "logsConfig",
        "serviceRole",
        "source",
        "tags",
    ),
    "mlops-iac:aws:ImageBuild": ("project", "requests"),
    "mlops-iac:aws:PlatformUse": ("components",),
    "mlops-iac:aws:JobRun": (
        "hyperparameters",
        "metric_names",
        "model_group",
        "pipeline_parameters",
        "reads",
        "requests",
        "timeout_seconds",
        "wait",
    ),
    "mlops-iac:aws:ModelDeployment": (
        "bucket",
        "capture",
        "component",
        "compute",
        "deployment_timeout_seconds",
        "policy",
        "requests",
        "rollout",
        "scaling",
        "timeout_seconds",
        "update_requests",
    ),
}


MUTABILITY: Table = mutability_table(replaced=_REPLACED, in_place=_IN_PLACE)
"""By type token and property, as the engine names them."""
