"""How the test cloud behaves: refusals, passing states, roll-backs, events, the clock."""

import gc
import io
import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from flask import Request

from tests.clouds.aws.hooks import Instant, Run, RunKind, RunState
from tests.clouds.aws.running import Cloud, cloud_here
from tests.clouds_aws import requests as ask
from tests.clouds_aws.scenarios import rule


def refused(error: Any) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


WRONG: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "pattern": ("sagemaker", "CreateModel", {"ModelName": "a_b"}, "does not match"),
    "enum": (
        "sagemaker",
        "UpdateModelPackage",
        {"ModelPackageArn": "arn:aws:sagemaker:eu-west-1:123456789012:model-package/a/1",
         "ModelApprovalStatus": "Perhaps"},
        "must be one of",
    ),
    "greatest": (
        "events",
        "PutRule",
        {"Name": "r" * 65, "EventPattern": "{}"},
        "must be at most 64",
    ),
    "query protocol": (
        "iam",
        "CreateRole",
        {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"},
        "does not match",
    ),
    "rest protocol": (
        "scheduler",
        "CreateSchedule",
        {"Name": "a b", "ScheduleExpression": "rate(1 day)",
         "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "a", "RoleArn": "b"}},
        "does not match",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_request_that_breaks_the_service_model_is_refused(case: str, cloud: Cloud) -> None:
    service, operation, request, words = WRONG[case]
    client = cloud.client(service)
    name = next(k for k, v in client.meta.method_to_api_mapping.items() if v == operation)
    with pytest.raises(ClientError) as error:
        getattr(client, name)(**request)
    code, message = refused(error)
    assert code.startswith("Validation")
    assert words in message


MISSING = {
    "describe_model": ({"ModelName": "x"}, "ValidationException", "Could not find model"),
    "describe_endpoint": ({"EndpointName": "x"}, "ValidationException", "Could not find endpoint"),
    "describe_training_job": (
        {"TrainingJobName": "x"},
        "ValidationException",
        "Requested resource not found",
    ),
    "describe_pipeline": ({"PipelineName": "x"}, "ResourceNotFound", "does not exist"),
    "describe_feature_group": ({"FeatureGroupName": "x"}, "ResourceNotFound", "FeatureGroup"),
    "describe_model_package_group": (
        {"ModelPackageGroupName": "x"},
        "ValidationException",
        "does not exist",
    ),
}


@pytest.mark.parametrize("operation", MISSING)
def test_what_is_not_there_is_refused_in_sagemakers_words(operation: str, cloud: Cloud) -> None:
    request, code, words = MISSING[operation]
    with pytest.raises(ClientError) as error:
        getattr(cloud.client("sagemaker"), operation)(**request)
    assert refused(error)[0] == code
    assert words in refused(error)[1]


def test_lists_come_in_pages_and_versions_in_any_number(cloud: Cloud) -> None:
    for _ in range(12):
        ask.package(cloud)
    sagemaker = cloud.client("sagemaker")
    first = sagemaker.list_model_packages(ModelPackageGroupName="group")
    assert len(first["ModelPackageSummaryList"]) == 10
    pages = sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName="group")
    listed = [one for page in pages for one in page["ModelPackageSummaryList"]]
    assert [one["ModelPackageVersion"] for one in listed] == list(range(12, 0, -1))


def test_a_deleted_versions_number_is_not_given_again(cloud: Cloud) -> None:
    ask.package(cloud)
    cloud.client("sagemaker").delete_model_package(ModelPackageName=ask.package(cloud))
    assert ask.package(cloud).endswith("/3")


def test_a_group_with_versions_cannot_be_deleted(cloud: Cloud) -> None:
    ask.package(cloud)
    with pytest.raises(ClientError, match="still contains models"):
        cloud.client("sagemaker").delete_model_package_group(ModelPackageGroupName="group")


def update(cloud: Cloud, **more: Any) -> None:
    ask.config(cloud, "second", count=1)
    cloud.client("sagemaker").update_endpoint(
        EndpointName="endpoint", EndpointConfigName="second", **more
    )


def described(cloud: Cloud) -> dict[str, Any]:
    return cloud.client("sagemaker").describe_endpoint(EndpointName="endpoint")


@pytest.mark.parametrize(("retain", "count"), [(True, 4), (False, 1)])
def test_an_update_keeps_the_live_count_only_when_it_retains_properties(
    retain: bool, count: int, cloud: Cloud
) -> None:
    ask.endpoint(cloud)
    wish = {"VariantName": "main", "DesiredInstanceCount": 4}
    cloud.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName="endpoint", DesiredWeightsAndCapacities=[wish]
    )
    ask.states(cloud)
    update(cloud, RetainAllVariantProperties=retain)
    assert ask.states(cloud) == ["Updating", "InService"]
    assert described(cloud)["ProductionVariants"][0]["CurrentInstanceCount"] == count


CANARY = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": 60,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        }
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "alarm"}]},
}


def test_an_alarm_of_the_deployment_rolls_an_update_back(cloud: Cloud) -> None:
    ask.endpoint(cloud)
    ask.alarm(cloud)
    cloud.control("pace", Endpoint=2)
    update(cloud, DeploymentConfig=CANARY)
    assert described(cloud)["EndpointStatus"] == "Updating"
    set_alarm(cloud)
    assert ask.states(cloud) == ["RollingBack", "RollingBack", "InService"]
    told = described(cloud)
    assert told["EndpointConfigName"] == "first"
    assert "alarm" in told["FailureReason"]


def test_an_update_in_steps_wants_the_variants_that_there_are(cloud: Cloud) -> None:
    ask.endpoint(cloud)
    other = {"ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint_config(
        EndpointConfigName="second", ProductionVariants=[{"VariantName": "other", **other}]
    )
    wish = {"EndpointName": "endpoint", "EndpointConfigName": "second"}
    with pytest.raises(ClientError, match="must have the same names"):
        sagemaker.update_endpoint(**wish, DeploymentConfig=CANARY)
    sagemaker.update_endpoint(**wish)
    assert ask.states(cloud)[-1] == "InService"


@pytest.mark.parametrize(
    ("shadows", "said"), [(2, "exactly one production variant"), (1, "real-time endpoints only")]
)
def test_a_shadow_stands_alone_beside_one_real_time_variant(
    shadows: int, said: str, cloud: Cloud
) -> None:
    ask.model(cloud)
    one = {"ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    queued = {"OutputConfig": {"S3OutputPath": "s3://tests-artifacts/answers"}}
    beside = [{"VariantName": f"shadow-{number}", **one} for number in range(shadows)]
    with pytest.raises(ClientError, match=said):
        ask.config(cloud, "first", ShadowProductionVariants=beside, AsyncInferenceConfig=queued)


def set_alarm(cloud: Cloud, state: str = "ALARM") -> None:
    cloud.client("cloudwatch").set_alarm_state(
        AlarmName="alarm", StateValue=state, StateReason="a test"
    )


def test_an_endpoint_in_progress_takes_no_update_and_no_deletion(cloud: Cloud) -> None:
    ask.endpoint(cloud)
    update(cloud)
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.update_endpoint(EndpointName="endpoint", EndpointConfigName="first")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        sagemaker.delete_endpoint(EndpointName="endpoint")


def test_a_configuration_in_use_cannot_be_deleted(cloud: Cloud) -> None:
    ask.endpoint(cloud)
    sagemaker = cloud.client("sagemaker")
    with pytest.raises(ClientError, match="in use"):
        sagemaker.delete_endpoint_config(EndpointConfigName="first")
    sagemaker.delete_endpoint(EndpointName="endpoint")
    with pytest.raises(ClientError, match="Could not find endpoint"):
        [described(cloud) for _ in range(3)]
    sagemaker.delete_endpoint_config(EndpointConfigName="first")


class Broken(Instant):
    """The first deployment comes up, every later one does not."""

    def __init__(self) -> None:
        self.retired: list[str] = []
        self.started = 0

    def start(self, run: Run) -> None:
        self.started += 1
        if self.started > 1:
            run.finish(RunState.FAILED, "the container did not answer /ping")
        else:
            run.finish(RunState.SUCCEEDED)

    def retire(self, run: Run) -> None:
        assert run.kind is RunKind.ENDPOINT
        self.retired.append(run.request["EndpointConfig"]["EndpointConfigName"])


def test_containers_that_do_not_come_up_leave_the_old_ones_in_service() -> None:
    work = Broken()
    with cloud_here(work=work) as cloud:
        ask.endpoint(cloud)
        update(cloud)
        assert ask.states(cloud) == ["RollingBack", "InService"]
        told = described(cloud)
    assert (told["EndpointConfigName"], work.retired) == ("first", ["second"])
    assert told["FailureReason"] == "the container did not answer /ping"


def test_an_approval_starts_the_pipeline_of_a_rule_with_values_of_the_event(cloud: Cloud) -> None:
    arn = ask.pipeline(cloud, "deploy", "package")
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["group"], "ModelApprovalStatus": ["Approved"]},
    }
    rule(cloud, pattern, arn, package="$.detail.ModelPackageArn")
    package = ask.package(cloud)
    assert executions(cloud, "deploy") == []
    cloud.client("sagemaker").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved"
    )
    [execution] = executions(cloud, "deploy")
    assert execution["PipelineExecutionStatus"] == "Succeeded"
    parameters = cloud.client("sagemaker").list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution["PipelineExecutionArn"]
    )["PipelineParameters"]
    assert parameters == [{"Name": "package", "Value": package}]


def executions(cloud: Cloud, name: str) -> list[dict[str, Any]]:
    listed = cloud.client("sagemaker").list_pipeline_executions(PipelineName=name)
    return listed["PipelineExecutionSummaries"]


@pytest.mark.parametrize("copies", [0, 1, 2])
def test_events_can_be_lost_and_doubled(copies: int, cloud: Cloud) -> None:
    pattern = {"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["ALARM"]}}}
    rule(cloud, pattern, ask.pipeline(cloud))
    ask.alarm(cloud)
    cloud.control("events", copies=copies)
    set_alarm(cloud)
    set_alarm(cloud)
    assert len(executions(cloud, "pipeline")) == copies


def test_an_alarm_of_alarms_follows_its_parts(cloud: Cloud) -> None:
    ask.alarm(cloud)
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="any", AlarmRule='ALARM("alarm") OR ALARM("other")')
    for state in ("ALARM", "OK"):
        set_alarm(cloud, state)
        told = cloudwatch.describe_alarms(AlarmNames=["any"], AlarmTypes=["CompositeAlarm"])
        assert told["CompositeAlarms"][0]["StateValue"] == state


def test_an_execution_needs_known_parameters(cloud: Cloud) -> None:
    ask.pipeline(cloud)
    with pytest.raises(ClientError, match="Unknown parameters"):
        cloud.client("sagemaker").start_pipeline_execution(
            PipelineName="pipeline",
            ClientRequestToken=uuid.uuid4().hex,
            PipelineParameters=[{"Name": "x", "Value": "1"}],
        )


def test_moving_the_clock_starts_what_was_due(cloud: Cloud) -> None:
    arn = ask.pipeline(cloud)
    parameters = {"PipelineParameterList": []}
    target = {"Arn": arn, "RoleArn": ask.ROLE, "SageMakerPipelineParameters": parameters}
    cloud.client("scheduler").create_schedule(
        Name="daily",
        ScheduleExpression="cron(0 6 * * ? *)",
        ScheduleExpressionTimezone="Europe/Berlin",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    done = cloud.control("clock", seconds=3 * 86400)
    assert [one["Schedule"] for one in done] == ["default/daily"] * 3
    assert len(executions(cloud, "pipeline")) == 3
    assert cloud.control("clock", seconds=60) == []


def test_a_monitoring_execution_is_run_on_demand_and_listed(cloud: Cloud) -> None:
    ask.endpoint(cloud)
    ask.monitoring(cloud)
    hours = {"start": "2026-01-01T00:00:00+00:00", "end": "2026-01-01T01:00:00+00:00"}
    cloud.control("monitor", region=cloud.region, schedule="hourly", **hours)
    listed = cloud.client("sagemaker").list_monitoring_executions(MonitoringScheduleName="hourly")
    [told] = listed["MonitoringExecutionSummaries"]
    assert (told["MonitoringExecutionStatus"], told["EndpointName"]) == ("Completed", "endpoint")


def test_monitoring_takes_hourly_and_daily_schedules_only(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="ScheduleExpression"):
        ask.monitoring(cloud, "cron(0 0 ? * MON *)")


def put(cloud: Cloud, key: str, at: str, delay: str) -> None:
    cloud.client("sagemaker-featurestore-runtime").put_record(
        FeatureGroupName="flights", Record=ask.record(id=key, at=at, delay=delay)
    )


def get(cloud: Cloud, key: str) -> dict[str, str]:
    told = cloud.client("sagemaker-featurestore-runtime").get_record(
        FeatureGroupName="flights", RecordIdentifierValueAsString=key
    )
    return {one["FeatureName"]: one["ValueAsString"] for one in told.get("Record", [])}


def test_the_online_store_keeps_the_latest_event_and_the_offline_store_all(cloud: Cloud) -> None:
    ask.bucket(cloud)
    cloud.client("sagemaker").create_feature_group(**ask.features())
    cloud.control("offline", hold=True)
    put(cloud, "a", "2026-01-01T02:00:00Z", "2")
    put(cloud, "a", "2026-01-01T01:00:00Z", "1")
    assert get(cloud, "a")["delay"] == "2"
    assert offline(cloud) == []
    assert cloud.control("offline") == {"rows": 2}
    rows = offline(cloud)
    assert sorted(row["delay"] for row in rows) == [1.0, 2.0]
    assert all(row["is_deleted"] is False and row["write_time"] for row in rows)


def offline(cloud: Cloud) -> list[dict[str, Any]]:
    s3 = cloud.client("s3")
    found = s3.list_objects_v2(Bucket=ask.BUCKET, Prefix="features/").get("Contents", [])
    bodies = [s3.get_object(Bucket=ask.BUCKET, Key=one["Key"])["Body"].read() for one in found]
    assert all("/data/year=2026/month=01/day=01/hour=0" in one["Key"] for one in found)
    return [row for body in bodies for row in pq.read_table(io.BytesIO(body)).to_pylist()]


def test_a_record_is_gone_after_its_time_and_after_its_deletion(cloud: Cloud) -> None:
    ask.bucket(cloud)
    ttl = {"EnableOnlineStore": True, "TtlDuration": {"Unit": "Days", "Value": 1}}
    cloud.client("sagemaker").create_feature_group(**ask.features(OnlineStoreConfig=ttl))
    put(cloud, "old", "2026-01-01T00:00:00Z", "1")
    assert get(cloud, "old") == {}
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    put(cloud, "new", moment, "1")
    assert get(cloud, "new")["delay"] == "1"
    cloud.client("sagemaker-featurestore-runtime").delete_record(
        FeatureGroupName="flights", RecordIdentifierValueAsString="new", EventTime=moment
    )
    assert get(cloud, "new") == {}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"delay": "much"}, "is no Fractional"),
        ({"other": "1"}, "is not defined"),
        ({"at": "2026-01-01"}, "ISO-8601"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    values: dict[str, str], words: str, cloud: Cloud
) -> None:
    ask.bucket(cloud)
    cloud.client("sagemaker").create_feature_group(**ask.features())
    whole = {"id": "a", "at": "2026-01-01T00:00:00Z", **values}
    with pytest.raises(ClientError, match=words):
        cloud.client("sagemaker-featurestore-runtime").put_record(
            FeatureGroupName="flights", Record=ask.record(**whole)
        )


def test_a_feature_group_only_grows(cloud: Cloud) -> None:
    ask.bucket(cloud)
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_feature_group(**ask.features())
    changed = {"FeatureName": "delay", "FeatureType": "Integral"}
    with pytest.raises(ClientError, match="unique"):
        sagemaker.update_feature_group(FeatureGroupName="flights", FeatureAdditions=[changed])


def test_roles_are_judged_when_a_test_wants_it(cloud: Cloud) -> None:
    cloud.control("roles", judged=True)
    with pytest.raises(ClientError, match="Could not assume role"):
        ask.model(cloud)
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    cloud.client("iam").create_role(RoleName="tests", AssumeRolePolicyDocument=document)
    ask.model(cloud, Tags=[{"Key": "a", "Value": "b"}])
    assert cloud.control("resources") == [
        {
            "kind": "Model",
            "name": "model",
            "arn": "arn:aws:sagemaker:eu-west-1:123456789012:model/model",
            "status": None,
            "tags": {"a": "b"},
        }
    ]


def test_services_that_are_not_judged_go_to_moto(cloud: Cloud) -> None:
    tagging = cloud.client("resourcegroupstaggingapi")
    assert tagging.get_resources()["ResourceTagMappingList"] == []


def test_a_request_and_its_body_are_not_kept(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(
        Bucket="bodies", CreateBucketConfiguration={"LocationConstraint": cloud.region}
    )
    gc.collect()
    gc.disable()
    try:
        for number in range(10):
            s3.put_object(Bucket="bodies", Key=f"body-{number}", Body=b"x")
        kept = [each for each in gc.get_objects() if issubclass(type(each), Request)]
    finally:
        gc.enable()
    # A connection holds its last one until the next.
    assert len([each for each in kept if each.path.startswith("/bodies/body-")]) <= 2


def test_a_cloud_begins_empty_whatever_one_before_it_left() -> None:
    with cloud_here() as cloud:
        ask.bucket(cloud)
    with cloud_here() as cloud:
        assert cloud.client("s3").list_buckets()["Buckets"] == []
