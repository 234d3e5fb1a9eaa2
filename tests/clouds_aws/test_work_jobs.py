"""Proves that jobs of the AWS test cloud do their work under SageMaker's layout.

The scripts are Python's own; the runtime's are proved with the endpoint.
"""

import contextlib
import json
import tarfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.clouds.aws.running import cloud
from tests.clouds_aws.worked import (
    BUCKET,
    IMAGE,
    Bench,
    channel,
    mounted,
    named,
    output,
    plain_training,
    processing,
    training,
    until,
)

ENVIRONMENT = """
import json, os
names = sorted(name for name in os.environ if name.startswith("AWS"))
print(json.dumps(names))
"""
COPY = """
import json, os, pathlib, sys
root = pathlib.Path(os.environ["MLOPS_ROOT"])
config = json.loads((root / "opt/ml/config/processingjobconfig.json").read_text())
rows = (pathlib.Path(os.environ["ROWS"]) / "rows.csv").read_text().splitlines()
out = root / "opt/ml/processing/output/count"
(out / "deep").mkdir()
(out / "deep/count.json").write_text(json.dumps([len(rows), sys.argv[1:]]))
message = root / "opt/ml/output/message"
message.write_text("counted by " + config["ProcessingJobName"])
sys.exit(int(os.environ.get("CODE", "0")))
"""
TRAINED = """
import json, os, pathlib
root = pathlib.Path(os.environ["MLOPS_ROOT"], "opt/ml")
config = root / "input/config"
told = {name: json.loads((config / f"{name}.json").read_text())
        for name in ("hyperparameters", "inputdataconfig", "resourceconfig")}
(root / "model/told.json").write_text(json.dumps(told))
(root / "output/data/rows.txt").write_text((root / "input/data/flights/rows.csv").read_text())
print("loss=3.5"); print("loss=-1.25e-1")
"""
INTERRUPTED = """
import os, pathlib, time
root = pathlib.Path(os.environ["MLOPS_ROOT"], "opt/ml")
checkpoint = root / "checkpoints/step"
if checkpoint.exists():
    (root / "model/steps").write_text(checkpoint.read_text() + " then the end")
else:
    (root / "model/left").write_text("on the lost disk")
    checkpoint.write_text("one step")
    print("checkpointed", flush=True)
    time.sleep(120)
"""
SCORED = """
import json, os, pathlib
file = pathlib.Path(os.environ["MLOPS_ROOT"], "opt/ml/input/config/hyperparameters.json")
values = json.loads(file.read_text())
assert values["fixed"] == "1"
print(f"score={abs(float(values['depth']) - 4)}")
"""
FLIGHTS = f"s3://{BUCKET}/datasets/flights/1"
PASSING = {"InProgress", "Stopping"}


def run_processing(bench: Bench, request: dict[str, Any]) -> dict[str, Any]:
    name = named("count")
    bench.client().create_processing_job(ProcessingJobName=name, **request)
    return await_processing(bench, name)


def await_processing(bench: Bench, name: str) -> dict[str, Any]:
    describe = bench.client().describe_processing_job
    return until(lambda: describe(ProcessingJobName=name), "ProcessingJobStatus", PASSING)


def run_training(bench: Bench, request: dict[str, Any]) -> dict[str, Any]:
    name = named("delay")
    bench.client().create_training_job(TrainingJobName=name, **request)
    return await_training(bench, name)


def await_training(bench: Bench, name: str) -> dict[str, Any]:
    describe = bench.client().describe_training_job
    return until(lambda: describe(TrainingJobName=name), "TrainingJobStatus", PASSING)


def await_first_line(bench: Bench, group: str, job: str) -> str:
    missing = bench.client("logs").exceptions.ResourceNotFoundException
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(missing):
            if lines := bench.log(group, f"{job}/algo-1"):
                return lines[0]
        time.sleep(0.05)
    raise AssertionError(f"`{job}` said nothing")


def counting(bench: Bench, **environment: str) -> dict[str, Any]:
    return processing(
        bench.script(COPY),
        "--at",
        "/opt/ml/processing/input",
        inputs=(mounted("flights", FLIGHTS),),
        ProcessingOutputConfig={"Outputs": [output("count", f"s3://{BUCKET}/{named('counts')}")]},
        Environment={"ROWS": "/opt/ml/processing/input/flights", **environment},
    )


def place_of(request: dict[str, Any]) -> str:
    return request["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]


def test_a_processing_job_reads_its_input_and_leaves_its_output(bench: Bench) -> None:
    request = counting(bench)

    found = run_processing(bench, request)

    assert found["ProcessingJobStatus"] == "Completed", found
    assert found["ExitMessage"] == f"counted by {found['ProcessingJobName']}"
    rows, arguments = json.loads(bench.get(f"{place_of(request)}/deep/count.json"))
    assert rows == 61
    assert arguments[0] == "--at"
    assert arguments[1].endswith("/opt/ml/processing/input")


def test_a_processing_job_that_fails_tells_its_code_and_message_and_stores_nothing(
    bench: Bench,
) -> None:
    request = counting(bench, CODE="7")

    found = run_processing(bench, request)

    assert found["ProcessingJobStatus"] == "Failed"
    assert found["FailureReason"].startswith("AlgorithmError:")
    assert "exit code: 7" in found["FailureReason"]
    assert found["ExitMessage"].startswith("counted by")
    assert bench.keys(place_of(request).removeprefix(f"s3://{BUCKET}/")) == []


def test_a_job_without_network_has_no_way_to_aws_and_one_with_has(bench: Bench) -> None:
    seen = {}
    for isolated in (True, False):
        network = {"EnableNetworkIsolation": isolated}
        request = processing(bench.script(ENVIRONMENT), NetworkConfig=network)
        found = run_processing(bench, request)
        name = f"{found['ProcessingJobName']}/algo-1"
        (line,) = bench.log("/aws/sagemaker/ProcessingJobs", name)
        seen[isolated] = json.loads(line)

    assert seen[True] == []
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_REGION"} <= set(seen[False])


def test_training_sees_sagemakers_files_and_stores_model_output_and_metrics(bench: Bench) -> None:
    loss = {"Name": "loss", "Regex": "loss=([-+.0-9eE]+)"}
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 10}

    found = run_training(
        bench,
        plain_training(
            bench.script(TRAINED),
            AlgorithmSpecification={"MetricDefinitions": [loss]},
            ResourceConfig=resources,
        ),
    )

    assert found["TrainingJobStatus"] == "Completed", found
    (metric,) = found["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", -0.125)
    uri = found["ModelArtifacts"]["S3ModelArtifacts"]
    place = f"s3://{BUCKET}/runs/delay/{found['TrainingJobName']}/output"
    assert uri == f"{place}/model.tar.gz"
    with tarfile.open(fileobj=BytesIO(bench.get(uri))) as model:
        member = model.extractfile("told.json")
        assert member is not None
        told = json.load(member)
    assert told["hyperparameters"] == {"c": "0.5"}
    assert told["inputdataconfig"]["flights"]["TrainingInputMode"] == "File"
    assert told["resourceconfig"]["hosts"] == ["algo-1", "algo-2"]
    assert told["resourceconfig"]["current_host"] == "algo-1"
    with tarfile.open(fileobj=BytesIO(bench.get(f"{place}/output.tar.gz"))) as data:
        assert data.getnames() == ["rows.txt"]


def test_an_interrupted_spot_job_goes_on_from_its_checkpoint_on_a_new_disk(bench: Bench) -> None:
    name = named("spot")
    checkpoints = {"S3Uri": f"s3://{BUCKET}/checkpoints/{name}"}
    bench.client().create_training_job(
        TrainingJobName=name,
        **plain_training(
            bench.script(INTERRUPTED),
            EnableManagedSpotTraining=True,
            StoppingCondition={"MaxRuntimeInSeconds": 300, "MaxWaitTimeInSeconds": 600},
            CheckpointConfig=checkpoints,
        ),
    )
    assert await_first_line(bench, "/aws/sagemaker/TrainingJobs", name) == "checkpointed"

    bench.cloud.control("interrupt", job=name)
    found = await_training(bench, name)

    assert found["TrainingJobStatus"] == "Completed", found
    with tarfile.open(fileobj=BytesIO(bench.get(found["ModelArtifacts"]["S3ModelArtifacts"]))) as m:
        assert m.getnames() == ["steps"]


def test_a_stopped_training_job_ends_and_keeps_its_model(bench: Bench) -> None:
    name = named("stopped")
    bench.client().create_training_job(
        TrainingJobName=name,
        **plain_training(
            bench.script(INTERRUPTED),
            CheckpointConfig={"S3Uri": f"s3://{BUCKET}/checkpoints/{name}"},
        ),
    )
    assert await_first_line(bench, "/aws/sagemaker/TrainingJobs", name) == "checkpointed"

    bench.client().stop_training_job(TrainingJobName=name)
    found = await_training(bench, name)

    assert (found["TrainingJobStatus"], found["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert bench.get(found["ModelArtifacts"]["S3ModelArtifacts"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"AlgorithmSpecification": {"TrainingImage": "docker.io/some/image:1"}},
            "CannotPullContainerError: the image `docker.io/some/image:1`",
        ),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE.replace("flights-runtime", "other")
                }
            },
            "CannotPullContainerError",
        ),
        (
            {"InputDataConfig": [channel("flights", f"s3://{BUCKET}/nowhere")]},
            f'No S3 objects found under S3 URL "s3://{BUCKET}/nowhere"',
        ),
    ],
)
def test_what_sagemaker_cannot_start_fails_with_its_reason(
    bench: Bench, changes: dict[str, Any], reason: str
) -> None:
    found = run_training(bench, plain_training(bench.script("pass"), **changes))

    assert found["TrainingJobStatus"] == "Failed"
    assert reason in found["FailureReason"]
    assert bench.keys(f"runs/delay/{found['TrainingJobName']}/output/model") == []


def test_a_job_that_runs_too_long_is_stopped_as_sagemaker_does(bench: Bench) -> None:
    limit = {"MaxRuntimeInSeconds": 1}
    slow = bench.script("import time; time.sleep(60)")

    found = run_training(bench, plain_training(slow, StoppingCondition=limit))

    assert (found["TrainingJobStatus"], found["SecondaryStatus"]) == (
        "Stopped",
        "MaxRuntimeExceeded",
    )


@pytest.mark.slow
def test_tuning_tries_every_combination_and_names_the_best(bench: Bench) -> None:
    name = named("tune")
    metric = [{"Name": "score", "Regex": "score=([.0-9]+)"}]
    whole = training("s3://x/y")
    bench.client().create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Grid",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "score"},
            "ResourceLimits": {"MaxParallelTrainingJobs": 1},
            "ParameterRanges": {
                "CategoricalParameterRanges": [{"Name": "depth", "Values": ["2", "5"]}]
            },
        },
        TrainingJobDefinition={
            "StaticHyperParameters": {"fixed": "1"},
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
                "MetricDefinitions": metric,
            },
            "InputDataConfig": [
                channel("flights", f"s3://{BUCKET}/datasets/flights/1"),
                channel("code", code := bench.code(SCORED)),
            ],
            "Environment": {
                "MLOPS_CODE": f"/opt/ml/input/data/code/{code.rpartition('/')[2]}",
                "MLOPS_SCRIPT": "main.py",
            },
            **{
                key: whole[key]
                for key in ("RoleArn", "OutputDataConfig", "ResourceConfig", "StoppingCondition")
            },
        },
    )
    describe = bench.client().describe_hyper_parameter_tuning_job

    found = until(
        lambda: describe(HyperParameterTuningJobName=name),
        "HyperParameterTuningJobStatus",
        PASSING,
    )

    assert found["HyperParameterTuningJobStatus"] == "Completed", found
    assert found["TrainingJobStatusCounters"]["Completed"] == 2
    best = found["BestTrainingJob"]
    assert best["TunedHyperParameters"] == {"depth": "5"}
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 1.0
    trials = bench.client().list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )["TrainingJobSummaries"]
    assert len(trials) == 2


def test_nothing_goes_on_when_the_cloud_ends(tmp_path: Path) -> None:
    waiting = "import os, time; print(os.getpid(), flush=True); time.sleep(100)"
    with cloud(work="processes", root=tmp_path) as running:
        bench = Bench(running)
        bench.make_bucket()
        name = named("waits")
        request = processing(bench.script(waiting))
        bench.client().create_processing_job(ProcessingJobName=name, **request)
        process = Path("/proc", await_first_line(bench, "/aws/sagemaker/ProcessingJobs", name))
        assert process.exists()

    assert not process.exists()
