"""One whole life of a stack on Azure, through the real engine, in the test cloud.

Proves what a user sees of `preview`, `up`, changes from outside, an interrupted `up` and `destroy`;
the cloud itself is looked at. The stack holds all fourteen kinds and a network of its own. Limits:
the plugin for `azure-native` is a stand-in (`tests/clouds/azure/plugins`), and runs succeed at
once: `test_azure_loop.py` and `test_azure_story.py` execute them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from mlops_iac_azure import facts, mutability

from tests.clouds.azure.running import Cloud, cloud
from tests.providers.azure.complete import complete
from tests.support.azure_stack import AzureStack, everything
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

ML = "Microsoft.MachineLearningServices/workspaces"
PLATFORM = {"encryption": {"rotation_days": 180}, "network": {"mode": "own"}}
SCORE = {
    "challenger": {"model": "late@challenger", "percent": 20},
    "scaling": {"replicas": 1},
    "capture": {"percent": 100},
}
CARD = {"intended_use": "demo", "owner": "team", "limitations": "New York only"}
WISH = {"platform": PLATFORM, "score": SCORE, "late": {"card": CARD}}


@pytest.fixture(scope="module")
def azure() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


def test_life(engine: Engine, azure: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    stack = AzureStack.make(engine, azure, components=complete, **WISH)
    empty = everything(azure)
    assert set(stack.preview()) == {"create"}
    assert everything(azure) == empty

    stack.up()
    assert stack.output("score", "state") == "waiting"
    assert {token for token, _ in mutability.MUTABILITY} - stack.types() == NOT_MADE

    stack.promote(stack.register())
    assert replicas(stack) == [1]
    assert set(stack.up(refresh=True)) == {"same"}

    stack.challenge(stack.register())
    stack.wish(**{**WISH, "score": {**SCORE, "scaling": {"replicas": 2}}})
    stack.killed_at("onlineEndpoints/deployments.put")
    assert stack.up()["update"] == 1
    assert replicas(stack) == [2, 2]

    stack.promote(stack.register())
    before = everything(azure)
    meddle(stack)
    assert everything(azure) != before
    # The promotion is none of it.
    refreshed = stack.refresh()
    assert (refreshed["update"], refreshed["delete"]) == (3, 3)
    mended = stack.up()
    assert (mended["update"], mended["create"]) == (3, 3)
    assert everything(azure) == before
    assert replicas(stack) == [2, 2]

    stack.destroy()
    assert everything(azure) == empty


NOT_MADE: set[str] = set()
"""Types of which a plan knows what replaces them, and which this stack has none of."""


def replicas(stack: AzureStack) -> list[int]:
    """Return how many instances each deployment of the endpoint has."""
    endpoint = facts.endpoint_name(stack.scope, "score")
    found = stack.cloud.ask("GET", f"{endpoint}/deployments")["value"]
    return [deployment["sku"]["capacity"] for deployment in found]


def meddle(stack: AzureStack) -> None:
    """Change two things, and delete others, from outside."""
    ask = stack.cloud.ask
    account = facts.account_id(stack.scope)
    ask("PATCH", account, {"properties": {"minimumTlsVersion": "TLS1_0"}})
    role = only(stack, "Microsoft.Authorization/roleDefinitions", "training")
    more = {"permissions": [{"actions": [f"{ML}/jobs/delete"]}]}
    ask("PUT", role["id"], {"properties": {**role["properties"], **more}})
    schedule = only(stack, f"{ML}/schedules", "retrain")
    ask("PUT", schedule["id"], {"properties": {**schedule["properties"], "isEnabled": False}})
    for type_, word in (
        (f"{ML}/schedules", "retrain"),
        ("Microsoft.EventGrid/systemTopics/eventSubscriptions", "refresh-alarm"),
        ("Microsoft.Logic/workflows", "refresh"),
    ):
        ask("DELETE", only(stack, type_, word)["id"])


def only(stack: AzureStack, type_: str, word: str = "") -> Mapping[str, Any]:
    """Return the one resource of a type that is called so."""
    (found,) = (
        one
        for one in stack.cloud.control("resources", type=type_)
        if word in str(one["properties"].get("roleName") or one["name"])
    )
    return found
