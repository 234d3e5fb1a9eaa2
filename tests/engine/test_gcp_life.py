"""One whole life of a stack on Google Cloud, through the real engine, in the test cloud.

Proves what a user sees of `preview`, `up`, changes from outside, an interrupted `up` and `destroy`;
the cloud itself is looked at. Limits: the plugin for `gcp` is a stand-in
(`tests/clouds/gcp/plugins`), and nothing runs in containers here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from mlops_iac_gcp import facts

from tests.clouds.gcp.running import Cloud, cloud
from tests.support.engine import Engine
from tests.support.gcp_stack import GcpStack, everything

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def gcp() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


def test_life(engine: Engine, gcp: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in gcp.environment.items():
        monkeypatch.setenv(name, value)
    stack = GcpStack.make(engine, gcp)
    empty = everything(gcp)
    assert set(stack.preview()) == {"create"}
    assert everything(gcp) == empty

    stack.up()
    assert stack.output("score", "state") == "waiting"

    stack.promote(stack.register())
    assert replicas(stack) == 1
    assert set(stack.up()) == {"same"}

    stack.wish(score={"scaling": {"replicas": 2}})
    stack.killed_at("endpoints.mutateDeployedModel")
    assert stack.up()["update"] == 1
    assert replicas(stack) == 2

    stack.promote(stack.register())
    assert set(stack.refresh()) == {"same"}
    assert replicas(stack) == 2

    before = everything(gcp)
    meddle(stack)
    assert everything(gcp) != before
    assert stack.refresh().keys() == {"same", "update", "delete"}
    assert stack.up().keys() == {"same", "update", "create"}
    assert everything(gcp) == before
    assert bucket(stack)["versioning"] == {"enabled": True}

    stack.destroy()
    assert everything(gcp) == empty


def replicas(stack: GcpStack) -> int:
    """Return how many replicas the endpoint's only deployed model has at least."""
    (deployed,) = stack.endpoint()["deployedModels"]
    return deployed["dedicatedResources"]["minReplicaCount"]


def bucket(stack: GcpStack) -> Mapping[str, Any]:
    """Return the stack's bucket as anybody sees it."""
    return stack.cloud.call("GET", f"storage/storage/v1/b/{stack.bucket}")


def meddle(stack: GcpStack) -> None:
    """Change one thing, and delete another, from outside."""
    versioning = {"versioning": {"enabled": False}}
    stack.cloud.call("PATCH", f"storage/storage/v1/b/{stack.bucket}", versioning)
    repository = facts.repository_name(stack.scope)
    operation = stack.cloud.call("DELETE", f"artifactregistry/v1/{repository}")
    stack.cloud.call("GET", f"artifactregistry/v1/{operation['name']}")
