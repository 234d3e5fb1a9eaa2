"""Proves one model's way through the Azure test cloud: trained, registered, deployed, asked.

One training serves all tests here: a container's start costs seconds.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.clouds.azure.running import Refused
from tests.clouds_azure.worked import IMAGE, SECONDS, Bench, named, uri

pytestmark = pytest.mark.slow

_TRAIN = """
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
_COMMAND = (
    "MLOPS_INPUT_FLIGHTS=${{inputs.flights}} MLOPS_MODEL_DIR=${{outputs.model}} "
    "MLOPS_OUTPUT_DIR=${{outputs.output}} python -m mlops_iac.runtime.train main.py"
)
ROWS = [{"a": 0.5, "b": 1.25}, {"a": 6.5, "b": 0.25}, {"a": 3.5, "b": 2.25}]
_ROUTES = {
    "livenessRoute": {"path": "/v2/health/live", "port": 8080},
    "readinessRoute": {"path": "/v2/health/ready", "port": 8080},
    "scoringRoute": {"path": "/score", "port": 8080},
}


@dataclass
class Served:
    """An endpoint that serves a registered version."""

    bench: Bench
    endpoint: str
    model: str
    folder: str
    digest: str

    def deploy(self, name: str, **changes: Any) -> Any:
        """Deploy the version under a name."""
        bench = self.bench
        properties = {
            "endpointComputeType": "Managed",
            "instanceType": "Standard_DS2_v2",
            "model": self.model,
            "environmentId": f"{bench.workspace}/environments/server/versions/1",
            "environmentVariables": self.variables,
            **changes,
        }
        sku = {"name": "Default", "capacity": 1}
        own = f"{self.endpoint}/deployments/{name}"
        return bench.put(own, properties, location=bench.cloud.region, kind="Managed", sku=sku)

    @property
    def variables(self) -> dict[str, str]:
        """What the server is told."""
        return {"MLOPS_MODEL_DIGEST": self.digest, "MLOPS_MODEL_NAME": "late"}

    def route(self, traffic: dict[str, int], **more: Any) -> None:
        """Split the traffic."""
        told = self.bench.cloud.ask("GET", self.endpoint)
        kept = {"authMode": "AADToken", "traffic": traffic, **more}
        self.bench.put(
            self.endpoint, kept, location=self.bench.cloud.region, identity=told["identity"]
        )

    def ask(self, body: Any, token: str | None = None, **headers: str) -> requests.Response:
        """Ask the endpoint."""
        bench = self.bench
        given = bench.cloud.token("https://ml.azure.com") if token is None else token
        return requests.post(
            f"{bench.cloud.address}/inference/{self.endpoint.rpartition('/')[2]}/score",
            json=body,
            headers={"Authorization": f"Bearer {given}", **headers},
            verify=bench.cloud.authority,
            timeout=60,
        )


@pytest.fixture(scope="module")
def served(bench: Bench) -> Iterator[Served]:
    folder = named("runs")
    outputs = {
        name: {"jobOutputType": "uri_folder", "uri": uri(f"{folder}/{name}")}
        for name in ("model", "output")
    }
    variables = {"MLOPS_HYPERPARAMETERS": json.dumps({"c": 0.5}), "MLOPS_METRICS": "auc"}
    # Nobody installs Azure ML's plug-in for MLflow.
    variables |= {"MLFLOW_TRACKING_URI": "", "MLFLOW_RUN_ID": "", "MLOPS_EXPECTS_MODEL": "1"}
    rows = {"jobInputType": "uri_folder", "uri": uri("datasets/flights/1")}
    asked = bench.command(
        _TRAIN,
        command=_COMMAND,
        inputs={"flights": rows},
        outputs=outputs,
        environmentVariables=variables,
    )
    name, told, log = bench.done(asked)
    assert told["status"] == "Completed", (told, log, name)
    digest = json.loads(bench.read(f"{folder}/output/run.json"))["model"]["digest"]
    version = {"modelUri": uri(f"{folder}/model"), "modelType": "custom_model"}
    model = bench.put(f"{bench.workspace}/models/late/versions/1", version)["id"]
    server = {"image": IMAGE, "inferenceConfig": _ROUTES}
    bench.put(f"{bench.workspace}/environments/server/versions/1", server)
    endpoint = f"{bench.workspace}/onlineEndpoints/{named('score')}"
    identity = {"type": "UserAssigned", "userAssignedIdentities": {bench.identity: {}}}
    here = {"location": bench.cloud.region, "identity": identity}
    bench.put(endpoint, {"authMode": "AADToken"}, **here)
    made = Served(bench, endpoint, model, folder, digest)
    collected = {"dataCollectionMode": "Enabled", "samplingRate": 1.0}
    captured = {"dataType": "uri_folder", "dataUri": uri(f"{folder}/captures")}
    data = bench.put(f"{bench.workspace}/data/captures/versions/1", captured)["id"]
    collections = {"request": {**collected, "dataId": data}, "response": {**collected}}
    made.deploy("blue", dataCollector={"collections": collections, "rollingRate": "Hour"})
    made.route({"blue": 100})
    yield made
    made.route({})
    bench.cloud.ask("DELETE", endpoint)


def test_a_version_answers_whom_the_endpoint_knows(served: Served) -> None:
    answer = served.ask({"instances": ROWS})

    assert answer.status_code == 200, answer.text
    found = answer.json()["predictions"]
    assert len(found) == 3
    assert all(abs(sum(one) - 1) < 1e-6 for one in found)
    assert served.ask({"instances": ROWS}, token="nobody's").status_code == 401


def test_a_bad_question_is_the_models_error(served: Served) -> None:
    answer = served.ask({"instances": [{"c": 1}]})

    assert answer.status_code == 424
    assert answer.headers["ms-azureml-model-error-statuscode"] == "400"


def test_calls_are_kept_as_azure_keeps_them(served: Served) -> None:
    served.ask({"instances": ROWS[:1]}, **{"x-request-id": "asked-once"})

    events = [
        json.loads(line)
        for key in served.bench.keys(f"{served.folder}/captures/")
        for line in served.bench.read(key).decode().splitlines()
    ]
    [own] = [one for one in events if one["xrequestid"] == "asked-once"]
    assert own["type"] == "azureml.inference.request"
    assert own["data"] == {"instances": ROWS[:1]}
    assert own["source"] == f"{served.endpoint}/deployments/blue"
    # `…/<year>/<month>/<day>/<hour>/<instance>.jsonl`
    [key] = served.bench.keys(f"{served.folder}/captures/")
    assert len(key.removeprefix(f"{served.folder}/captures/").split("/")) == 5


def test_a_servers_log_is_told(served: Served) -> None:
    deadline = time.monotonic() + SECONDS
    place = f"{served.endpoint}/deployments/blue/getLogs"
    while not (told := served.bench.cloud.ask("POST", place, {"tail": 100})["content"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert told


def test_traffic_is_split_and_mirrored(served: Served) -> None:
    served.deploy("green")
    served.route({"blue": 50, "green": 50})
    found = Counter(
        served.ask({"instances": ROWS[:1]}).headers["azureml-model-deployment"] for _ in range(12)
    )
    served.route({"blue": 100}, mirrorTraffic={"green": 50})
    mirrored = {served.ask({"instances": ROWS[:1]}).status_code for _ in range(4)}
    served.route({"blue": 100}, mirrorTraffic={})
    served.bench.cloud.ask("DELETE", f"{served.endpoint}/deployments/green")

    assert set(found) == {"blue", "green"}
    assert mirrored == {200}


def test_a_deployment_that_does_not_come_up_fails(served: Served) -> None:
    wrong = {**served.variables, "MLOPS_BODY_LIMIT": "no number"}

    with pytest.raises(Refused, match="ResourceNotReady"):
        served.deploy("red", environmentVariables=wrong)


def _app(served: Served, name: str, **variables: str) -> dict[str, Any]:
    """Make a Container App that serves the model; return it."""
    bench = served.bench
    environment = bench.id("App/managedEnvironments", "flights")
    bench.put(environment, {"appLogsConfiguration": {}}, location=bench.cloud.region)
    probe = {"type": "Startup", "httpGet": {"path": "/v2/health/ready", "port": 8080}}
    env = [{"name": key, "value": value} for key, value in variables.items()]
    env.append({"name": "MLOPS_TOKEN_FILE", "value": "/mnt/secrets/token"})
    address = f"https://flightsstore.blob.core.windows.net/artifacts/{served.folder}/model"
    container = {
        "name": "server",
        "image": IMAGE,
        "command": ["python", "-m", "mlops_iac_azure.work", "serve"],
        "args": [address],
        "env": env,
        "probes": [probe],
        "volumeMounts": [{"volumeName": "secrets", "mountPath": "/mnt/secrets"}],
    }
    secrets = [{"secretRef": "token", "path": "token"}]
    volume = {"name": "secrets", "storageType": "Secret", "secrets": secrets}
    configuration = {
        "ingress": {"external": True, "targetPort": 8080},
        "secrets": [{"name": "token", "value": "told-token"}],
    }
    template = {"containers": [container], "volumes": [volume]}
    properties = {
        "environmentId": environment,
        "configuration": configuration,
        "template": template,
    }
    identity = {"type": "UserAssigned", "userAssignedIdentities": {bench.identity: {}}}
    own = bench.id("App/containerApps", name)
    return bench.put(own, properties, location=bench.cloud.region, identity=identity)


def test_a_container_app_serves_what_it_fetches_as_its_identity(served: Served) -> None:
    app = _app(served, named("app"), **served.variables)
    place = f"https://{app['properties']['configuration']['ingress']['fqdn']}/score"

    def ask(token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        authority = served.bench.cloud.authority
        body = {"instances": ROWS}
        return requests.post(place, json=body, headers=headers, verify=authority, timeout=60)

    answer = ask("told-token")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["predictions"]) == 3
    assert ask("other").status_code == 401
    names = "metricnames=Requests&aggregation=Total&api-version=2024-02-01"
    metrics = f"{app['id']}/providers/Microsoft.Insights/metrics?{names}"
    [found] = served.bench.cloud.call("GET", f"resourcemanager{metrics}")["value"]
    assert sum(one.get("total", 0) for row in found["timeseries"] for one in row["data"]) == 2
    served.bench.cloud.ask("DELETE", app["id"])
