"""What a retraining policy's executor takes, beside what deploying takes.

The rows follow `mlops_iac_aws.policies`: each of its calls of AWS stands here, and no other.
"""

from mlops_iac_aws.statements import Statement

DECIDING: tuple[Statement, ...] = (
    Statement(
        "KeepMemory",
        ("s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"),
        ("{policy_objects}",),
    ),
    Statement(
        "RunRetraining",
        (
            "sagemaker:DescribePipelineExecution",
            "sagemaker:ListPipelineExecutionSteps",
            "sagemaker:ListPipelineExecutions",
            "sagemaker:StartPipelineExecution",
            "sagemaker:StopPipelineExecution",
        ),
        ("{policy_pipelines}", "{policy_pipelines}/execution/*"),
    ),
    Statement(
        "ApproveForPolicy",
        ("sagemaker:UpdateModelPackage",),
        # Only where the declaration lets the policy promote by itself.
        ("{policy_models}",),
        {"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}},
    ),
    Statement("TellPeople", ("sns:Publish",), ("{policy_topics}",)),
    Statement("SeeAlarms", ("cloudwatch:DescribeAlarms",), ("{policy_alarms}",)),
)
