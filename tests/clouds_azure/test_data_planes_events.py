"""Events reach Logic Apps by Event Grid, and their runs are told.

Proves the way of the loop: filters, the handshake, tries until an event is taken, addresses that
are secrets. Limits: the work is a test's own; no dead letters, no batches.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.clouds.azure.calls import CloudError
from tests.clouds.azure.hooks import Run, RunState
from tests.clouds.azure.services import event_filters, events, workflows
from tests.clouds.azure.store import Record
from tests.clouds_azure.played import Played, played

DEFINITION = {
    "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"method": "POST"}}},
    "actions": {"answer": {"type": "If", "actions": {"told": {"type": "Response"}}}},
}
SILENT = {**DEFINITION, "actions": {"do": {"type": "Http"}}}
DONE = "Microsoft.MachineLearningServices.RunCompleted"
SECONDS = 30


@dataclass
class Apps:
    """Work that answers a handshake, and refuses the first so many events."""

    refusals: int = 0
    taken: list[Any] = field(default_factory=list[Any])
    heard: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self, run: Run) -> None:
        """Answer as the Logic App of a test would."""
        [event] = run.request["trigger"]["body"]
        code = event["data"].get("validationCode")
        if code:
            run.update(response={"statusCode": 200, "body": {"validationResponse": code}})
        elif self.refusals:
            self.refusals -= 1
            run.update(response={"statusCode": 503})
        else:
            self.taken.append((event, run.request["trigger"]["headers"]))
            run.update(response={"statusCode": 202, "body": "", "headers": {"x": "y"}})
            self.heard.release()
        run.finish(RunState.SUCCEEDED, actions={"told": {"status": "Succeeded"}})

    def look(self, run: Run) -> None:
        """There is nothing to look at."""

    def retire(self, run: Run) -> None:
        """There is nothing to end."""

    def close(self) -> None:
        """There is nothing to end."""


@pytest.fixture
def apps() -> Apps:
    """The work."""
    return Apps()


@pytest.fixture
def cloud(apps: Any) -> Iterator[Played]:
    """A cloud with a workspace `w`."""
    with played(apps) as made:
        made.make("Microsoft.MachineLearningServices/workspaces", "w")
        yield made


@pytest.fixture
def app(cloud: Played) -> Record:
    """A Logic App."""
    return cloud.make("Microsoft.Logic/workflows", "loop", {"definition": DEFINITION})


def _subscribed(cloud: Played, address: str, **told: Any) -> Record:
    workspace = f"{cloud.group}/providers/Microsoft.MachineLearningServices/workspaces/w"
    cloud.make("Microsoft.EventGrid/systemTopics", "t", {"source": workspace})
    destination = {"endpointType": "WebHook", "properties": {"endpointUrl": address}}
    own = {"destination": destination, "eventDeliverySchema": "EventGridSchema", **told}
    return cloud.make("Microsoft.EventGrid/systemTopics/eventSubscriptions", "t/s", own)


def _emit(cloud: Played, kind: str = DONE, **tags: str) -> None:
    source = f"{cloud.group}/providers/Microsoft.MachineLearningServices/workspaces/W"
    data = {"runId": "r", "runTags": tags}
    cloud.world.holding(lambda: cloud.world.emit(source, kind, "experiments/e/runs/r", data))


def _posted(cloud: Played, address: str, body: Any, verb: str = "POST") -> tuple[int, Any]:
    told = cloud.ask(verb, address, body)
    return told.status_code, told.json() if told.ok else told.json()["error"]["code"]


def test_an_event_that_passes_the_filter_is_posted_until_it_is_taken(
    cloud: Played, app: Record, apps: Apps
) -> None:
    tag = {"operatorType": "StringIn", "key": "data.runTags.policy", "values": ["Churn"]}
    told = {"includedEventTypes": [DONE], "advancedFilters": [tag]}
    address = workflows.address(cloud.world, app, "manual")
    events.validate(cloud.world, _subscribed(cloud, address, filter=told))
    apps.refusals = 2
    _emit(cloud, policy="other")
    _emit(cloud, "Microsoft.MachineLearningServices.ModelRegistered", policy="churn")
    _emit(cloud, policy="churn")
    assert apps.heard.acquire(timeout=SECONDS)
    [(event, headers)] = apps.taken
    assert (event["eventType"], event["data"]["runTags"]) == (DONE, {"policy": "churn"})
    assert (headers["aeg-event-type"], headers["aeg-delivery-count"]) == ("Notification", "2")
    runs = [one.properties for one in cloud.world.store.of_type("Microsoft.Logic/workflows/runs")]
    assert [one["status"] for one in runs] == ["Succeeded"] * 4  # the handshake is one


def test_an_event_may_come_twice_and_as_a_cloud_event(
    cloud: Played, app: Record, apps: Apps
) -> None:
    address = workflows.address(cloud.world, app, "manual")
    subscription = _subscribed(cloud, address)
    cloud.world.pace["copies"] = 2
    _emit(cloud)
    assert all(apps.heard.acquire(timeout=SECONDS) for _ in range(2))
    assert apps.taken[0][0]["id"] == apps.taken[1][0]["id"]
    subscription.properties["eventDeliverySchema"] = "CloudEventSchemaV1_0"
    with pytest.raises(CloudError, match="OPTIONS request failed with response code 405"):
        events.validate(cloud.world, subscription)


def test_a_webhook_that_says_nothing_is_not_subscribed(cloud: Played) -> None:
    silent = cloud.make("Microsoft.Logic/workflows", "silent", {"definition": SILENT})
    subscription = _subscribed(cloud, workflows.address(cloud.world, silent, "manual"))
    with pytest.raises(CloudError, match="handshake failed"):
        events.validate(cloud.world, subscription)


def test_only_who_knows_a_triggers_address_sets_it_off(cloud: Played, app: Record) -> None:
    address = workflows.address(cloud.world, app, "manual")
    body = [{"data": {"validationCode": "7"}}]
    assert _posted(cloud, address, body) == (200, {"validationResponse": "7"})
    assert _posted(cloud, f"{address}x", body) == (401, "DirectApiAuthorizationRequired")
    assert _posted(cloud, address, body, "PUT") == (405, "MethodNotAllowed")
    app.properties["state"] = "Disabled"
    assert _posted(cloud, address, body) == (400, "WorkflowTriggerIsNotEnabled")


EVENT: Any = {
    "eventType": DONE,
    "subject": "experiments/e/runs/r",
    "data": {"n": 3, "yes": True, "tags": {"a": "Some text"}},
}


@pytest.mark.parametrize(
    ("told", "passes"),
    [
        ({"subjectBeginsWith": "EXPERIMENTS/"}, True),
        ({"subjectEndsWith": "x"}, False),
        ({"includedEventTypes": ["All"]}, True),
        ([("StringContains", "data.tags.a", ["none", "TEXT"])], True),
        ([("StringNotIn", "data.tags.b", ["x"])], True),
        ([("StringIn", "data.tags.b", ["x"])], False),
        ([("StringBeginsWith", "Data.tags.a", ["some"]), ("NumberIn", "data.n", [4])], False),
        ([("NumberInRange", "data.n", [[1, 3]])], True),
        ([("BoolEquals", "data.yes", True), ("IsNotNull", "data.tags", None)], True),
        ([("IsNullOrUndefined", "data.nope.deeper", None)], True),
        ([("IsNullOrUndefined", "data.n", None)], False),
    ],
)
def test_filters_are_event_grids(told: Any, passes: bool) -> None:
    if isinstance(told, list):
        told = {"advancedFilters": [_filter(*one) for one in told]}
    event_filters.judge(told)
    assert event_filters.passes(told, EVENT) is passes


def _filter(operator: str, key: str, values: Any) -> Any:
    own = {"operatorType": operator, "key": key}
    return own | ({"values": values} if isinstance(values, list) else {"value": values})
