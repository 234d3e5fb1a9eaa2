"""Drift to a better model on AWS without a Lambda: README's loop goes round in the test cloud.

The real engine deploys it; events, executors, training, gate, monitoring and endpoints are executed
as processes, and plain boto3 looks. Limits: the plugins for `aws` and `aws-native` are stand-ins, a
test cloud plays SageMaker, EventBridge and CloudWatch, and processes stand for containers.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest

from tests.clouds.aws.running import Cloud, cloud
from tests.support.aws_loop import ChurnStack
from tests.support.aws_stack import everything
from tests.support.engine import Engine
from tests.support.laptop import eventually

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

JOB_LOGS = re.compile("/aws/sagemaker/(Training|Processing)Jobs")
PATIENCE_SECONDS = 120
POLICY = "policies/refresh/"
STORY = [
    ("Checked", "idle"),
    ("Checked", "retraining"),
    ("RunStarted", "retraining"),
    ("RunEnded", "promoting"),
    ("Promoted", "watching"),
    ("EndpointHealthy", "idle"),
    ("Checked", "idle"),
]
"""What the policy was told, and where that led."""


@pytest.fixture
def aws() -> Iterator[Cloud]:
    with cloud(work="processes") as running:
        yield running


def test_drift_ends_in_a_better_model(
    engine: Engine, aws: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    stack = ChurnStack.make(engine, aws)
    before = there(aws)
    # EventBridge promises each event once, and may hand it over again.
    aws.control("events", copies=2)
    stack.up()
    assert stack.output("answer", "state") == "waiting"
    serve_first(stack)

    check(stack, has_turned=False, number=1)
    assert (alarm(stack), memory(stack)["phase"]) == ("OK", "idle")

    stack.learned("new", seed=3)
    check(stack, has_turned=True, number=2)
    assert alarm(stack) == "ALARM"
    eventually(lambda: memory(stack)["settled_at"] > 0, PATIENCE_SECONDS)
    the_better_model_is_served(stack)
    aws.control("events", copies=1)

    check(stack, has_turned=True, number=3)
    eventually(lambda: "no run: cooldown until" in memory(stack)["reason"], PATIENCE_SECONDS)
    idle(stack)
    assert recorded(stack) == STORY
    an_hour_passes(stack)
    assert runs(stack) == ["Key refresh/run-1"]
    assert versions(stack) == [1, 2]
    assert made(aws) == {"CreateTrainingJob": 2, "CreateEndpoint": 1, "UpdateEndpoint": 1}
    assert reached(aws) == {"sagemaker"}

    assert set(stack.up()) == {"same"}
    stack.destroy()
    assert there(aws) == before


def there(cloud: Cloud) -> Mapping[str, set[str]]:
    """Return what is in the cloud, less the logs that all jobs of an account have in common."""
    found = everything(cloud)
    logs = {name for name in found.pop("logs", ()) if not JOB_LOGS.fullmatch(name)}
    return {**found, **({"logs": logs} if logs else {})}


def serve_first(stack: ChurnStack) -> None:
    """Approve the version that `up` had trained: the endpoint that waited serves it."""
    eventually(lambda: versions(stack) == [1], PATIENCE_SECONDS)
    stack.cloud.client("sagemaker").update_model_package(
        ModelPackageArn=package(stack, 1), ModelApprovalStatus="Approved"
    )
    eventually(lambda: served(stack) == 1, PATIENCE_SECONDS)
    idle(stack)


def check(stack: ChurnStack, *, has_turned: bool, number: int) -> None:
    """Ask the endpoint, and let Model Monitor check that traffic in its isolated container."""
    since = datetime.now(UTC)
    stack.ask(has_turned=has_turned, seed=number + 10)
    # The next hour is left to the clock.
    stack.check(since, hour=number + 1)
    eventually(lambda: len(checked(stack)) == number, PATIENCE_SECONDS)
    newest = checked(stack)[0]
    found = "CompletedWithViolations" if has_turned else "Completed"
    assert newest["MonitoringExecutionStatus"] == found, newest
    job = stack.cloud.client("sagemaker").describe_processing_job(
        ProcessingJobName=newest["ProcessingJobArn"].rpartition("/")[2]
    )
    assert job["NetworkConfig"]["EnableNetworkIsolation"]


def an_hour_passes(stack: ChurnStack) -> None:
    """The monitor checks and the policy looks by their schedules; both find nothing new."""
    before, fired = len(checked(stack)), stack.cloud.control("clock", seconds=3600)
    schedules = {one["Schedule"] for one in fired if one["Started"]}
    assert schedules == {stack.schedule, f"default/{stack.name('schedule', 'refresh')}"}
    eventually(lambda: len(checked(stack)) > before, PATIENCE_SECONDS)
    idle(stack)


def checked(stack: ChurnStack) -> list[Mapping[str, Any]]:
    """Return the executions of the monitor's schedule that have ended, newest first."""
    found = stack.cloud.client("sagemaker").list_monitoring_executions(
        MonitoringScheduleName=stack.schedule, SortBy="ScheduledTime", SortOrder="Descending"
    )["MonitoringExecutionSummaries"]
    return [
        one for one in found if one["MonitoringExecutionStatus"] not in {"Pending", "InProgress"}
    ]


def alarm(stack: ChurnStack) -> str:
    """Return the state of the monitor's alarm."""
    name = stack.name("alarm", "watch", "alarm")
    (found,) = stack.cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return found["StateValue"]


def memory(stack: ChurnStack) -> Mapping[str, Any]:
    """Return what the policy remembers."""
    found = stack.documents(f"{POLICY}state.json")
    return found[0]["state"] if found else {"phase": "idle", "settled_at": 0, "reason": ""}


def the_better_model_is_served(stack: ChurnStack) -> None:
    """The gate compared it with the champion; the policy approved it and had it served."""
    idle(stack)
    assert served(stack) == 2
    described = stack.cloud.client("sagemaker").describe_model_package(
        ModelPackageName=package(stack, 2)
    )
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["CustomerMetadataProperties"]["mlops-iac-approver"] == "policy refresh"
    (copy,) = stack.documents("models/churn/champion/version.json")
    assert copy["version"] == 2
    judged = next(item for item in stack.documents("runs/again/") if "gates" in item)
    (gate,) = judged["gates"]
    assert gate["candidate"] > 0.9 > gate["champion"]


def recorded(stack: ChurnStack) -> list[tuple[str, str]]:
    """Return what the policy recorded: the event, and the phase that it led to."""
    records = stack.documents(f"{POLICY}events/")
    at = {record["event"]["type"]: record["event"]["at"] for record in records}
    assert at["RunStarted"] < at["RunEnded"] < at["Promoted"]
    return [(record["event"]["type"], record["phase"]) for record in records]


def made(cloud: Cloud) -> Mapping[str, int]:
    """Return how often something that costs was done."""
    wanted = {"CreateEndpoint", "UpdateEndpoint", "CreateTrainingJob"}
    calls = cloud.control("calls", service="sagemaker")
    done = [call["operation"] for call in calls if call["status"] == HTTPStatus.OK]
    return Counter(operation for operation in done if operation in wanted)


def reached(cloud: Cloud) -> set[str]:
    """Return the services that events started something in; each delivery arrived."""
    sent = [one for event in cloud.control("events") for one in event["deliveries"]]
    assert {one["Error"] for one in sent} == {""}
    return {one["Target"].split(":")[2] for one in sent}


def served(stack: ChurnStack) -> int:
    """Return the version that the endpoint serves; 0 while it serves none."""
    sagemaker = stack.cloud.client("sagemaker")
    name = stack.name("endpoint", "answer")
    found = sagemaker.list_endpoints(NameContains=name, StatusEquals="InService")["Endpoints"]
    if not found:
        return 0
    configuration = sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=configuration)[
        "ProductionVariants"
    ]
    model = sagemaker.describe_model(ModelName=variant["ModelName"])
    return int(model["PrimaryContainer"]["ModelPackageName"].rpartition("/")[2])


def versions(stack: ChurnStack) -> list[int]:
    """Return the versions in the registry."""
    found = stack.cloud.client("sagemaker").list_model_packages(
        ModelPackageGroupName=stack.name("model_group", "churn")
    )["ModelPackageSummaryList"]
    return sorted(one["ModelPackageVersion"] for one in found)


def package(stack: ChurnStack, number: int) -> str:
    """Return the ARN of a version."""
    found = stack.cloud.client("sagemaker").list_model_packages(
        ModelPackageGroupName=stack.name("model_group", "churn")
    )["ModelPackageSummaryList"]
    return next(one["ModelPackageArn"] for one in found if one["ModelPackageVersion"] == number)


def runs(stack: ChurnStack) -> list[str]:
    """Return the descriptions of the retraining pipeline's executions."""
    sagemaker = stack.cloud.client("sagemaker")
    found = sagemaker.list_pipeline_executions(PipelineName=stack.name("pipeline", "again"))
    return [
        one["PipelineExecutionDescription"]
        for one in (
            sagemaker.describe_pipeline_execution(PipelineExecutionArn=run["PipelineExecutionArn"])
            for run in found["PipelineExecutionSummaries"]
        )
    ]


def idle(stack: ChurnStack) -> None:
    """Wait until no pipeline runs any more; none of them has failed."""
    eventually(lambda: all(state != "Executing" for state, _ in ends(stack)), PATIENCE_SECONDS)
    assert ends(stack) == {("Succeeded", "")}


def ends(stack: ChurnStack) -> set[tuple[str, str]]:
    """Return how the executions of all pipelines stand, and why their steps failed."""
    sagemaker = stack.cloud.client("sagemaker")
    return {
        (run["PipelineExecutionStatus"], step.get("FailureReason", ""))
        for pipeline in sagemaker.list_pipelines()["PipelineSummaries"]
        for run in sagemaker.list_pipeline_executions(PipelineName=pipeline["PipelineName"])[
            "PipelineExecutionSummaries"
        ]
        for step in sagemaker.list_pipeline_execution_steps(
            PipelineExecutionArn=run["PipelineExecutionArn"]
        )["PipelineExecutionSteps"]
    }
