"""Drift to a better model on Google Cloud: README's loop goes round in the test cloud.

The real engine deploys it; pipelines, launchers, training, gate, check, executor and endpoint are
executed as processes, the alert, the topic, the trigger and the workflow are the cloud's.
Limits: the plugin for `gcp` is a stand-in, and processes stand for containers.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import pytest

from tests.clouds.gcp.running import Cloud, cloud
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
from tests.support.gcp_loop import ChurnStack
from tests.support.gcp_stack import everything

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

_HISTORY = ("customJobs", "executions", "pipelineJobs")


@pytest.fixture
def gcp() -> Iterator[Cloud]:
    with cloud(work="processes") as running:
        running.control("pace", operations=1)
        yield running


def test_drift_ends_in_a_better_model(
    engine: Engine, gcp: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in gcp.environment.items():
        monkeypatch.setenv(name, value)
    stack = ChurnStack.make(engine, gcp)
    before = there(gcp)
    # Pub/Sub and Eventarc hand an event over once at least.
    gcp.control("pace", copies=2)
    stack.up()
    assert states(stack)["answer"] == "waiting"
    serve_first(stack)

    assert not check(stack, has_turned=False, number=1)
    assert states(stack)["watch"] == "quiet"

    stack.learned("new", seed=3)
    assert check(stack, has_turned=True, number=2)
    assert states(stack)["watch"] == "alarm"
    the_better_model_is_served(stack)
    gcp.control("pace", copies=1)

    assert check(stack, has_turned=True, number=3)
    the_policy_cools_down(stack)
    an_hour_passes(stack)
    a_worse_model_is_refused(stack)
    # Three trainings, three checks, two gates; an endpoint serves a copy of a version.
    assert made(gcp) == {"customJobs.create": 8, "endpoints.deployModel": 2, "models.upload": 4}
    assert heard(stack) == {"alarm": 3, "incident open": 2, "run": 1}
    told_as_on_a_laptop(stack)

    assert set(stack.up()) == {"same"}
    stack.destroy()
    assert there(gcp) == before


def there(cloud: Cloud) -> set[str]:
    """Return what is in the cloud, less the history of what has run, and Google's own metrics."""
    found = (name for name in everything(cloud) if name.split("/")[-2] not in _HISTORY)
    return {name for name in found if "/metricDescriptors/aiplatform.googleapis.com/" not in name}


def made(cloud: Cloud) -> Mapping[str, int]:
    """Return how often something that costs was done."""
    wanted = ("customJobs.create", "endpoints.deployModel", "models.upload")
    calls = cloud.control("calls", service="aiplatform")
    done = [call["method"] for call in calls if call["status"] == HTTPStatus.OK]
    return Counter(name for method in done for name in wanted if method.endswith(name))


def heard(stack: ChurnStack) -> Mapping[str, int]:
    """Return how often the policy was woken, by what."""
    return Counter(_kind(message) for message in stack.told())


def _kind(message: Mapping[str, Any]) -> str:
    if "incident" in message:
        return f"incident {message['incident']['state']}"
    return "run" if "run" in message else "alarm"
