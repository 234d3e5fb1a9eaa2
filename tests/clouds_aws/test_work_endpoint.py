"""Proves one model's way through the AWS test cloud: trained, registered, served, watched.

One pipeline and one endpoint serve all tests here: a container's start costs seconds.
"""

import contextlib
import json
import os
import signal
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.clouds_aws.worked import (
    BUCKET,
    IMAGE,
    ROLE,
    TRAIN,
    Bench,
    definition,
    named,
    training,
    until,
)

pytestmark = pytest.mark.slow

ROWS = [[0.5, 1.25], [6.5, 0.25], [3.5, 2.25]]
BODY = json.dumps({"dataframe_split": {"columns": ["a", "b"], "data": ROWS}})
DRIFTED = [[row[0] + 40.0, row[1] + 40.0] for row in ROWS * 20]
MONITOR = ["python", "-m", "mlops_iac_aws.work", "monitor"]
QUALITY = {"quality": {"missing": 0.05, "invalid": 0.05}}
DRIFT = {"drift": {"columns": 0.5, "distance": 0.1}}


@dataclass
class Served:
    """An endpoint that serves a registered version."""

    bench: Bench
    endpoint: str
    package: str
    digest: str
    archive: bytes

    def invoke(self, body: str, **more: Any) -> dict[str, Any]:
        runtime = self.bench.client("sagemaker-runtime")
        answer = runtime.invoke_endpoint(
            EndpointName=self.endpoint, Body=body, ContentType="application/json", **more
        )
        return {**answer, "Body": json.loads(answer["Body"].read())}

    def captured(self) -> list[tuple[str, dict[str, Any]]]:
        keys = self.bench.keys(f"capture/{self.endpoint}")
        texts = [(key, self.bench.get(f"s3://{BUCKET}/{key}")) for key in keys]
        return [(key, json.loads(line)) for key, text in texts for line in text.splitlines()]


@pytest.fixture(scope="module")
def served(bench: Bench) -> Iterator[Served]:
    package, archive, digest = registered(bench)
    endpoint = named("score")
    model = {"MLOPS_MODEL_DIGEST": digest, "MLOPS_MODEL_VERSION": "1", "MLOPS_MODEL_NAME": "late"}
    deploy(bench, endpoint, package, model)
    yield Served(bench, endpoint, package, digest, archive)
    bench.client().delete_endpoint(EndpointName=endpoint)


def registered(bench: Bench) -> tuple[str, bytes, str]:
    """Run the pipeline; return the version, its archive, the digest that the run tells of it."""
    sagemaker, group, name = bench.client(), named("late"), named("delay")
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    container = {
        "Image": {"Get": "Parameters.RuntimeImage"},
        "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
    }
    register = {
        "ModelPackageGroupName": group,
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {
            "Containers": [container],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    }
    text = definition(
        {"Name": "Register", "Type": "RegisterModel", "Arguments": register},
        {"Name": "Train", "Type": "Training", "Arguments": training(bench.code(TRAIN))},
        parameters=("RuntimeImage",),
    )
    token = "t" * 32
    sagemaker.create_pipeline(
        PipelineName=name, PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken=token
    )
    image = {"Name": "RuntimeImage", "Value": IMAGE}
    arn = sagemaker.start_pipeline_execution(
        PipelineName=name, ClientRequestToken=token, PipelineParameters=[image]
    )["PipelineExecutionArn"]
    found = until(
        lambda: sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn),
        "PipelineExecutionStatus",
        {"Executing"},
    )
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
    assert found["PipelineExecutionStatus"] == "Succeeded", steps
    package = steps["PipelineExecutionSteps"][0]["Metadata"]["RegisterModel"]["Arn"]
    described = sagemaker.describe_model_package(ModelPackageName=package)
    uri = described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    with tarfile.open(fileobj=BytesIO(bench.get(uri.replace("model.tar", "output.tar")))) as told:
        member = told.extractfile("run.json")
        assert member is not None
        run = json.load(member)
    assert run["metrics"] == {"auc": 0.75}
    return package, bench.get(uri), run["model"]["digest"]


def deploy(
    bench: Bench, endpoint: str, package: str, environment: dict[str, str], **more: Any
) -> str:
    sagemaker = bench.client()
    sagemaker.create_model(
        ModelName=endpoint,
        PrimaryContainer={"ModelPackageName": package, "Environment": environment},
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=endpoint,
        ProductionVariants=[
            {
                "VariantName": "main",
                "ModelName": endpoint,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 1,
            }
        ],
        DataCaptureConfig={
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{BUCKET}/capture",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
            "CaptureContentTypeHeader": {"JsonContentTypes": ["application/json"]},
        },
        **more,
    )
    sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=endpoint)
    describe = sagemaker.describe_endpoint
    found = until(lambda: describe(EndpointName=endpoint), "EndpointStatus", {"Creating"})
    return str(found["EndpointStatus"])


def test_an_endpoint_answers_as_the_model_does_in_this_process(
    served: Served, tmp_path: Path
) -> None:
    import pandas as pd

    from mlops_iac.runtime import load_model

    with tarfile.open(fileobj=BytesIO(served.archive)) as archive:
        archive.extractall(tmp_path, filter="data")
    (model_file,) = tmp_path.rglob("MLmodel")
    model = load_model(model_file.parent, digest=served.digest)
    expected = model.predict(pd.DataFrame(ROWS, columns=["a", "b"])).tolist()

    answer = served.invoke(BODY)

    assert answer["InvokedProductionVariant"] == "main"
    found = answer["Body"]["predictions"]
    assert len(found) == len(ROWS)
    for row, wanted in zip(found, expected, strict=True):
        assert row == pytest.approx(wanted, abs=1e-9)


def test_traffic_is_kept_in_sagemakers_form_and_place(served: Served) -> None:
    answer = served.invoke(BODY, InferenceId="ours-1", CustomAttributes="test")["Body"]

    (found,) = [
        (key, record)
        for key, record in served.captured()
        if record["eventMetadata"].get("inferenceId") == "ours-1"
    ]
    key, record = found
    hour = datetime.now(UTC).strftime("%Y/%m/%d/%H")
    earlier = (datetime.now(UTC) - timedelta(minutes=5)).strftime("%Y/%m/%d/%H")
    places = tuple(f"capture/{served.endpoint}/main/{one}/" for one in (hour, earlier))
    assert key.startswith(places)
    assert key.endswith(".jsonl")
    sent = record["captureData"]["endpointInput"]
    assert (sent["encoding"], sent["mode"], sent["data"]) == ("JSON", "INPUT", BODY)
    assert json.loads(record["captureData"]["endpointOutput"]["data"]) == answer
    assert record["eventMetadata"]["customAttributes"] == ["test"]


def test_a_shadow_gets_a_copy_that_is_kept_and_not_returned(served: Served) -> None:
    bench, endpoint = served.bench, named("shadowed")
    name = f"{endpoint}-beside"
    environment = {"MLOPS_MODEL_DIGEST": served.digest, "MLOPS_MODEL_VERSION": "2"}
    container = {"ModelPackageName": served.package, "Environment": environment}
    bench.client().create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    shadow = {"VariantName": "challenger", "ModelName": name, "InstanceType": "ml.m5.large"}
    beside = [{**shadow, "InitialInstanceCount": 1}]
    deploy(
        bench, endpoint, served.package, environment | {"MLOPS_MODEL_VERSION": "1"},
        ShadowProductionVariants=beside,
    )  # fmt: skip

    own = Served(bench, endpoint, served.package, served.digest, served.archive)
    answer = own.invoke(BODY, InferenceId="ours-2")
    bench.client().delete_endpoint(EndpointName=endpoint)

    kept = {key.split("/")[2]: record for key, record in own.captured()}
    assert answer["InvokedProductionVariant"] == "main"
    assert kept.keys() == {"main", "challenger"}
    for record in kept.values():
        assert record["eventMetadata"]["inferenceId"] == "ours-2"
        assert json.loads(record["captureData"]["endpointOutput"]["data"]) == answer["Body"]


def test_a_containers_refusal_comes_as_a_model_error_and_is_counted(served: Served) -> None:
    with pytest.raises(ClientError) as caught:
        served.invoke("nonsense")

    answer = caught.value.response
    assert answer["Error"]["Code"] == "ModelError"
    assert answer["OriginalStatusCode"] == 400
    assert "the body is no JSON" in answer["OriginalMessage"]
    dimensions = [
        {"Name": "EndpointName", "Value": served.endpoint},
        {"Name": "VariantName", "Value": "main"},
    ]
    now = datetime.now(UTC)
    found = served.bench.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocation4XXErrors",
        Dimensions=dimensions,
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["Sum"],
    )
    assert sum(point["Sum"] for point in found["Datapoints"]) == 1


def test_a_container_that_dies_answers_500(served: Served) -> None:
    endpoint = named("dies")
    right = {"MLOPS_MODEL_DIGEST": served.digest, "MLOPS_MODEL_VERSION": "1"}
    assert deploy(served.bench, endpoint, served.package, right) == "InService"
    doomed = Served(served.bench, endpoint, served.package, served.digest, b"")
    doomed.invoke(BODY)
    (process,) = served_by(endpoint)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(ClientError) as caught:
        doomed.invoke(BODY)
    assert caught.value.response["OriginalStatusCode"] == 500
    served.bench.client().delete_endpoint(EndpointName=endpoint)


def test_calls_go_on_while_an_endpoint_is_updated(served: Served) -> None:
    sagemaker, name = served.bench.client(), named("score")
    old = sagemaker.describe_endpoint_config(EndpointConfigName=served.endpoint)
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=old["ProductionVariants"],
        DataCaptureConfig=old["DataCaptureConfig"],
    )
    before, ended, failures, calls = served_by(served.endpoint), threading.Event(), [], []

    def call() -> None:
        while not ended.wait(0.02):
            try:
                calls.append(served.invoke(BODY))
            except ClientError as error:
                failures.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    sagemaker.update_endpoint(EndpointName=served.endpoint, EndpointConfigName=name)
    describe = sagemaker.describe_endpoint
    found = until(lambda: describe(EndpointName=served.endpoint), "EndpointStatus", {"Updating"})
    until(lambda: {"is": str(bool(before & served_by(served.endpoint)))}, "is", {"True"})
    ended.set()
    caller.join()

    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", name)
    assert calls
    assert failures == []


def test_an_asynchronous_endpoint_leaves_its_answer_in_the_bucket(served: Served) -> None:
    bench, endpoint = served.bench, named("later")
    right = {"MLOPS_MODEL_DIGEST": served.digest, "MLOPS_MODEL_VERSION": "1"}
    places = {"S3OutputPath": f"s3://{BUCKET}/async/answers"}
    failures = {"S3FailurePath": f"s3://{BUCKET}/async/failures"}
    configuration = {"OutputConfig": {**places, **failures}}
    state = deploy(bench, endpoint, served.package, right, AsyncInferenceConfig=configuration)
    assert state == "InService"
    call = bench.client("sagemaker-runtime").invoke_endpoint_async
    asked = {name: bench.put(f"async/{name}", text) for name, text in (("a", BODY), ("b", "no"))}

    good, bad = (
        call(EndpointName=endpoint, InputLocation=asked[name], ContentType="application/json")
        for name in ("a", "b")
    )

    found = json.loads(await_object(bench, good["OutputLocation"]))
    assert found == served.invoke(BODY)["Body"]
    assert b"the body is no JSON" in await_object(bench, bad["FailureLocation"])
    bench.client().delete_endpoint(EndpointName=endpoint)


def await_object(bench: Bench, uri: str) -> bytes:
    key = uri.removeprefix(f"s3://{BUCKET}/")
    until(lambda: {"there": str(key in bench.keys(key))}, "there", {"False"})
    return bench.get(uri)


def test_a_transform_job_answers_every_line_beside_its_record(served: Served) -> None:
    bench, name = served.bench, named("batch")
    records = [{"id": number, "rows": [row]} for number, row in enumerate(ROWS)]
    lines = "".join(json.dumps(record) + "\n" for record in records)
    uri = bench.put(f"batch/{name}/part/0.jsonl", lines)
    source = {"S3DataType": "S3Prefix", "S3Uri": uri.removesuffix("/part/0.jsonl")}
    bench.client().create_model(
        ModelName=name,
        PrimaryContainer={
            "ModelPackageName": served.package,
            "Environment": {"MLOPS_MODEL_DIGEST": served.digest},
        },
        ExecutionRoleArn=ROLE,
    )
    bench.client().create_transform_job(
        TransformJobName=name,
        ModelName=name,
        BatchStrategy="SingleRecord",
        TransformInput={
            "DataSource": {"S3DataSource": source},
            "ContentType": "application/json",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/answers/{name}", "AssembleWith": "Line"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        DataProcessing={
            "InputFilter": "$.rows",
            "JoinSource": "Input",
            "OutputFilter": "$['id','SageMakerOutput']",
        },
    )
    describe = bench.client().describe_transform_job

    found = until(lambda: describe(TransformJobName=name), "TransformJobStatus", {"InProgress"})

    assert found["TransformJobStatus"] == "Completed", found
    stored = bench.get(f"s3://{BUCKET}/answers/{name}/part/0.jsonl.out").splitlines()
    expected = served.invoke(BODY)["Body"]["predictions"]
    assert [json.loads(line) for line in stored] == [
        {"id": number, "SageMakerOutput": {"predictions": [row]}}
        for number, row in enumerate(expected)
    ]


def served_by(endpoint: str) -> set[int]:
    """Return the processes that serve an endpoint: those whose files are its own."""
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            text = (folder / "environ").read_bytes().decode()
            if f"/{endpoint}/" in text and "MLOPS_ADDRESS_FILE" in text:
                found.add(int(folder.name))
    return found


def test_drifted_traffic_raises_the_monitors_alarm(served: Served) -> None:
    bench, name = served.bench, named("watch")
    start = datetime.now(UTC)
    served.invoke(json.dumps({"dataframe_split": {"columns": ["a", "b"], "data": DRIFTED}}))
    watch(served, name)
    alarm(bench, served.endpoint, name)

    window = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    bench.cloud.control("monitor", schedule=name, region=bench.cloud.region, **window)

    executions = bench.client().list_monitoring_executions
    found = until(
        lambda: executions(MonitoringScheduleName=name)["MonitoringExecutionSummaries"][0],
        "MonitoringExecutionStatus",
        {"Pending", "InProgress"},
    )
    assert found["MonitoringExecutionStatus"] == "CompletedWithViolations", found
    (state,) = bench.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert state["StateValue"] == "ALARM"
    assert state["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints")
    (report,) = [key for key in bench.keys(f"monitors/{name}") if key.endswith("/report.json")]
    assert json.loads(bench.get(f"s3://{BUCKET}/{report}"))["alarm"] is True
    bench.client().delete_monitoring_schedule(MonitoringScheduleName=name)


def watch(served: Served, name: str) -> None:
    """Make a data quality schedule with our analyzer, and the alias's copy as the baseline."""
    bench, sagemaker = served.bench, served.bench.client()
    copy = f"models/{name}/champion"
    told = json.dumps({"version": 1, "digest": served.digest, "package": served.package})
    task: dict[str, Any] = {"signals": ["data_drift"], **QUALITY, **DRIFT, "min_rows": 20}
    task |= {"max_rows": 1000, "performance": None}
    sagemaker.create_data_quality_job_definition(
        JobDefinitionName=name,
        DataQualityBaselineConfig={
            "StatisticsResource": {"S3Uri": bench.put(f"{copy}/model.tar.gz", served.archive)},
            "ConstraintsResource": {"S3Uri": bench.put(f"{copy}/version.json", told)},
        },
        DataQualityAppSpecification={
            "ImageUri": IMAGE,
            "ContainerEntrypoint": MONITOR,
            "Environment": {
                "publish_cloudwatch_metrics": "Enabled",
                **{f"MLOPS_TASK_{key.upper()}": json.dumps(value) for key, value in task.items()},
            },
        },
        DataQualityJobInput={
            "EndpointInput": {
                "EndpointName": served.endpoint,
                "LocalPath": "/opt/ml/processing/input/endpoint",
            }
        },
        DataQualityJobOutputConfig={
            "MonitoringOutputs": [
                {
                    "S3Output": {
                        "S3Uri": f"s3://{BUCKET}/monitors/{name}",
                        "LocalPath": "/opt/ml/processing/output",
                        "S3UploadMode": "EndOfJob",
                    }
                }
            ]
        },
        JobResources={
            "ClusterConfig": {
                "InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20,
            }
        },
        NetworkConfig={"EnableNetworkIsolation": True},
        RoleArn=ROLE,
    )  # fmt: skip
    sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=name,
        MonitoringScheduleConfig={
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": name,
            "MonitoringType": "DataQuality",
        },
    )
    describe = sagemaker.describe_monitoring_schedule
    until(lambda: describe(MonitoringScheduleName=name), "MonitoringScheduleStatus", {"Pending"})


def alarm(bench: Bench, endpoint: str, name: str) -> None:
    bench.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace="aws/sagemaker/Endpoints/data-metrics",
        MetricName="data_drift",
        Dimensions=[
            {"Name": "Endpoint", "Value": endpoint},
            {"Name": "MonitoringSchedule", "Value": name},
        ],
        Statistic="Maximum",
        Period=3600,
        EvaluationPeriods=1,
        Threshold=0.0,
        ComparisonOperator="GreaterThanThreshold",
    )


def test_a_component_answers_for_machines_without_a_model_until_it_has_no_copy(
    served: Served,
) -> None:
    sagemaker, name = served.bench.client(), named("to-zero")
    machines = {"VariantName": "main", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[machines], ExecutionRoleArn=ROLE
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    until(lambda: sagemaker.describe_endpoint(EndpointName=name), "EndpointStatus", {"Creating"})
    part = {"InferenceComponentName": name}
    sagemaker.create_inference_component(
        **part,
        EndpointName=name,
        VariantName="main",
        Specification={"ModelName": served.endpoint},
        RuntimeConfig={"CopyCount": 1},
    )
    describe = sagemaker.describe_inference_component
    until(lambda: describe(**part), "InferenceComponentStatus", {"Creating"})

    hosted = Served(served.bench, name, served.package, served.digest, served.archive)
    assert hosted.invoke(BODY, **part)["Body"] == served.invoke(BODY)["Body"]
    sagemaker.update_inference_component_runtime_config(
        **part, DesiredRuntimeConfig={"CopyCount": 0}
    )
    for more, said in (({}, "name header is required"), (part, "no capacity")):
        with pytest.raises(ClientError, match=f"(?i){said}"):
            hosted.invoke(BODY, **more)

    sagemaker.delete_inference_component(**part)
    sagemaker.delete_endpoint(EndpointName=name)
