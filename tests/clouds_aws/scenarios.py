"""One scenario for each row of additions: the test cloud passes it, moto alone does not."""

import json
import uuid
from collections.abc import Callable
from typing import Any

from tests.clouds_aws import requests as ask

Scenario = Callable[[Any], None]
SCENARIOS: dict[str, Scenario] = {}


def of(subject: str) -> Callable[[Scenario], Scenario]:
    """Put a scenario under the subject of its row."""

    def keep(scenario: Scenario) -> Scenario:
        SCENARIOS[subject] = scenario
        return scenario

    return keep


@of("models")
def models(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    ask.model(cloud, EnableNetworkIsolation=True)
    assert sagemaker.describe_model(ModelName="model")["EnableNetworkIsolation"] is True
    sagemaker.delete_model(ModelName="model")
    assert sagemaker.list_models()["Models"] == []


@of("endpoint configurations")
def endpoint_configurations(cloud: Any) -> None:
    ask.model(cloud)
    shadow = {
        "VariantName": "shadow",
        "ModelName": "model",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    ask.config(cloud, "first", ShadowProductionVariants=[shadow])
    told = cloud.client("sagemaker").describe_endpoint_config(EndpointConfigName="first")
    assert [one["VariantName"] for one in told["ShadowProductionVariants"]] == ["shadow"]


@of("endpoints")
def endpoints(cloud: Any) -> None:
    name = ask.endpoint(cloud)
    ask.config(cloud, "second")
    cloud.client("sagemaker").update_endpoint(EndpointName=name, EndpointConfigName="second")
    assert ask.states(cloud) == ["Updating", "InService"]
    told = cloud.client("sagemaker").describe_endpoint(EndpointName=name)
    assert told["EndpointConfigName"] == "second"


@of("inference components")
def inference_components(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_inference_component(
        InferenceComponentName="part",
        EndpointName=ask.host(cloud),
        VariantName="main",
        Specification={"ModelName": ask.model(cloud)},
        RuntimeConfig={"CopyCount": 1},
    )
    name = {"InferenceComponentName": "part"}
    sagemaker.update_inference_component_runtime_config(
        **name, DesiredRuntimeConfig={"CopyCount": 0}
    )
    told = sagemaker.describe_inference_component(**name)
    assert told["RuntimeConfig"]["DesiredCopyCount"] == 0
    sagemaker.delete_inference_component(**name)
    assert sagemaker.list_inference_components()["InferenceComponents"] == []


@of("training jobs")
def training_jobs(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_training_job(**ask.training(Environment={"A": "b"}))
    assert sagemaker.describe_training_job(TrainingJobName="job")["Environment"] == {"A": "b"}
    sagemaker.delete_training_job(TrainingJobName="job")
    assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == []


@of("processing jobs")
def processing_jobs(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_processing_job(**ask.processing(Environment={"A": "b"}))
    told = sagemaker.describe_processing_job(ProcessingJobName="job")
    assert told["Environment"] == {"A": "b"}
    assert told["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 1


@of("transform jobs")
def transform_jobs(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    ask.model(cloud)
    sagemaker.create_transform_job(**ask.transform())
    told = sagemaker.describe_transform_job(TransformJobName="job")
    assert told["TransformEndTime"] >= told["TransformStartTime"]
    assert _refused(lambda: sagemaker.stop_transform_job(TransformJobName="job"))


@of("tuning jobs")
def tuning_jobs(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_hyper_parameter_tuning_job(**ask.tuning())
    name = {"HyperParameterTuningJobName": "tune"}
    assert sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(**name)[
        "TrainingJobSummaries"
    ] == []  # fmt: skip
    assert _refused(lambda: sagemaker.stop_hyper_parameter_tuning_job(**name))


@of("pipelines")
def pipelines(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    ask.pipeline(cloud)
    request = {"PipelineName": "pipeline", "ClientRequestToken": uuid.uuid4().hex}
    first = sagemaker.start_pipeline_execution(**request)["PipelineExecutionArn"]
    again = sagemaker.start_pipeline_execution(**request)["PipelineExecutionArn"]
    assert first == again
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=first)
    assert steps["PipelineExecutionSteps"] == []


@of("model package groups")
def model_package_groups(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="group")
    sagemaker.delete_model_package_group(ModelPackageGroupName="group")
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


@of("model packages")
def model_packages(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    arn = ask.package(cloud)
    stage = {"Stage": "champion", "StageStatus": "current"}
    sagemaker.update_model_package(ModelPackageArn=arn, ModelLifeCycle=stage)
    assert sagemaker.describe_model_package(ModelPackageName=arn)["ModelLifeCycle"] == stage
    sagemaker.delete_model_package(ModelPackageName=arn)
    listed = sagemaker.list_model_packages(ModelPackageGroupName="group")
    assert listed["ModelPackageSummaryList"] == []


@of("feature groups")
def feature_groups(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    ask.bucket(cloud)
    sagemaker.create_feature_group(**ask.features())
    added = {"FeatureName": "origin", "FeatureType": "String"}
    sagemaker.update_feature_group(FeatureGroupName="flights", FeatureAdditions=[added])
    told = sagemaker.describe_feature_group(FeatureGroupName="flights")
    assert told["FeatureDefinitions"][-1] == added
    assert len(sagemaker.list_feature_groups()["FeatureGroupSummaries"]) == 1
    sagemaker.delete_feature_group(FeatureGroupName="flights")
    assert sagemaker.list_feature_groups()["FeatureGroupSummaries"] == []


@of("feature records")
def feature_records(cloud: Any) -> None:
    ask.bucket(cloud)
    cloud.client("sagemaker").create_feature_group(**ask.features())
    store = cloud.client("sagemaker-featurestore-runtime")
    values = ask.record(id="a", at="2026-01-01T00:00:00Z", delay="1.5")
    store.put_record(FeatureGroupName="flights", Record=values)
    told = store.get_record(FeatureGroupName="flights", RecordIdentifierValueAsString="a")
    assert told["Record"] == values


@of("monitoring job definitions")
def monitoring_job_definitions(cloud: Any) -> None:
    ask.monitoring(cloud)
    sagemaker = cloud.client("sagemaker")
    name = {"JobDefinitionName": "quality"}
    assert _refused(lambda: sagemaker.delete_data_quality_job_definition(**name))
    sagemaker.delete_monitoring_schedule(MonitoringScheduleName="hourly")
    sagemaker.delete_data_quality_job_definition(**name)


@of("monitoring schedules")
def monitoring_schedules(cloud: Any) -> None:
    name = {"MonitoringScheduleName": ask.monitoring(cloud)}
    sagemaker = cloud.client("sagemaker")
    sagemaker.stop_monitoring_schedule(**name)
    told = sagemaker.list_monitoring_schedules()["MonitoringScheduleSummaries"]
    assert [one["MonitoringScheduleStatus"] for one in told] == ["Stopped"]
    sagemaker.start_monitoring_schedule(**name)
    told = sagemaker.describe_monitoring_schedule(**name)
    assert told["MonitoringScheduleStatus"] == "Scheduled"
    assert told["EndpointName"] == "endpoint"
    assert sagemaker.list_monitoring_executions()["MonitoringExecutionSummaries"] == []
    sagemaker.delete_monitoring_schedule(**name)


@of("MLflow tracking servers")
def mlflow_tracking_servers(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    name = {"TrackingServerName": "tracking"}
    sagemaker.create_mlflow_tracking_server(
        **name, ArtifactStoreUri=f"s3://{ask.BUCKET}", RoleArn=ask.ROLE
    )
    sagemaker.update_mlflow_tracking_server(**name, TrackingServerSize="Medium")
    told = sagemaker.describe_mlflow_tracking_server(**name)
    assert told["TrackingServerSize"] == "Medium"
    sagemaker.delete_mlflow_tracking_server(**name)
    assert sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"] == []


@of("MLflow apps")
def mlflow_apps(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    arn = sagemaker.create_mlflow_app(
        Name="tracking", ArtifactStoreUri=f"s3://{ask.BUCKET}", RoleArn=ask.ROLE
    )["Arn"]
    assert sagemaker.describe_mlflow_app(Arn=arn)["Name"] == "tracking"
    sagemaker.delete_mlflow_app(Arn=arn)
    assert sagemaker.list_mlflow_apps()["Summaries"] == []


@of("artifacts")
def artifacts(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    source = {"SourceUri": "s3://bucket/datasets/flights"}
    arn = sagemaker.create_artifact(Source=source, ArtifactType="DataSet")["ArtifactArn"]
    sagemaker.update_artifact(ArtifactArn=arn, Properties={"version": "1"})
    assert sagemaker.describe_artifact(ArtifactArn=arn)["Properties"] == {"version": "1"}
    sagemaker.delete_artifact(ArtifactArn=arn)
    assert sagemaker.list_artifacts()["ArtifactSummaries"] == []


@of("builds")
def builds(cloud: Any) -> None:
    codebuild = cloud.client("codebuild")
    codebuild.create_project(**ask.project())
    codebuild.update_project(name="builder", timeoutInMinutes=20)
    told = codebuild.batch_get_projects(names=["builder"])["projects"][0]
    assert (told["timeoutInMinutes"], told["encryptionKey"]) == (20, ask.project()["encryptionKey"])
    started = codebuild.start_build(projectName="builder")["build"]["id"]
    build = codebuild.batch_get_builds(ids=[started])["builds"][0]
    assert (build["buildStatus"], build["source"]["type"]) == ("SUCCEEDED", "NO_SOURCE")


@of("tags")
def tags(cloud: Any) -> None:
    sagemaker = cloud.client("sagemaker")
    arn = sagemaker.create_artifact(
        Source={"SourceUri": "s3://a"}, ArtifactType="x", Tags=[{"Key": "a", "Value": "1"}]
    )["ArtifactArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    sagemaker.delete_tags(ResourceArn=arn, TagKeys=["a"])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


@of("alarms")
def alarms(cloud: Any) -> None:
    name = ask.alarm(cloud)
    told = cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert told[0]["StateValue"] == "INSUFFICIENT_DATA"


@of("events")
def events(cloud: Any) -> None:
    arn = ask.pipeline(cloud)
    rule(cloud, {"source": ["tests"]}, arn)
    entry = {"Source": "tests", "DetailType": "any", "Detail": "{}"}
    told = cloud.client("events").put_events(Entries=[entry])
    assert told["FailedEntryCount"] == 0
    listed = cloud.client("sagemaker").list_pipeline_executions(PipelineName="pipeline")
    assert len(listed["PipelineExecutionSummaries"]) == 1


def rule(cloud: Any, pattern: dict[str, Any], arn: str, **parameters: str) -> None:
    """Let events of a pattern start a pipeline."""
    client = cloud.client("events")
    client.put_rule(Name="rule", EventPattern=json.dumps(pattern))
    listed = [{"Name": name, "Value": value} for name, value in parameters.items()]
    target = {
        "Id": "1",
        "Arn": arn,
        "RoleArn": ask.ROLE,
        "SageMakerPipelineParameters": {"PipelineParameterList": listed},
    }
    client.put_targets(Rule="rule", Targets=[target])


@of("keys of log groups")
def keys_of_log_groups(cloud: Any) -> None:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="/group")
    key = "arn:aws:kms:eu-west-1:123456789012:key/tests"
    logs.associate_kms_key(logGroupName="/group", kmsKeyId=key)
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key
    logs.disassociate_kms_key(logGroupName="/group")
    assert "kmsKeyId" not in logs.describe_log_groups()["logGroups"][0]


@of("schedules")
def schedules(cloud: Any) -> None:
    scheduler = cloud.client("scheduler")
    request = {
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": ask.pipeline(cloud), "RoleArn": ask.ROLE},
    }
    scheduler.create_schedule(Name="good", ScheduleExpression="rate(1 day)", **request)
    assert _refused(
        lambda: scheduler.create_schedule(
            Name="bad", ScheduleExpression="cron(0 0 1 * 2 *)", **request
        )
    )


@of("tags of scalable targets")
def tags_of_scalable_targets(cloud: Any) -> None:
    scaling = cloud.client("application-autoscaling")
    arn = _register(cloud, ask.endpoint(cloud), "main")["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"a": "1", "b": "2"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2"}


def _register(cloud: Any, endpoint: str, variant: str) -> Any:
    return cloud.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker",
        ResourceId=f"endpoint/{endpoint}/variant/{variant}",
        ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1,
        MaxCapacity=2,
    )


@of("scalable targets")
def scalable_targets(cloud: Any) -> None:
    name = ask.endpoint(cloud)
    _register(cloud, name, "main")
    assert _refused(lambda: _register(cloud, name, "other"))


@of("invocations")
def invocations(cloud: Any) -> None:
    name = ask.endpoint(cloud)
    runtime = cloud.client("sagemaker-runtime")
    told = runtime.invoke_endpoint(EndpointName=name, Body=b"[1]")
    assert (told["Body"].read(), told["InvokedProductionVariant"]) == (b"[1]", "main")
    assert _refused(lambda: runtime.invoke_endpoint(EndpointName="another", Body=b"[1]"))


def _refused(call: Callable[[], Any]) -> bool:
    """Tell whether the service refuses a call as a wrong one (and has not failed)."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    return False
