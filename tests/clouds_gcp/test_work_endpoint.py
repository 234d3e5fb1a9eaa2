"""Proves one model's way through the Google Cloud test cloud: trained, registered, deployed, asked.

One training and one endpoint serve all tests here: a container's start costs seconds.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.clouds.gcp.running import Refused
from tests.clouds_gcp.worked import (
    BUCKET,
    IMAGE,
    SECONDS,
    TRAIN,
    Bench,
    job,
    named,
    rows,
    training,
)

pytestmark = pytest.mark.slow

ROWS = [{"a": 0.5, "b": 1.25}, {"a": 6.5, "b": 0.25}, {"a": 3.5, "b": 2.25}]
SIZES = {"machineSpec": {"machineType": "n2-standard-2"}, "minReplicaCount": 1}
SERVER = "flights-serving@mlops-test.iam.gserviceaccount.com"


@dataclass
class Served:
    """An endpoint that serves a registered version."""

    bench: Bench
    endpoint: str
    model: str
    folder: str
    digest: str

    def call(self, verb: str, body: Any) -> dict[str, Any]:
        return self.bench.cloud.call("POST", f"aiplatform/v1/{self.endpoint}:{verb}", body)

    def deploy(self, number: str, model: str, split: dict[str, int]) -> dict[str, Any]:
        """Return the operation."""
        deployed = {
            "id": number,
            "model": model,
            "dedicatedResources": {**SIZES, "maxReplicaCount": 1},
            "serviceAccount": SERVER,
        }
        return self.call("deployModel", {"deployedModel": deployed, "trafficSplit": split})

    def split(self) -> dict[str, int]:
        return self.bench.read(self.endpoint)["trafficSplit"]


def container(**environment: str) -> dict[str, Any]:
    return {
        "imageUri": IMAGE,
        "command": ["python", "-m", "mlops_iac.runtime.serve"],
        "env": rows(environment),
        "ports": [{"containerPort": 8080}],
        "predictRoute": "/predict",
        "healthRoute": "/health",
    }


def upload(bench: Bench, folder: str, spec: dict[str, Any]) -> str:
    """Make a version of what a job has left; return its name."""
    model = {
        "displayName": "late",
        "artifactUri": f"gs://{BUCKET}/{folder}/model",
        "containerSpec": spec,
    }
    path = f"aiplatform/v1/{bench.cloud.location}/models:upload"
    made = bench.cloud.call("POST", path, {"modelId": named("late"), "model": model})
    return bench.finished(made)["model"]


@pytest.fixture(scope="module")
def served(bench: Bench) -> Iterator[Served]:
    folder = named("runs")
    ended = bench.ended(bench.start("customJobs", job(training(bench.code(TRAIN)), output=folder)))
    assert ended["state"] == "JOB_STATE_SUCCEEDED", ended
    digest = json.loads(bench.get(f"{folder}/output/run.json"))["model"]["digest"]
    model = upload(bench, folder, container(MLOPS_MODEL_DIGEST=digest, MLOPS_MODEL_NAME="late"))
    made = Served(bench, _endpoint(bench), model, folder, digest)
    bench.finished(made.deploy("11", model, {"0": 100}))
    yield made
    for one in bench.read(made.endpoint)["deployedModels"]:
        bench.finished(made.call("undeployModel", {"deployedModelId": one["id"]}))


def _endpoint(bench: Bench) -> str:
    """Make an endpoint that logs every call; return its name."""
    dataset = named("capture").replace("-", "_")
    project = bench.cloud.project
    reference = {"datasetReference": {"projectId": project, "datasetId": dataset}}
    bench.cloud.call("POST", f"bigquery/bigquery/v2/projects/{project}/datasets", reference)
    logged = {
        "enabled": True,
        "samplingRate": 1.0,
        "bigqueryDestination": {"outputUri": f"bq://{project}.{dataset}.requests"},
    }
    body = {"displayName": "score", "predictRequestResponseLoggingConfig": logged}
    path = f"aiplatform/v1/{bench.cloud.location}/endpoints?endpointId={named('score')}"
    return bench.finished(bench.cloud.call("POST", path, body))["name"]


def _expected(served: Served, folder: Path) -> list[list[float]]:
    """Return the model's own answers, in this process."""
    import pandas as pd
    from mlflow import pyfunc

    for key in served.bench.keys(f"{served.folder}/model/"):
        (folder / key.rpartition("/")[2]).write_bytes(served.bench.get(key))
    model: Any = pyfunc.load_model(str(folder))
    return model.predict(pd.DataFrame(ROWS)).tolist()


def test_googles_own_client_predicts_as_the_model_does(served: Served, tmp_path: Path) -> None:
    from google.cloud import aiplatform
    from google.oauth2.credentials import Credentials

    cloud = served.bench.cloud
    aiplatform.init(
        project=cloud.project,
        location=cloud.region,
        credentials=Credentials(cloud.token),  # pyright: ignore[reportNoUntypedCall]
        api_endpoint=f"{cloud.address}/aiplatform",
        api_transport="rest",
    )

    answer = aiplatform.Endpoint(served.endpoint).predict(instances=ROWS)

    assert answer.deployed_model_id == "11"
    expected = _expected(served, tmp_path)
    for told, wanted in zip(answer.predictions, expected, strict=True):
        assert told == pytest.approx(wanted, abs=1e-9)


def test_a_call_is_logged_to_bigquery_and_counted(served: Served) -> None:
    before = {row["request_id"] for row in _logged(served)}

    served.call("predict", {"instances": ROWS[:1]})

    [row] = [row for row in _logged(served) if row["request_id"] not in before]
    assert row["deployed_model_id"] == "11"
    assert json.loads(row["request_payload"][0]) == {"instances": ROWS[:1]}
    assert len(json.loads(row["response_payload"][0])["predictions"]) == 1
    assert _counts(served)["200"] > len(before)


def _logged(served: Served) -> list[dict[str, Any]]:
    told = served.bench.read(served.endpoint)["predictRequestResponseLoggingConfig"]
    table = told["bigqueryDestination"]["outputUri"].removeprefix("bq://")
    project = served.bench.cloud.project
    query = f"SELECT * FROM `{table}`"  # noqa: S608 - our own table
    asked = {"query": query, "useLegacySql": False}
    try:
        found = served.bench.cloud.call(
            "POST", f"bigquery/bigquery/v2/projects/{project}/queries", asked
        )
    except Refused:
        return []
    names = [one["name"] for one in found["schema"]["fields"]]
    return [_plain(names, row["f"]) for row in found.get("rows", [])]


def _plain(names: list[str], cells: list[dict[str, Any]]) -> dict[str, Any]:
    values = (cell["v"] for cell in cells)
    return {
        name: [one["v"] for one in value] if isinstance(value, list) else value
        for name, value in zip(names, values, strict=True)
    }


def _counts(served: Served) -> Counter[str]:
    """Return how many calls were answered, by the status."""
    wanted = (
        'metric.type="aiplatform.googleapis.com/prediction/online/response_count"'
        f' AND resource.labels.endpoint_id="{served.endpoint.rpartition("/")[2]}"'
    )
    path = f"monitoring/v3/projects/{served.bench.cloud.project}/timeSeries"
    told = served.bench.cloud.call("GET", f"{path}?filter={quote(wanted)}")
    counts: Counter[str] = Counter()
    for one in told.get("timeSeries", []):
        total = sum(int(point["value"]["int64Value"]) for point in one["points"])
        counts[one["metric"]["labels"]["response_code"]] += total
    return counts


def test_what_the_model_refuses_is_the_callers_mistake(served: Served) -> None:
    with pytest.raises(Refused) as refused:
        served.call("predict", {"instances": [{"a": "many", "b": 1.0}]})

    assert refused.value.code == 400
    assert _counts(served)["400"] >= 1


def test_a_raw_call_reaches_the_container_as_it_is(served: Served) -> None:
    body = {"dataframe_split": {"columns": ["a", "b"], "data": [[0.5, 1.25]]}}

    assert len(served.call("rawPredict", body)["predictions"]) == 1


def test_a_container_that_does_not_come_up_is_not_deployed(served: Served) -> None:
    spec = {**container(), "command": ["python", "-c", "raise SystemExit('no such model')"]}
    wrong = upload(served.bench, served.folder, spec)

    ended = _ended(served.bench, served.deploy("12", wrong, {"0": 50, "11": 50}))

    assert "Model server never became ready" in ended["error"]["message"]
    assert served.split() == {"11": 100}


def _ended(bench: Bench, operation: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while not operation.get("done"):
        assert time.monotonic() < deadline, operation
        time.sleep(0.05)
        operation = bench.read(operation["name"])
    return operation


def test_two_deployments_share_the_calls_by_the_split(served: Served) -> None:
    bench = served.bench
    bench.finished(served.deploy("13", served.model, {"0": 50, "11": 50}))

    told = [served.call("predict", {"instances": ROWS[:1]}) for _ in range(20)]

    took = Counter(one["deployedModelId"] for one in told)
    assert set(took) == {"11", "13"}
    undeployed = {"deployedModelId": "13", "trafficSplit": {"11": 100}}
    bench.finished(served.call("undeployModel", undeployed))
    again = [served.call("predict", {"instances": ROWS[:1]}) for _ in range(3)]
    assert {one["deployedModelId"] for one in again} == {"11"}
