"""A job's end sets off a Logic App, all by Azure Resource Manager's own requests.

Proves that topics, subscriptions, addresses and runs fit together. Limit: simulated work, so that a
Logic App does nothing.
"""

from typing import Any

import pytest

from tests.clouds.azure.running import Cloud, Refused
from tests.clouds_azure.asking import ML, Site

DEFINITION = {
    "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/"
    "2016-06-01/workflowdefinition.json#",
    "contentVersion": "1.0.0.0",
    "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}},
    "actions": {},
}


class Loop:
    """A Logic App, and the workspace's topic."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.app = site.id("Microsoft.Logic/workflows", "loop")
        self.topic = site.id("Microsoft.EventGrid/systemTopics", "work")
        site.put(self.app, {"definition": DEFINITION, "state": "Enabled"}, **site.place)
        told = {"source": site.ml(""), "topicType": f"{ML}.Workspaces"}
        site.put(self.topic, told, **site.place)

    def subscribe(self, address: str, policy: str) -> Any:
        """Subscribe an address to ends of runs with a tag."""
        term = {"operatorType": "StringIn", "key": "data.RunTags.policy", "values": [policy]}
        kinds = [f"{ML}.RunCompleted"]
        destination = {"endpointType": "WebHook", "properties": {"endpointUrl": address}}
        return self.site.put(
            f"{self.topic}/eventSubscriptions/{policy}",
            {
                "destination": destination,
                "filter": {"includedEventTypes": kinds, "advancedFilters": [term]},
                "eventDeliverySchema": "EventGridSchema",
            },
        )

    @property
    def address(self) -> str:
        """The trigger's address."""
        path = f"{self.app}/triggers/manual/listCallbackUrl"
        return self.site.cloud.ask("POST", path)["value"]

    def runs(self) -> list[Any]:
        """Return the runs, newest first."""
        return self.site.get(f"{self.app}/runs")["value"]

    def job(self, name: str, **tags: str) -> None:
        """Start a job and look until it has ended."""
        environment = self.site.environment()
        told = {"jobType": "Command", "command": "true", "environmentId": environment, "tags": tags}
        own = self.site.ml("jobs", name)
        self.site.put(own, {**told, "resources": {"instanceType": "Standard_DS3_v2"}})
        for _ in range(10):
            if self.site.get(own)["properties"]["status"] == "Completed":
                return
        raise AssertionError(f"`{name}` never ended")


@pytest.fixture
def loop(site: Site) -> Loop:
    """The loop."""
    return Loop(site)


def _waited(cloud: Cloud, count: int) -> None:
    """Wait until the Logic App was called so often: who emits an event does not."""
    for _ in range(2000):
        if len(cloud.control("calls", service="logic")) >= count:
            return
    raise AssertionError(cloud.control("calls", service="logic"))


def test_the_end_of_a_tagged_job_runs_the_app(loop: Loop, cloud: Cloud) -> None:
    told = loop.subscribe(loop.address, "churn")
    shown = told["properties"]["destination"]["properties"]
    assert (set(shown), "sig=" in str(told)) == ({"endpointBaseUrl"}, False)
    path = f"{loop.topic}/eventSubscriptions/churn/getFullUrl"
    assert cloud.ask("POST", path)["endpointUrl"] == loop.address
    loop.job("other")
    loop.job("check", policy="churn")
    _waited(cloud, 2)  # the handshake is one
    newest = loop.runs()[0]["properties"]
    assert newest["trigger"]["name"] == "manual"
    run = loop.runs()[0]["id"]
    assert [loop.site.get(run)["properties"]["status"] for _ in range(3)][-1] == "Succeeded"


def test_an_address_of_nobody_is_not_subscribed(loop: Loop, cloud: Cloud) -> None:
    with pytest.raises(Refused, match="handshake failed"):
        loop.subscribe(f"{cloud.address}/logic/workflows/nope/triggers/manual/paths/invoke", "x")
    with pytest.raises(Refused, match="404"):
        loop.site.get(f"{loop.topic}/eventSubscriptions/x")
    with pytest.raises(Refused, match="no key, or an operator"):
        cloud.ask(
            "PUT",
            f"{loop.topic}/eventSubscriptions/x",
            {
                "properties": {
                    "destination": {
                        "endpointType": "WebHook",
                        "properties": {"endpointUrl": loop.address},
                    },
                    "filter": {"advancedFilters": [{"operatorType": "StringIn", "key": ""}]},
                }
            },
        )
