"""Requests that SageMaker takes, for tests of the test cloud."""

import json
import uuid
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/tests"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/runtime:1"
BUCKET = "tests-artifacts"


def bucket(cloud: Any) -> str:
    place = {"LocationConstraint": cloud.region}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    return BUCKET


def model(cloud: Any, name: str = "model", **more: Any) -> str:
    container = {"Image": IMAGE}
    cloud.client("sagemaker").create_model(
        ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container, **more
    )
    return name


def config(cloud: Any, name: str, count: int = 1, **more: Any) -> str:
    variant = {
        "VariantName": "main",
        "ModelName": "model",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
    }
    cloud.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], **more
    )
    return name


def endpoint(cloud: Any, name: str = "endpoint") -> str:
    """Create an endpoint and look at it until it is in service."""
    model(cloud)
    config(cloud, "first")
    cloud.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName="first")
    assert states(cloud, name)[-1] == "InService"
    return name


def host(cloud: Any, name: str = "endpoint") -> str:
    """Create an endpoint whose machines wait for inference components."""
    variant = {"VariantName": "main", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    cloud.client("sagemaker").create_endpoint_config(
        EndpointConfigName="host", ProductionVariants=[variant], ExecutionRoleArn=ROLE
    )
    cloud.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName="host")
    assert states(cloud, name)[-1] == "InService"
    return name


def states(cloud: Any, name: str = "endpoint", most: int = 10) -> list[str]:
    """Describe an endpoint until its state no longer passes; return the states that were seen."""
    seen: list[str] = []
    for _ in range(most):
        told = cloud.client("sagemaker").describe_endpoint(EndpointName=name)
        seen.append(told["EndpointStatus"])
        if seen[-1] in {"InService", "Failed"}:
            break
    return seen


def training(name: str = "job", **more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/runs"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **more,
    }


def processing(name: str = "job", **more: Any) -> dict[str, Any]:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    return {
        "ProcessingJobName": name,
        "RoleArn": ROLE,
        "AppSpecification": {"ImageUri": IMAGE},
        "ProcessingResources": {"ClusterConfig": cluster},
        **more,
    }


def transform(name: str = "job") -> dict[str, Any]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in"}}
    return {
        "TransformJobName": name,
        "ModelName": "model",
        "TransformInput": {"DataSource": source},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def tuning(name: str = "tune") -> dict[str, Any]:
    definition = training()
    del definition["TrainingJobName"]
    limits = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1}
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {"Strategy": "Random", "ResourceLimits": limits},
        "TrainingJobDefinition": definition,
    }


def pipeline(cloud: Any, name: str = "pipeline", *parameters: str) -> str:
    declared = [{"Name": one, "Type": "String", "DefaultValue": ""} for one in parameters]
    document = {"Version": "2020-12-01", "Parameters": declared, "Steps": []}
    answer = cloud.client("sagemaker").create_pipeline(
        PipelineName=name,
        PipelineDefinition=json.dumps(document),
        ClientRequestToken=uuid.uuid4().hex,
        RoleArn=ROLE,
    )
    return answer["PipelineArn"]


def package(cloud: Any, group: str = "group", **more: Any) -> str:
    sagemaker = cloud.client("sagemaker")
    known = [one["ModelPackageGroupName"] for one in _groups(sagemaker)]
    if group not in known:
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
    specification = {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"}],
        "SupportedContentTypes": ["application/json"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    answer = sagemaker.create_model_package(
        ModelPackageGroupName=group,
        InferenceSpecification=specification,
        ModelApprovalStatus="PendingManualApproval",
        **more,
    )
    return answer["ModelPackageArn"]


def _groups(sagemaker: Any) -> list[dict[str, Any]]:
    return sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]


def alarm(cloud: Any, name: str = "alarm", **more: Any) -> str:
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        MetricName="Errors",
        Namespace="Tests",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        **more,
    )
    return name


def features(**more: Any) -> dict[str, Any]:
    return {
        "FeatureGroupName": "flights",
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "String"},
            {"FeatureName": "delay", "FeatureType": "Fractional"},
        ],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": f"s3://{BUCKET}/features"}},
        "RoleArn": ROLE,
        **more,
    }


def record(**values: str) -> list[dict[str, str]]:
    return [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]


def data_quality(name: str = "quality") -> dict[str, Any]:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    output = {"S3Uri": f"s3://{BUCKET}/monitors", "LocalPath": "/opt/ml/processing/output"}
    source = {"EndpointName": "endpoint", "LocalPath": "/opt/ml/processing/input"}
    return {
        "JobDefinitionName": name,
        "DataQualityAppSpecification": {"ImageUri": IMAGE},
        "DataQualityJobInput": {"EndpointInput": source},
        "DataQualityJobOutputConfig": {"MonitoringOutputs": [{"S3Output": output}]},
        "JobResources": {"ClusterConfig": cluster},
        "RoleArn": ROLE,
    }


def monitoring(cloud: Any, expression: str = "cron(0 * ? * * *)") -> str:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_data_quality_job_definition(**data_quality())
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName="hourly",
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": expression},
            "MonitoringJobDefinitionName": "quality",
            "MonitoringType": "DataQuality",
        },
    )
    return "hourly"


def project(**more: Any) -> dict[str, Any]:
    return {
        "name": "builder",
        "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        "serviceRole": ROLE,
        "encryptionKey": "arn:aws:kms:eu-west-1:123456789012:key/tests",
        **more,
    }
