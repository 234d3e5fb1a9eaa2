"""Checks by hand and truth on the test cloud: what is asked of SageMaker, and what lies in S3.

Limit: nothing is executed here; `test_monitor_check.py` runs the container's own work.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.monitors import checking, truth
from mlops_iac_aws.monitors.capture import truth_of

from mlops_iac.errors import NothingToDoError, OperationError
from mlops_iac.specs import ModelMonitor, Spec
from tests.contract.scenario import check_document
from tests.providers.aws.harness import Recorded, problems, record
from tests.providers.aws.scenarios import KEY, NETWORK, RUNTIME, base, write_files
from tests.providers.aws.serving_world import Shop

CAPTURE = {"percent": 100}
HOUR = datetime.now(UTC)
SCHEDULE = "watch-quality"


def watch(**fields: Any) -> tuple[Spec, ...]:
    given: dict[str, Any] = {"endpoint": "score", "signals": ("data_drift", "model_quality"),
             "performance": {"metric": "roc_auc", "threshold": 0.7}, **fields}  # fmt: skip
    return (*base(capture=CAPTURE), ModelMonitor("watch", **given))


def recorded(folder: Path, *components: Spec, **platform: Any) -> Recorded:
    return record(write_files(folder), *components, runtime_image=RUNTIME, **platform)


@pytest.mark.parametrize(
    "platform",
    [{}, {"profile": "prod", "encryption": {"key": KEY}, "network": NETWORK}],
    ids=["dev", "prod"],
)
@pytest.mark.parametrize("fields", [{}, {"baseline": "flights"}], ids=["kept", "declared"])
def test_what_a_monitor_registers_is_what_the_models_take(
    tmp_path: Path, platform: dict[str, Any], fields: dict[str, Any]
) -> None:
    found = recorded(tmp_path, *watch(**fields), **platform)
    own = [r.document() for r in found.resources if r.name.startswith("watch-")]

    assert [str(finding) for finding in check_document("aws", own)] == []
    assert {document["type"] for document in own} == {
        "aws-native:sagemaker:DataQualityJobDefinition",
        "aws-native:sagemaker:ModelQualityJobDefinition",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:sagemaker/monitoringSchedule:MonitoringSchedule",
        "aws:sns/topic:Topic",
    }


def test_a_check_has_no_network_and_the_platforms_key(tmp_path: Path) -> None:
    found = recorded(tmp_path, *watch(), encryption={"key": KEY})
    inputs = found.one("watch-data-checks").inputs

    assert inputs["networkConfig"]["enableNetworkIsolation"] is True
    assert inputs["networkConfig"]["enableInterContainerTrafficEncryption"] is True
    assert inputs["jobResources"]["clusterConfig"]["volumeKmsKeyId"] == KEY
    assert inputs["dataQualityJobOutputConfig"]["kmsKeyId"] == KEY
    assert found.one("watch-topic").inputs["kmsMasterKeyId"] == KEY


@pytest.mark.parametrize(
    ("schedule", "expression"),
    [
        ({"every": "1h"}, "cron(0 * ? * * *)"),
        ({"cron": "0 * * * *"}, "cron(0 * ? * * *)"),
        ({"every": "6h"}, "cron(0 0/6 ? * * *)"),
        ({"cron": "0 2-23/6 * * *"}, "cron(0 2/6 ? * * *)"),
        ({"every": "1d"}, "cron(0 0 ? * * *)"),
        ({"cron": "0 3 * * *"}, "cron(0 3 ? * * *)"),
        ({"every": "5h"}, None),
        ({"every": "30m"}, None),
        ({"every": "2d"}, None),
        ({"cron": "15 * * * *"}, None),
        ({"cron": "0 3 * * 1"}, None),
        ({"cron": "0 3,4 * * *"}, None),
        ({"cron": "0 3 * * *", "timezone": "Europe/Berlin"}, None),
    ],
)
def test_a_schedule_is_written_as_model_monitor_takes_it_or_refused(
    tmp_path: Path, schedule: dict[str, str], expression: str | None
) -> None:
    if expression is None:
        found = problems(write_files(tmp_path), *watch(schedule=schedule), runtime_image=RUNTIME)
        assert [problem.code for problem in found] == ["monitor.schedule"]
        return
    config = recorded(tmp_path, *watch(schedule=schedule)).one("watch-data-schedule").inputs
    written = config["monitoringScheduleConfig"]["scheduleConfig"]["scheduleExpression"]
    assert written == expression


def event(request: str) -> dict[str, Any]:
    side = {"data": "{}", "encoding": "JSON", "observedContentType": "application/json"}
    return {
        "captureData": {"endpointInput": side, "endpointOutput": side},
        "eventMetadata": {
            "eventId": "e",
            "inferenceId": request,
            "inferenceTime": HOUR.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }


@pytest.fixture
def watched(shop: Shop, tmp_path: Path) -> Shop:
    """Serve a version, and register the monitor's schedule for model quality."""
    shop.serve(shop.register(), capture=CAPTURE)
    inputs = recorded(tmp_path, *watch()).one("watch-quality-checks").inputs
    body = {"JobDefinitionName": "watch-quality-1", "RoleArn": inputs["roleArn"]}
    parts = ("modelQualityAppSpecification", "modelQualityJobInput", "modelQualityJobOutputConfig",
             "jobResources", "networkConfig", "stoppingCondition")  # fmt: skip
    body |= {_upper(name): _cased(inputs[name]) for name in parts}
    shop.sagemaker.create_model_quality_job_definition(**body)
    shop.sagemaker.create_monitoring_schedule(
        MonitoringScheduleName=SCHEDULE,
        MonitoringScheduleConfig={
            "MonitoringJobDefinitionName": "watch-quality-1",
            "MonitoringType": "ModelQuality",
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        },
    )
    return shop


def _upper(name: str) -> str:
    return {"volumeSizeInGb": "VolumeSizeInGB"}.get(name, name[:1].upper() + name[1:])


def _cased(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            _upper(key): item if key == "environment" else _cased(item)
            for key, item in value.items()
        }
    return [_cased(item) for item in value] if isinstance(value, list) else value


def capture(shop: Shop, *requests: str) -> None:
    name = shop.inputs(capture=CAPTURE)["endpoint"]
    key = f"capture/score/{name}/main/{HOUR:%Y/%m/%d/%H}/00-00-x.jsonl"
    lines = "".join(json.dumps(event(request)) + "\n" for request in requests)
    shop.put(key, lines.encode())


def test_a_check_by_hand_asks_what_the_schedule_would(watched: Shop, tmp_path: Path) -> None:
    capture(watched, "r-1")
    labels = tmp_path / "labels.csv"
    labels.write_text("request_id,late\nr-1,1\nr-2,0\n")
    bucket = watched.inputs(capture=CAPTURE)["bucket"]

    told = truth.tell(watched.clients, bucket, "score", labels, None)
    name = checking.start(watched.clients, SCHEDULE)

    assert (told.rows, told.unknown, told.examples) == (2, 1, ("r-2",))
    job = watched.sagemaker.describe_processing_job(ProcessingJobName=name)
    sources = {item["InputName"]: item["S3Input"]["S3Uri"] for item in job["ProcessingInputs"]}
    assert {label.partition("-")[0] for label in sources} == {"traffic", "truth"}
    assert job["Environment"]["ground_truth_source"] == "/opt/ml/processing/input/truth"
    assert job["NetworkConfig"]["EnableNetworkIsolation"] is True
    place = job["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert f"/{SCHEDULE}/{HOUR:%Y/%m/%d}" in place


def test_without_traffic_there_is_nothing_to_check(watched: Shop) -> None:
    with pytest.raises(NothingToDoError, match="no traffic"):
        checking.start(watched.clients, SCHEDULE)
    with pytest.raises(OperationError, match="no monitoring schedule"):
        checking.start(watched.clients, "other")


def test_truth_lies_where_model_monitor_looks_and_reads_back(shop: Shop, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("request_id,row,late\na,0,1\na,2,0\nb,0,1\n")
    bucket = shop.inputs()["bucket"]

    told = truth.tell(shop.clients, bucket, "score", labels, "late")

    (key,) = shop.objects("truth/score/")
    now = datetime.now(UTC)
    hours = {f"truth/score/{moment:%Y/%m/%d/%H}" for moment in (now, now - timedelta(hours=1))}
    assert key.rpartition("/")[0] in hours
    assert told.file == f"s3://{bucket}/{key}"
    kept = tmp_path / "truth" / "x.jsonl"
    kept.parent.mkdir()
    kept.write_bytes(shop.get(key))
    assert truth_of(kept.parent) == {"a": (1, None, 0), "b": (1,)}
