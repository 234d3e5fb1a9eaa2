"""Proves that what the `aws` adapters declare of features is filled, joined, trained on and read.

The pipelines are those that a stack registers; their steps execute as processes. Limit: Pulumi's
own part, and SageMaker's stores, are stood in for.
"""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from mlops_iac_aws.features import reading
from mlops_iac_aws.features.document import current
from mlops_iac_aws.session import Place, clients

from mlops_iac.specs import Dataset, FeatureGroup, TrainingJob
from tests.clouds_aws.worked import Bench, until
from tests.providers.aws.harness import Recorded, record

IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/runtime@sha256:" + "0" * 64
DEPARTURES = "origin,time,late\nJFK,2013-01-01T02:30:00,1\nEWR,2013-01-01T00:30:00,0\n"
WEATHER = (
    "origin,time,temp,gusty\n"
    "JFK,2013-01-01T01:00:00,10.5,true\n"
    "JFK,2013-01-01T02:00:00,11.25,false\n"
    "JFK,2013-01-01T03:00:00,99.0,true\n"
    "EWR,2013-01-01T01:00:00,98.0,true\n"
)
TRAIN = """
import pandas as pd
import mlops_iac.runtime as runtime
context = runtime.training_context()
(file,) = context.inputs["departures"].glob("*")
rows = pd.read_parquet(file)
context.log_metrics({"temp": rows["temp"].sum(), "unknown": float(rows["temp"].isna().sum())})
"""


def recorded(folder: Path) -> Recorded:
    """Record a stack with a group and a training that it is joined to."""
    for name, text in {
        "departures/rows.csv": DEPARTURES, "weather/rows.csv": WEATHER, "code/train.py": TRAIN,
    }.items():  # fmt: skip
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    return record(
        folder,
        Dataset("departures", source="departures/*.csv", format="csv", columns={"late": "integer"}),
        Dataset("weather", source="weather/*.csv", format="csv"),
        FeatureGroup(
            "airports",
            data="weather",
            entities=("origin",),
            event_time="time",
            features={"temp": "number", "gusty": "boolean"},
        ),
        TrainingJob(
            "delay",
            script="code/train.py",
            data="departures",
            features=("airports",),
            metrics=("temp",),
        ),
        runtime_image=IMAGE,
    )


def apply(bench: Bench, stack: Recorded) -> str:
    """Make the bucket, the group and the pipelines of a stack; return the bucket."""
    bucket = stack.one("airports-values").inputs["bucket"]
    s3, sagemaker = bench.client("s3"), bench.client()
    place = {"LocationConstraint": bench.cloud.region}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    for item in stack.of_type("aws:s3/bucketObjectv2:BucketObjectv2"):
        s3.put_object(Bucket=bucket, Key=item.inputs["key"], Body=body(item.document()["inputs"]))
    for group in stack.of_type("aws-native:sagemaker:FeatureGroup"):
        sagemaker.create_feature_group(**api(group.inputs))
    for pipeline in stack.of_type("aws:sagemaker/pipeline:Pipeline"):
        sagemaker.create_pipeline(
            PipelineName=pipeline.inputs["pipelineName"],
            PipelineDefinition=pipeline.inputs["pipelineDefinition"],
            ClientRequestToken="0" * 32,
            RoleArn=pipeline.inputs["roleArn"],
        )
    return str(bucket)


def body(inputs: Any) -> bytes:
    """Return what an object holds."""
    if "content" in inputs:
        return b"" if isinstance(inputs["content"], dict) else inputs["content"].encode()
    source = inputs["source"]
    if source["$special"] == "asset":
        return Path(source["path"]).read_bytes()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, asset in source["assets"].items():
            archive.write(asset["path"], name)
    return made.getvalue()


def api(value: Any) -> Any:
    """Return arguments of aws-native as the API takes them."""
    if isinstance(value, dict):
        return {name[0].upper() + name[1:]: api(item) for name, item in value.items()}
    return [api(item) for item in value] if isinstance(value, list) else value


def run(bench: Bench, stack: Recorded, component: str) -> dict[str, Any]:
    """Start a component's run as `JobRun` does, and wait for its end."""
    start = dict(stack.one(f"{component}-run").document()["inputs"]["requests"][0]["body"])
    given = {"RuntimeImage": IMAGE, "TrackingUri": ""}
    start["PipelineParameters"] = [
        {**item, "Value": given.get(item["Name"], item["Value"])}
        for item in start["PipelineParameters"]
    ]
    sagemaker = bench.client()
    arn = sagemaker.start_pipeline_execution(**start)["PipelineExecutionArn"]
    return until(
        lambda: sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn),
        "PipelineExecutionStatus",
        {"Executing"},
    )


@pytest.mark.slow
def test_a_training_sees_what_was_known_and_the_newest_is_read_by_key(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bench.cloud.environment.items():
        monkeypatch.setenv(name, value)
    stack = recorded(tmp_path)
    bucket = apply(bench, stack)

    filled = run(bench, stack, "airports")
    trained = run(bench, stack, "delay")

    assert filled["PipelineExecutionStatus"] == "Succeeded", filled
    assert trained["PipelineExecutionStatus"] == "Succeeded", trained
    s3 = bench.client("s3")
    key = stack.one("delay-run").inputs["key"]
    file = f"data/delay/{key}/joined/departures/data.parquet"
    rows = pq.read_table(io.BytesIO(s3.get_object(Bucket=bucket, Key=file)["Body"].read()))
    assert rows["temp"].to_pylist() == [11.25, None]
    assert rows["gusty"].to_pylist() == [False, None]
    (job,) = bench.client().list_training_jobs(NameContains="delay")["TrainingJobSummaries"]
    told = bench.client().describe_training_job(TrainingJobName=job["TrainingJobName"])
    assert [item["Value"] for item in told["FinalMetricDataList"]] == [11.25]
    clients.cache_clear()
    known = clients(Place(region=bench.cloud.region))
    group = current(known, bucket, "features/airports/")
    assert group is not None
    found = reading.read(known, group, [{"origin": "EWR"}, {"origin": "LGA"}], datetime.now(UTC))
    assert json.loads(json.dumps(found)) == [
        {"origin": "EWR", "temp": 98.0, "gusty": True, "time": "2013-01-01T01:00:00+00:00"},
        {"origin": "LGA", "temp": None, "gusty": None, "time": None},
    ]
