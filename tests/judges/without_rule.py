"""What Checkov has no rule for, and who judges it instead. An entry that it has one for fails."""

from collections.abc import Mapping

_CONTROLS = "our table `tests/judges/controls.py`"
_CONTRACT = "no security property of its own; its inputs are judged by AWS's models"

TYPES: Mapping[str, str] = {
    "aws-native_sagemaker_Artifact": _CONTRACT,
    "aws-native_sagemaker_ModelQualityJobDefinition": _CONTROLS,
    "aws_cloudwatch_event_rule": _CONTRACT,
    "aws_cloudwatch_event_target": _CONTRACT,
    "aws_ecr_lifecycle_policy": _CONTRACT,
    "aws_flow_log": "CKV2_AWS_11 asks the network for it",
    "aws_kms_alias": _CONTRACT,
    "aws_route_table_association": _CONTRACT,
    "aws_s3_bucket_logging": "CKV_AWS_18 asks the bucket for it",
    "aws_s3_object": "CKV_AWS_145 asks its bucket for the key",
    "aws_sagemaker_feature_group": _CONTROLS,
    "aws_sagemaker_mlflow_app": _CONTRACT,
    "aws_sagemaker_mlflow_tracking_server": _CONTRACT,
    "aws_sagemaker_model_package_group": _CONTRACT,
    "aws_sagemaker_model_card": _CONTRACT,
    "aws_sagemaker_monitoring_schedule": _CONTROLS,
    "aws_sagemaker_pipeline": "its steps are judged as calls",
    "aws_vpc_endpoint": _CONTROLS,
}
"""By Terraform's name, or by the token with underscores where Terraform has none."""

REQUESTS: Mapping[str, str] = {
    "CreateEndpoint": _CONTRACT,
    "CreateHyperParameterTuningJob": _CONTROLS,
    "CreateModelPackage": _CONTRACT,
    "CreateProcessingJob": _CONTROLS,
    "CreateTrainingJob": _CONTROLS,
    "PutScalingPolicy": _CONTRACT,
    "StartBuild": "its project is judged",
    "StartPipelineExecution": "the steps of its pipeline are judged",
    "UpdateEndpoint": _CONTRACT,
}
"""Calls of custom resources and of pipeline steps."""
