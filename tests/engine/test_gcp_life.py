"""One whole life of a stack on Google Cloud, through the real engine, in the test cloud.

Proves what a user sees of `preview`, `up`, changes from outside, an interrupted `up` and `destroy`;
the cloud itself is looked at. The stack holds all fourteen kinds and a network of its own. Limits:
the plugin for `gcp` is a stand-in (`tests/clouds/gcp/plugins`), and runs succeed at once:
`test_gcp_loop.py` and `test_gcp_story.py` execute them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from mlops_iac_gcp import mutability

from tests.clouds.gcp.running import Cloud, cloud
from tests.providers.gcp.complete import complete
from tests.support.engine import Engine
from tests.support.gcp_stack import GcpStack, everything

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

PLATFORM = {"encryption": {"rotation_days": 180}, "network": {"mode": "own"}}
SCORE = {
    "challenger": {"model": "late@challenger", "percent": 20},
    "scaling": {"replicas": 1},
    "capture": {"percent": 100},
}
CARD = {"intended_use": "demo", "owner": "team", "limitations": "New York only"}
WISH = {"platform": PLATFORM, "score": SCORE, "late": {"card": CARD}}
NOT_MADE = {
    # Kept logs belong to profiles that protect data; what they protect would be left here.
    "gcp:logging/projectBucketConfig:ProjectBucketConfig",
    "gcp:logging/projectSink:ProjectSink",
    # Nothing here reads a secret or answers later: `test_gcp_plugin.py` has them.
    "gcp:pubsub/subscription:Subscription",
    "gcp:secretmanager/secretIamMember:SecretIamMember",
}


HISTORY = {"builds", "metadataStores", "pipelineJobs"}
"""What Google keeps of what has run: it costs nothing."""


@pytest.fixture(scope="module")
def gcp() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


def test_life(engine: Engine, gcp: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in gcp.environment.items():
        monkeypatch.setenv(name, value)
    stack = GcpStack.make(engine, gcp, components=complete, **WISH)
    empty = everything(gcp)
    assert set(stack.preview()) == {"create"}
    assert everything(gcp) == empty

    stack.up()
    assert stack.output("score", "state") == "waiting"
    assert mutability.ROWS.keys() - stack.types() == NOT_MADE

    stack.promote(stack.register())
    assert replicas(stack) == [1]
    assert set(stack.up(refresh=True)) == {"same"}

    stack.challenge(stack.register())
    stack.wish(**{**WISH, "score": {**SCORE, "scaling": {"replicas": 2}}})
    stack.killed_at("endpoints.mutateDeployedModel")
    assert stack.up()["update"] == 1
    assert replicas(stack) == [2, 2]

    stack.promote(stack.register())
    before = called(gcp)
    meddle(stack)
    assert called(gcp) != before
    # The promotion is none of it.
    refreshed = stack.refresh()
    assert (refreshed["update"], refreshed["delete"]) == (2, 4)
    mended = stack.up()
    assert (mended["update"], mended["create"]) == (2, 4)
    assert called(gcp) == before
    assert bucket(stack)["versioning"] == {"enabled": True}
    assert replicas(stack) == [2, 2]

    stack.destroy()
    left = everything(gcp)
    assert empty <= left
    assert {name.split("/")[-2] for name in left - empty} <= HISTORY


def replicas(stack: GcpStack) -> list[int]:
    """Return how many replicas each deployed model of the endpoint has at least."""
    deployed = stack.endpoint()["deployedModels"]
    return [model["dedicatedResources"]["minReplicaCount"] for model in deployed]


def bucket(stack: GcpStack) -> Mapping[str, Any]:
    """Return the stack's bucket as anybody sees it."""
    return stack.cloud.call("GET", f"storage/storage/v1/b/{stack.bucket}")


def called(cloud: Cloud) -> set[str]:
    """Return what is in the cloud, by the names that a user reads: no numbers of Google's."""
    found = cloud.control("resources")
    shown = {one["name"]: one["body"].get("displayName") for one in found}
    return {
        f"{name.rpartition('/')[0]}/{shown[name]}" if shown.get(name) else name
        for name in everything(cloud)
    }


def meddle(stack: GcpStack) -> None:
    """Change two things, and delete others, from outside."""
    call = stack.cloud.call
    call("PATCH", f"storage/storage/v1/b/{stack.bucket}", {"versioning": {"enabled": False}})
    role = only(stack, "iam", "roles", "filling")
    more = {"includedPermissions": ["iam.roles.create", "storage.objects.list"]}
    call("PATCH", f"iam/v1/{role}?updateMask=includedPermissions", more)
    rule = only(stack, "compute", "firewalls", "in-peers")
    call("DELETE", f"compute/compute/v1/{rule}")
    for service, collection, word in (
        ("aiplatform", "schedules", "retrain"),
        ("eventarc", "triggers", ""),
        ("workflows", "workflows", ""),
    ):
        name = only(stack, service, collection, word)
        operation = call("DELETE", f"{service}/v1/{name}")
        call("GET", f"{service}/v1/{operation['name']}")


def only(stack: GcpStack, service: str, collection: str, word: str = "") -> str:
    """Return the name of the one thing of a collection that is called so."""
    (name,) = (
        one["name"]
        for one in stack.cloud.control("resources", service=service)
        if one["name"].split("/")[-2] == collection
        and word in one["body"].get("displayName", one["name"])
    )
    return name
