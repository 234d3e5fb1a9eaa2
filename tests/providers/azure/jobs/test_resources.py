"""Own resources of jobs beside runs and schedules, on a test cloud."""

from collections.abc import Iterator

import pytest
from mlops_iac_azure import lro, rest, tracking
from mlops_iac_azure.errors import NotOursError
from mlops_iac_azure.resources.batch_default import BatchDefaultHandler
from mlops_iac_azure.resources.experiment import ExperimentHandler
from mlops_iac_azure.session import Place

from tests.clouds.azure.running import Cloud
from tests.providers.azure.world import TAGS, azure, call_on, ground, point, workspace


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with azure() as cloud:
        yield cloud


@pytest.fixture
def place(running: Cloud, monkeypatch: pytest.MonkeyPatch) -> Place:
    running.reset()
    point(running, monkeypatch)
    where = ground(call_on(running))
    workspace(where)
    return where


def _experiment(description: str = "compared", **tags: str) -> dict[str, object]:
    return {"name": "delays", "description": description, "tags": {**TAGS, **tags}}


def test_an_experiment_is_made_once_described_and_kept(place: Place, running: Cloud) -> None:
    handler, call = ExperimentHandler(), call_on(running)

    made, state = handler.create(_experiment(), call)
    again, _ = handler.create(_experiment(), call)
    handler.update(made, state, _experiment("compared anew"), call)
    handler.delete(made, state, call)

    found = handler.read(made, state, call)
    assert made == again == "delays"
    assert found is not None
    assert found.inputs == _experiment("compared anew")
    assert state["address"] == tracking.address(place)


def test_an_experiment_of_somebody_else_is_refused(place: Place, running: Cloud) -> None:
    del place
    handler, call = ExperimentHandler(), call_on(running)
    handler.create(_experiment(), call)

    with pytest.raises(NotOursError, match="shop/dev"):
        handler.create(_experiment(**{"mlops-iac-stack": "prod"}), call)


def test_a_jobs_run_takes_metrics_and_parameters(place: Place, running: Cloud) -> None:
    command = {"jobType": "Command", "command": "true", "environmentId": "azureml:e:1"}
    path = place.in_workspace("jobs", "one")
    rest.call(place, "PUT", path, {"properties": {**command, "experimentName": "delays"}})

    tracking.log(place, "one", {"auc": 0.9}, {"depth": 3}, now=1_000)

    told = tracking.ask(place, "GET", "runs/get", {"run_id": "one"})["run"]["data"]
    assert [(row["key"], row["value"]) for row in told["metrics"]] == [("auc", 0.9)]
    assert {"key": "depth", "value": "3"} in told["params"]
    assert running.address


def test_an_endpoint_names_its_deployment_and_lets_it_go(place: Place, running: Cloud) -> None:
    handler, call = BatchDefaultHandler(), call_on(running)
    endpoint = place.in_workspace("batchEndpoints", "forecast-shop")
    here = {"location": place.region, "tags": dict(TAGS)}
    lro.run(place, "PUT", endpoint, {**here, "properties": {"authMode": "AADToken"}})
    configuration = {"deploymentConfigurationType": "PipelineComponent", "settings": {}}
    body = {**here, "properties": {"deploymentConfiguration": configuration}}
    lro.run(place, "PUT", f"{endpoint}/deployments/current", body)
    inputs = {"endpoint": "forecast-shop", "deployment": "current"}

    made, state = handler.create(inputs, call)
    handler.create(inputs, call)

    told = rest.call(place, "GET", endpoint)
    assert told["properties"]["defaults"] == {"deploymentName": "current"}
    assert told["tags"] == TAGS
    found = handler.read(made, state, call)
    assert found is not None
    assert found.inputs == inputs
    handler.delete(made, state, call)
    handler.delete(made, state, call)
    assert handler.read(made, state, call) is None
    lro.removed(place, f"{endpoint}/deployments/current")
