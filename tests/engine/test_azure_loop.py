"""Drift to a better model on Azure: README's loop goes round in the test cloud.

The real engine deploys it; pipelines, training, gate, check, executor and endpoint are executed as
processes, the events, the Logic App and the schedules are the cloud's. Role assignments decide who
may do what, once the lake's owner has let the stack's identities read it.
Limits: the plugin for `azure-native` is a stand-in, and processes stand for containers.
"""

from collections.abc import Iterator

import pytest

from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_loop import ChurnStack
from tests.support.azure_stack import everything
from tests.support.churn_loop import (
    a_worse_model_is_refused,
    an_hour_passes,
    check,
    serve_first,
    states,
    the_better_model_is_served,
    the_policy_cools_down,
    told_as_on_a_laptop,
)
from tests.support.engine import Engine

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

BAD_REQUEST = 400
ML = "Microsoft.MachineLearningServices/workspaces"


@pytest.fixture
def azure() -> Iterator[Cloud]:
    with cloud(work="processes") as running:
        running.control("pace", operations=1)
        yield running


def test_drift_ends_in_a_better_model(
    engine: Engine, azure: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    stack = ChurnStack.make(engine, azure)
    before = everything(azure)
    # Event Grid hands an event over once at least.
    azure.control("pace", copies=2)
    stack.up()
    stack.share_lake()
    azure.control("roles", decide=True)
    assert states(stack)["answer"] == "waiting"
    serve_first(stack)

    assert not check(stack, has_turned=False, number=1)
    assert states(stack)["watch"] == "quiet"

    stack.learned("new", seed=3)
    assert check(stack, has_turned=True, number=2)
    assert states(stack)["watch"] == "alarm"
    the_better_model_is_served(stack)
    azure.control("pace", copies=1)

    assert check(stack, has_turned=True, number=3)
    the_policy_cools_down(stack)
    an_hour_passes(stack)
    a_worse_model_is_refused(stack)
    # The version that was trained first, and the better one.
    assert deployed(azure) == 2
    assert set(stack.told()) == {"Succeeded"}
    told_as_on_a_laptop(stack)

    assert set(stack.up()) == {"same"}
    stack.destroy()
    assert {one for one in everything(azure) if one not in stack.shares()} == before


def deployed(cloud: Cloud) -> int:
    """Return how often a deployment was made or changed."""
    calls = cloud.control("calls", service="resourcemanager")
    wanted = f"{ML}/onlineEndpoints/deployments.put"
    return sum(call["method"] == wanted and call["status"] < BAD_REQUEST for call in calls)
