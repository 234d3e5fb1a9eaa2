"""What the tests of executed work share: a small model's data and code, and requests around it."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.clouds.gcp.running import Cloud

BUCKET = "flights-artifacts"
IMAGE = "europe-west4-docker.pkg.dev/mlops-test/images/runtime@sha256:" + "a" * 64
ACCOUNT = "flights-training@mlops-test.iam.gserviceaccount.com"
SECONDS = 240.0
RUNNING = ("_PENDING", "_QUEUED", "_RUNNING", "_CANCELLING")

ROWS = "a,b,y\n" + "".join(f"{i % 7}.5,{i % 3}.25,{int(i % 7 > 3)}\n" for i in range(60))
TRAIN = """
import pandas as pd
import mlops_iac.runtime as runtime
from sklearn.linear_model import LogisticRegression
context = runtime.training_context()
rows = pd.read_csv(next(context.inputs["flights"].glob("*.csv")))
model = LogisticRegression(C=context.hyperparameters["c"]).fit(rows[["a", "b"]], rows["y"])
context.log_metrics({"auc": 0.75})
context.log_model(
    model,
    example=rows[["a", "b"]],
    pyfunc_predict_fn="predict_proba",
    # Named, because MLflow takes long to find it out.
    pip_requirements=["scikit-learn"],
)
"""


@dataclass
class Bench:
    """A cloud that executes, with a bucket that holds data and code."""

    cloud: Cloud

    @cached_property
    def storage(self) -> Any:
        """Google's own client."""
        from google.cloud.storage import Client
        from google.oauth2.credentials import Credentials

        return Client(
            project=self.cloud.project,
            credentials=Credentials(self.cloud.token),  # pyright: ignore[reportNoUntypedCall]
            client_options={"api_endpoint": f"{self.cloud.address}/storage"},
        )

    def make_bucket(self) -> None:
        self.storage.create_bucket(BUCKET, location=self.cloud.region)
        self.put("datasets/flights/1/rows.csv", ROWS)

    def put(self, key: str, content: str | bytes) -> str:
        self.storage.bucket(BUCKET).blob(key).upload_from_string(content)
        return f"/gcs/{BUCKET}/{key}"

    def get(self, key: str) -> bytes:
        return self.storage.bucket(BUCKET).blob(key).download_as_bytes()

    def keys(self, prefix: str) -> list[str]:
        return [blob.name for blob in self.storage.list_blobs(BUCKET, prefix=prefix)]

    def script(self, text: str) -> str:
        return self.put(f"scripts/{uuid.uuid4().hex}/main.py", text)

    def code(self, script: str) -> str:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("main.py", script)
        return self.put(f"code/{uuid.uuid4().hex}.zip", content.getvalue())

    def start(self, collection: str, body: Mapping[str, Any], **query: str) -> str:
        """Create a job; return its full name."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        path = f"aiplatform/v1/{self.cloud.location}/{collection}?{asked}"
        return self.cloud.call("POST", path, body)["name"]

    def read(self, name: str, service: str = "aiplatform/v1") -> dict[str, Any]:
        return self.cloud.call("GET", f"{service}/{name}")

    def ended(self, name: str) -> dict[str, Any]:
        """Wait until a job has ended."""
        deadline = time.monotonic() + SECONDS
        while (told := self.read(name))["state"].endswith(RUNNING):
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
        return told

    def finished(self, operation: Mapping[str, Any], service: str = "aiplatform/v1") -> Any:
        """Wait for an operation's response."""
        deadline, told = time.monotonic() + SECONDS, dict(operation)
        while not told.get("done"):
            assert time.monotonic() < deadline, told
            time.sleep(0.05)
            told = self.read(told["name"], service)
        assert "error" not in told, told
        return told["response"]

    def running_tasks(self, name: str) -> list[dict[str, Any]]:
        """Wait until a pipeline has a task; return those that it has."""
        deadline = time.monotonic() + SECONDS
        while not (found := self.read(name).get("jobDetail", {}).get("taskDetails")):
            assert time.monotonic() < deadline, name
            time.sleep(0.05)
        return found

    def until_logged(self, job: str, line: str) -> None:
        """Wait until a container has written a line."""
        deadline = time.monotonic() + SECONDS
        while line not in self.log(job):
            assert time.monotonic() < deadline, self.log(job)
            time.sleep(0.05)

    def log(self, job: str) -> list[str]:
        """Return the lines of a job's containers."""
        wanted = f'resource.labels.job_id="{job.rpartition("/")[2]}"'
        names = [f"projects/{self.cloud.project}"]
        body = {"resourceNames": names, "filter": wanted, "pageSize": 1000}
        found = self.cloud.call("POST", "logging/v2/entries:list", body)
        return [entry["jsonPayload"]["message"] for entry in found.get("entries", [])]


def named(word: str) -> str:
    """Return a name that no other test has."""
    return f"{word}-{uuid.uuid4().hex[:8]}"


def rows(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def pool(*command: str, replicas: int = 1, **environment: str) -> dict[str, Any]:
    """Return a worker pool whose container starts a command."""
    container = {"imageUri": IMAGE, "command": [*command], "env": rows(environment)}
    return {
        "machineSpec": {"machineType": "n2-standard-4"},
        "replicaCount": str(replicas),
        "containerSpec": container,
    }


def job(*pools: Mapping[str, Any], output: str = "", **scheduling: Any) -> dict[str, Any]:
    """Return a CustomJob of worker pools."""
    spec: dict[str, Any] = {"workerPoolSpecs": [*pools], "serviceAccount": ACCOUNT}
    if output:
        spec["baseOutputDirectory"] = {"outputUriPrefix": f"gs://{BUCKET}/{output}"}
    return {"displayName": "job", "jobSpec": {**spec, "scheduling": scheduling}}


def training(code: str, **changes: str) -> dict[str, Any]:
    """Return a pool that trains as our adapter lets it."""
    told = {
        "MLOPS_CODE": code,
        "MLOPS_INPUT_FLIGHTS": f"/gcs/{BUCKET}/datasets/flights/1",
        "MLOPS_HYPERPARAMETERS": json.dumps({"c": 0.5}),
        "MLOPS_METRICS": "auc",
        "MLOPS_EXPECTS_MODEL": "1",
    }
    made = pool("python", "-m", "mlops_iac.runtime.train")
    made["containerSpec"] |= {"args": ["main.py"], "env": rows({**told, **changes})}
    return made
