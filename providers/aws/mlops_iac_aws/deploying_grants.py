"""What deploying a version takes, and what the loop's own containers take to do it.

The rows follow `mlops_iac_aws.serving`: each of its calls of AWS stands here, and no other.
"""

from mlops_iac_aws.statements import PASS_TO_SAGEMAKER, Statement

_SCALING_SERVICE = "sagemaker.application-autoscaling.amazonaws.com"

DEPLOYING: tuple[Statement, ...] = (
    Statement(
        "DeployModels",
        (
            "sagemaker:AddTags",
            "sagemaker:CreateEndpoint",
            "sagemaker:CreateEndpointConfig",
            "sagemaker:CreateModel",
            # What failed can only be deleted.
            "sagemaker:DeleteEndpoint",
            "sagemaker:DeleteEndpointConfig",
            "sagemaker:DeleteModel",
            "sagemaker:DeleteTags",
            "sagemaker:DescribeEndpoint",
            "sagemaker:DescribeEndpointConfig",
            "sagemaker:DescribeModel",
            "sagemaker:ListTags",
            "sagemaker:UpdateEndpoint",
        ),
        ("{deployments}",),
    ),
    Statement(
        "DeployComponents",
        (
            "sagemaker:AddTags",
            "sagemaker:CreateInferenceComponent",
            "sagemaker:DeleteInferenceComponent",
            "sagemaker:DeleteTags",
            "sagemaker:DescribeInferenceComponent",
            "sagemaker:ListTags",
            "sagemaker:UpdateInferenceComponent",
        ),
        ("{components}", "{hosts_of_components}"),
    ),
    # The actions have no resource type.
    Statement(
        "FindParts",
        ("sagemaker:ListEndpointConfigs", "sagemaker:ListModels"),
        ("{anywhere_of_endpoints}",),
    ),
    Statement(
        "SeeServedVersions",
        ("sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"),
        ("{served_models}",),
    ),
    Statement(
        "MoveAliases",
        ("sagemaker:UpdateModelPackage",),
        ("{served_models}",),
        # Whoever deploys approves nothing.
        {"Null": {"sagemaker:ModelApprovalStatus": "true"}},
    ),
    Statement(
        "KeepServedModels",
        ("s3:AbortMultipartUpload", "s3:PutObject"),
        ("{served_objects}",),
    ),
    Statement(
        "ScaleEndpoints",
        (
            "application-autoscaling:DeleteScalingPolicy",
            "application-autoscaling:DeregisterScalableTarget",
            "application-autoscaling:PutScalingPolicy",
            "application-autoscaling:RegisterScalableTarget",
        ),
        ("{scalable_targets}",),
        {"StringEquals": {"application-autoscaling:service-namespace": "sagemaker"}},
    ),
    Statement(
        "SeeScaling",
        (
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
        ),
        # The actions have no resource type.
        ("{anywhere_of_endpoints}",),
    ),
    Statement(
        "WakeEndpoints",
        ("cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        ("{wake_alarms}",),
    ),
    Statement(
        "LetServiceScale",
        ("iam:CreateServiceLinkedRole",),
        ("{scaling_roles}",),
        {"StringEquals": {"iam:AWSServiceName": _SCALING_SERVICE}},
    ),
    Statement("PassServingRole", ("iam:PassRole",), ("{serving_role}",), PASS_TO_SAGEMAKER),
)

OWN_WORK: tuple[Statement, ...] = (
    # A pipeline of ours runs our own image under its own role, for work that needs AWS itself.
    Statement("PassOwnRole", ("iam:PassRole",), ("{work_role}",), PASS_TO_SAGEMAKER),
    Statement(
        "RunWork",
        (
            "sagemaker:AddTags",
            "sagemaker:CreateProcessingJob",
            "sagemaker:DescribeProcessingJob",
            "sagemaker:StopProcessingJob",
        ),
        ("{work_jobs}",),
    ),
    # The action has no resource type.
    Statement("LogInToRegistryForWork", ("ecr:GetAuthorizationToken",), ("{work_anywhere}",)),
    Statement(
        "PullImageOfWork",
        ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        ("{work_repositories}",),
    ),
    Statement(
        "WriteLogsOfWork",
        (
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
        ),
        ("{work_logs}", "{work_logs}:log-stream:*"),
    ),
    Statement(
        "WriteReportsOfWork",
        ("s3:AbortMultipartUpload", "s3:PutObject"),
        ("{work_objects}",),
    ),
    Statement(
        "SeeNetworkOfWork",
        (
            "ec2:DescribeDhcpOptions",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ),
        # The actions have no resource type.
        ("{work_network}",),
    ),
    Statement(
        "AttachWorkToNetwork",
        (
            "ec2:CreateNetworkInterface",
            "ec2:CreateNetworkInterfacePermission",
            "ec2:DeleteNetworkInterface",
            "ec2:DeleteNetworkInterfacePermission",
        ),
        ("{work_interfaces}",),
    ),
)
