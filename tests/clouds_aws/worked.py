"""What the tests of executed work share: a small model's data and code, and requests around it."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.aws.running import Cloud

BUCKET = "flights-artifacts"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/flights-runtime:1"
ROLE = "arn:aws:iam::123456789012:role/flights-training"
SECONDS = 90.0

ROWS = "a,b,y\n" + "".join(f"{i % 7}.5,{i % 3}.25,{int(i % 7 > 3)}\n" for i in range(60))
TRAIN = """
import pandas as pd
import mlops_iac.runtime as runtime
from sklearn.linear_model import LogisticRegression
context = runtime.training_context()
rows = pd.read_csv(next(context.inputs["flights"].glob("*.csv")))
model = LogisticRegression(C=context.hyperparameters["c"]).fit(rows[["a", "b"]], rows["y"])
context.log_metrics({"auc": 0.25})
context.log_metrics({"auc": 0.75})
context.log_baseline(rows[["a", "b"]])
context.log_model(model, example=rows[["a", "b"]], pyfunc_predict_fn="predict_proba")
"""


@dataclass
class Bench:
    """A cloud that executes, with a bucket that holds data and code."""

    cloud: Cloud

    def client(self, service: str = "sagemaker") -> Any:
        return self.cloud.client(service)

    def make_bucket(self) -> None:
        place = {"LocationConstraint": self.cloud.region}
        self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        self.put("datasets/flights/1/rows.csv", ROWS)

    def put(self, key: str, content: str | bytes) -> str:
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
        return f"s3://{BUCKET}/{key}"

    def get(self, uri: str) -> bytes:
        key = uri.removeprefix(f"s3://{BUCKET}/")
        return self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def keys(self, prefix: str) -> list[str]:
        found = self.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
        return [item["Key"] for item in found.get("Contents", [])]

    def code(self, script: str) -> str:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("main.py", script)
        return self.put(f"code/{uuid.uuid4().hex}.zip", content.getvalue())

    def script(self, text: str) -> str:
        return self.put(f"scripts/{uuid.uuid4().hex}/main.py", text)

    def log(self, group: str, stream: str) -> list[str]:
        answer = self.client("logs").get_log_events(
            logGroupName=group, logStreamName=stream, startFromHead=True
        )
        return [event["message"] for event in answer["events"]]


def channel(name: str, uri: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": uri,
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def training(code: str, **changes: Any) -> dict[str, Any]:
    """Return a training request as our adapter makes it, less the name."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [
                {"Name": "auc", "Regex": "mlops-iac metric auc=([-+.0-9eE]+)"}
            ],
        },
        "RoleArn": ROLE,
        "HyperParameters": {"c": "0.5"},
        "InputDataConfig": [
            channel("flights", f"s3://{BUCKET}/datasets/flights/1"), channel("code", code),
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/runs/delay"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        "EnableNetworkIsolation": True,
        "Environment": {
            "MLOPS_CODE": f"/opt/ml/input/data/code/{code.rpartition('/')[2]}",
            "MLOPS_SCRIPT": "main.py",
        },
        **changes,
    }  # fmt: skip


def processing(
    script: str, *arguments: str, inputs: tuple[dict[str, Any], ...] = (), **changes: Any
) -> dict[str, Any]:
    """Return a request to run the script of that URI, less the name."""
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    application: dict[str, Any] = {
        "ImageUri": IMAGE,
        "ContainerEntrypoint": ["python", "/opt/ml/processing/input/code/main.py"],
    }
    if arguments:
        application["ContainerArguments"] = [*arguments]
    return {
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": application,
        "ProcessingInputs": [mounted("code", script), *inputs],
        "RoleArn": ROLE,
        **changes,
    }


def mounted(name: str, uri: Any) -> dict[str, Any]:
    source = {
        "S3Uri": uri,
        "LocalPath": f"/opt/ml/processing/input/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": name, "S3Input": source}


def plain_training(script: str, **changes: Any) -> dict[str, Any]:
    """Return a request whose container is the script of that URI, without the runtime."""
    algorithm = {
        "TrainingImage": IMAGE,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["python", "/opt/ml/input/data/code/main.py"],
        **changes.pop("AlgorithmSpecification", {}),
    }
    return training(script, AlgorithmSpecification=algorithm, **changes)


def output(name: str, uri: str) -> dict[str, Any]:
    place = {
        "S3Uri": uri,
        "LocalPath": f"/opt/ml/processing/output/{name}",
        "S3UploadMode": "EndOfJob",
    }
    return {"OutputName": name, "S3Output": place}


def until(ask: Callable[[], Mapping[str, Any]], status: str, passing: set[str]) -> dict[str, Any]:
    """Ask until a status is none of those that pass; return the last answer."""
    deadline = time.monotonic() + SECONDS
    while (answer := ask())[status] in passing:
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return dict(answer)


def definition(*steps: Mapping[str, Any], parameters: tuple[str, ...] = ()) -> str:
    listed = [{"Name": name, "Type": "String"} for name in parameters]
    return json.dumps({"Version": "2020-12-01", "Parameters": listed, "Steps": steps})


def named(word: str) -> str:
    """Return a name that no other test has."""
    return f"{word}-{uuid.uuid4().hex[:8]}"
