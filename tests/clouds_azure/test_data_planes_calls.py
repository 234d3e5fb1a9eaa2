"""Endpoints take calls and metrics are told.

Proves who may call, which deployment answers, what is mirrored, what is counted. Limits: the work
is a test's own; an alert looks at each point alone.
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from tests.clouds.azure import tokens
from tests.clouds.azure.addresses import USER
from tests.clouds.azure.hooks import Invocation, Reply, Run, RunKind, Simulated
from tests.clouds.azure.services import alerts, inference, metrics
from tests.clouds.azure.store import Record
from tests.clouds_azure.played import Played, played

KEY = "primaryKey-of-churn"


class Named(Simulated):
    """Deployments that answer with their names; `bad` fails."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[tuple[str, Invocation]] = []

    def invoke(self, run: Run, invocation: Invocation) -> Reply:
        """Answer."""
        self.called.append((run.id, invocation))
        return Reply(500 if run.id == "bad" else 200, run.id.encode())


@pytest.fixture
def work() -> Named:
    """The work."""
    return Named()


@pytest.fixture
def cloud(work: Named) -> Iterator[Played]:
    """A cloud."""
    with played(work) as made:
        yield made


@pytest.fixture
def endpoint(cloud: Played) -> Record:
    """An endpoint with the deployments `one`, `two`, `bad`."""
    record = cloud.make(inference.ENDPOINT, "w/churn", {"authMode": "Key", "traffic": {}})
    world = cloud.world

    def deploy(name: str) -> None:
        world.begin(RunKind.DEPLOYMENT, f"{record.id}/deployments/{name}", {}, lambda *_: None)

    for name in ("one", "two", "bad"):
        world.holding(partial(deploy, name))
    return record


def _scored(cloud: Played, key: str = KEY, **headers: str) -> tuple[int, str, Any]:
    told = cloud.ask(
        "POST", "inference/churn/score?x=1", {}, Authorization=f"Bearer {key}", **headers
    )
    return told.status_code, told.text, told.headers


def test_traffic_is_split_in_a_seeded_order(cloud: Played, endpoint: Record) -> None:
    assert _scored(cloud)[0] == 404
    endpoint.properties["traffic"] = {"one": 80, "two": 20, "bad": 0}
    counted = Counter(_scored(cloud)[1] for _ in range(50))
    assert counted["bad"] == 0
    assert 5 <= counted["two"] <= 15
    told = _scored(cloud, azureml_model_deployment="two")
    assert (told[1], told[2]["azureml-model-deployment"]) == ("two", "two")
    assert _scored(cloud, azureml_model_deployment="nope")[0] == 404


def test_a_mirror_gets_a_copy_and_its_answer_is_nobodys(
    cloud: Played, endpoint: Record, work: Named
) -> None:
    endpoint.properties.update({"traffic": {"one": 100}, "mirrorTraffic": {"bad": 50}})
    assert {_scored(cloud)[1] for _ in range(20)} == {"one"}
    counted = Counter(name for name, _ in work.called)
    assert counted["one"] == 20
    assert 5 <= counted["bad"] <= 15
    assert {(one.method, one.path, one.body) for _, one in work.called} == {
        ("POST", "/score?x=1", b"{}")
    }


def test_a_models_error_is_told_as_such_and_counted(cloud: Played, endpoint: Record) -> None:
    endpoint.properties["traffic"] = {"bad": 100}
    status, body, headers = _scored(cloud)
    assert (status, body) == (424, "bad")
    assert headers["ms-azureml-model-error-statuscode"] == "500"
    [point] = metrics.points(cloud.world)
    assert (point.metric, point.dimensions["deployment"]) == ("RequestsPerMinute", "bad")
    assert point.dimensions["statusCodeClass"] == "4xx"


@pytest.mark.parametrize(
    ("mode", "key", "status"),
    [
        ("Key", "wrong", 401),
        ("AMLToken", KEY, 401),
        ("AMLToken", "token-of-churn", 200),
        ("AADToken", KEY, 401),
        ("AADToken", tokens.make(USER, tokens.STORAGE[0]), 401),
        ("AADToken", tokens.make(USER, tokens.MACHINE_LEARNING[0]), 200),
    ],
)
def test_an_endpoint_asks_for_its_own_kind_of_secret(
    cloud: Played, endpoint: Record, mode: str, key: str, status: int
) -> None:
    endpoint.properties.update({"traffic": {"one": 100}, "authMode": mode})
    assert _scored(cloud, key)[0] == status


def test_points_are_written_read_and_watched(cloud: Played) -> None:
    workspace = cloud.make("Microsoft.MachineLearningServices/workspaces", "w")
    group = cloud.make(alerts.GROUP, "people", {"webhookReceivers": []})
    criterion = {"name": "c", "metricName": "drift", "operator": "GreaterThan", "threshold": 0.5}
    criterion |= {"timeAggregation": "Average", "dimensions": []}
    own = {"scopes": [workspace.id], "criteria": {"allOf": [criterion]}, "enabled": True}
    alert = cloud.make(alerts.ALERT, "a", {**own, "actions": [{"actionGroupId": group.id}]})
    for value, feature in ((0.2, "x"), (0.8, "y"), (0.9, "x"), (0.1, "y")):
        series = {"dimValues": [feature], "min": value, "max": value, "sum": value, "count": 1}
        base = {"metric": "drift", "namespace": "mlops", "dimNames": ["f"], "series": [series]}
        body = {"time": cloud.world.clock.stamp(), "data": {"baseData": base}}
        path = f"metrics{workspace.id}/metrics"
        assert cloud.ask("POST", path, body, audience=tokens.MONITOR[0]).ok
    query = "metricnames=drift&interval=full&aggregation=Average,Maximum,Count&$filter=f eq '*'"
    path = f"{workspace.id}/providers/Microsoft.Insights/metrics?api-version=2024-02-01&{query}"
    told = cloud.ask("GET", f"resourcemanager{path}", audience=tokens.MANAGEMENT[0])
    [metric] = told.json()["value"]
    found = {one["metadatavalues"][0]["value"]: one["data"] for one in metric["timeseries"]}
    [data] = found["x"]
    assert (data["maximum"], data["count"], round(data["average"], 3)) == (0.9, 2.0, 0.55)
    changes = [(one["alert"], one["state"]) for one in alerts.fired(cloud.world)]
    assert changes == [(alert.id, "Fired"), (alert.id, "Resolved")]
