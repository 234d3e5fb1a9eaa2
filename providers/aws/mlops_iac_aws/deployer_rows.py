"""What deploying asks of IAM beside CloudFormation's own types, and the ARN of each type.

`BY_HAND` has what `pulumi-aws` splits off a type (`terraform-provider-aws`,
`internal/service/<service>`) and what our own resources call through boto3.
"""

from collections.abc import Mapping

_BUCKET = ("s3:ListBucket", "s3:GetBucketLocation")
_TAGS = ("s3:GetObjectTagging", "s3:PutObjectTagging")
_RULES = ("ec2:DescribeSecurityGroupRules", "ec2:ModifySecurityGroupRules", "ec2:CreateTags")

BY_HAND: Mapping[str, tuple[str, ...]] = {
    "aws:s3/bucket:Bucket": (
        *_BUCKET,
        "s3:CreateBucket",
        "s3:DeleteBucket",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucketVersions",
        "s3:PutBucketTagging",
    ),
    "aws:s3/bucketLogging:BucketLogging": ("s3:GetBucketLogging", "s3:PutBucketLogging"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        "s3:GetBucketOwnershipControls",
        "s3:PutBucketOwnershipControls",
    ),
    "aws:s3/bucketPolicy:BucketPolicy": (
        "s3:DeleteBucketPolicy",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
    ),
    "aws:s3/bucketVersioning:BucketVersioning": (
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        *_TAGS,
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:GetObject",
        "s3:PutObject",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (
        "ecr:DeleteLifecyclePolicy",
        "ecr:GetLifecyclePolicy",
        "ecr:PutLifecyclePolicy",
    ),
    "aws:iam/policy:Policy": (
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicy",
        "iam:DeletePolicyVersion",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:ListPolicyVersions",
        "iam:TagPolicy",
        "iam:UntagPolicy",
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        "iam:ListAttachedRolePolicies",
    ),
    "aws:codebuild/project:Project": (
        "codebuild:BatchGetProjects",
        "codebuild:CreateProject",
        "codebuild:DeleteProject",
        "codebuild:UpdateProject",
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        "events:ListTargetsByRule",
        "events:PutTargets",
        "events:RemoveTargets",
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (
        "ec2:CreateTags",
        "ec2:DescribeSecurityGroups",
        "ec2:RevokeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupIngress",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (
        "ec2:AssociateRouteTable",
        "ec2:DescribeRouteTables",
        "ec2:DisassociateRouteTable",
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        *_RULES,
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:RevokeSecurityGroupEgress",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        *_RULES,
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
    ),
    "mlops-iac:aws:FeatureSchema": (
        "sagemaker:DescribeFeatureGroup",
        "sagemaker:UpdateFeatureGroup",
        "glue:DeleteTable",
    ),
    "mlops-iac:aws:ImageBuild": (
        "codebuild:BatchGetBuilds",
        "codebuild:ListBuildsForProject",
        "codebuild:StartBuild",
        "ecr:DescribeImages",
        "ecr:DescribeRepositories",
        "logs:GetLogEvents",
    ),
    "mlops-iac:aws:JobRun": (
        "sagemaker:DescribePipeline",
        "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutionSteps",
        "sagemaker:ListPipelineExecutions",
        "sagemaker:StartPipelineExecution",
        "sagemaker:StopPipelineExecution",
        "s3:GetObject",
    ),
    "mlops-iac:aws:ModelDeployment": (
        "application-autoscaling:DeleteScalingPolicy",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:RegisterScalableTarget",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:PutMetricAlarm",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
        "sagemaker:AddTags",
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateInferenceComponent",
        "sagemaker:CreateModel",
        "sagemaker:DeleteEndpoint",
        "sagemaker:DeleteEndpointConfig",
        "sagemaker:DeleteInferenceComponent",
        "sagemaker:DeleteModel",
        "sagemaker:DeleteTags",
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeInferenceComponent",
        "sagemaker:DescribeModel",
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListEndpointConfigs",
        "sagemaker:ListModelPackages",
        "sagemaker:ListModels",
        "sagemaker:ListTags",
        "sagemaker:UpdateEndpoint",
        "sagemaker:UpdateInferenceComponent",
        "sagemaker:UpdateModelPackage",
    ),
    "mlops-iac:aws:ModelVersions": (
        "sagemaker:DeleteModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:ListModelPackages",
    ),
    "mlops-iac:aws:PlatformGuard": ("s3:GetObject", "s3:ListBucket"),
    "mlops-iac:aws:PlatformUse": (
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ),
}
"""Actions by type, where CloudFormation has no type of it, or has it undivided."""

_S3 = "arn:{partition}:s3:::"
_SAGEMAKER = "arn:{partition}:sagemaker:{region}:{account}:"
_ENDPOINT_PARTS = (
    "endpoint/{name}",
    "endpoint-config/{name}-*",
    "inference-component/{name}",
    "model/{name}-*",
)

ARNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws-native:sagemaker:Artifact": ("", (f"{_SAGEMAKER}artifact/*",)),
    "aws-native:sagemaker:FeatureGroup": (
        "featureGroupName",
        (f"{_SAGEMAKER}feature-group/{{name}}",),
    ),
    "aws:cloudwatch/eventRule:EventRule": (
        "name",
        ("arn:{partition}:events:{region}:{account}:rule/{name}",),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": (
        "rule",
        ("arn:{partition}:events:{region}:{account}:rule/{name}",),
    ),
    "aws:cloudwatch/logGroup:LogGroup": (
        "name",
        (
            "arn:{partition}:logs:{region}:{account}:log-group:{name}",
            "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
        ),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        "name",
        ("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}",),
    ),
    "aws:codebuild/project:Project": (
        "name",
        ("arn:{partition}:codebuild:{region}:{account}:project/{name}",),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (
        "repository",
        ("arn:{partition}:ecr:{region}:{account}:repository/{name}",),
    ),
    "aws:ecr/repository:Repository": (
        "name",
        ("arn:{partition}:ecr:{region}:{account}:repository/{name}",),
    ),
    "aws:iam/policy:Policy": ("name", ("arn:{partition}:iam::{account}:policy/{name}",)),
    "aws:iam/role:Role": ("name", ("arn:{partition}:iam::{account}:role/{name}",)),
    "aws:iam/rolePolicy:RolePolicy": ("role", ("arn:{partition}:iam::{account}:role/{name}",)),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "role",
        ("arn:{partition}:iam::{account}:role/{name}",),
    ),
    "aws:kms/alias:Alias": (
        "name",
        (
            "arn:{partition}:kms:{region}:{account}:{name}",
            "arn:{partition}:kms:{region}:{account}:key/*",
        ),
    ),
    "aws:kms/key:Key": ("", ("arn:{partition}:kms:{region}:{account}:key/*",)),
    "aws:s3/bucketObjectv2:BucketObjectv2": ("bucket", (f"{_S3}{{name}}/*",)),
    "aws:sagemaker/mlflowApp:MlflowApp": ("", (f"{_SAGEMAKER}mlflow-app/*",)),
    "aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer": (
        "trackingServerName",
        (f"{_SAGEMAKER}mlflow-tracking-server/{{name}}",),
    ),
    "aws:sagemaker/modelCard:ModelCard": (
        "modelCardName",
        # A card is of a group.
        (f"{_SAGEMAKER}model-card/{{name}}", f"{_SAGEMAKER}model-package-group/*"),
    ),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": (
        "modelPackageGroupName",
        (f"{_SAGEMAKER}model-package-group/{{name}}",),
    ),
    "aws:sagemaker/monitoringSchedule:MonitoringSchedule": (
        "name",
        (f"{_SAGEMAKER}monitoring-schedule/{{name}}",),
    ),
    "aws:sagemaker/pipeline:Pipeline": ("pipelineName", (f"{_SAGEMAKER}pipeline/{{name}}",)),
    "aws:scheduler/schedule:Schedule": (
        "name",
        ("arn:{partition}:scheduler:{region}:{account}:schedule/default/{name}",),
    ),
    "aws:sns/topic:Topic": ("name", ("arn:{partition}:sns:{region}:{account}:{name}",)),
    "mlops-iac:aws:ImageBuild": (
        "repository",
        (
            "arn:{partition}:ecr:{region}:{account}:repository/{name}",
            "arn:{partition}:codebuild:{region}:{account}:project/*",
            "arn:{partition}:logs:{region}:{account}:log-group:/aws/codebuild/*:log-stream:*",
        ),
    ),
    "mlops-iac:aws:JobRun": (
        "pipeline",
        (f"{_SAGEMAKER}pipeline/{{name}}", f"{_SAGEMAKER}pipeline/{{name}}/execution/*"),
    ),
    "mlops-iac:aws:ModelDeployment": (
        "endpoint",
        (
            *(f"{_SAGEMAKER}{part}" for part in _ENDPOINT_PARTS),
            f"{_SAGEMAKER}model-package/*",
            f"{_SAGEMAKER}model-package-group/*",
            "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*",
            "arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}*",
        ),
    ),
    "mlops-iac:aws:ModelVersions": (
        "",
        (f"{_SAGEMAKER}model-package/*", f"{_SAGEMAKER}model-package-group/*"),
    ),
}
"""Input that holds the name, and the ARNs; a name that only deploying tells is `*`."""

BY_SERVICE: Mapping[str, tuple[str, ...]] = {
    "ec2": ("arn:{partition}:ec2:{region}:{account}:*",),
    "glue": ("arn:{partition}:glue:{region}:{account}:*",),
    "kms": ("arn:{partition}:kms:{region}:{account}:key/*",),
    "s3": (f"{_S3}{{bucket}}", f"{_S3}{{bucket}}/*"),
    "sagemaker": (f"{_SAGEMAKER}*",),
    "sns": ("arn:{partition}:sns:{region}:{account}:*",),
    "logs": ("arn:{partition}:logs:{region}:{account}:log-group:*",),
}
"""ARNs of what a type's actions touch in another service than its own, and of types without any."""

RECOVERED: Mapping[str, tuple[str, ...]] = {
    "aws-native:sagemaker:Artifact": ("sagemaker:ListArtifacts",),
    "aws:kms/key:Key": ("tag:GetResources",),
    "aws:sagemaker/mlflowApp:MlflowApp": ("sagemaker:ListMlflowApps",),
}
"""How `recover` finds what AWS named and a killed `up` did not record; see `adoption.py`."""
