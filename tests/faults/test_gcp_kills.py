"""SIGKILL of everything in the middle of `up` and `destroy` on Google Cloud, at chosen calls.

Proves that after `recover` and the same command nothing is doubled, lost, locked or left, whether
the killed call had its effect or not. Limits: the plugin is a stand-in; it adopts nothing, as the
official one does not; one call at a time is tried.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.clouds.gcp.running import Cloud, cloud
from tests.support.cloud_laptop import MOMENTS, CloudLaptop, seeds
from tests.support.gcp_stack import GcpStack, everything

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

NUMBERED = (
    ("aiplatform", "schedules.create"),
    ("aiplatform", "tensorboards.create"),
    ("monitoring", "alertPolicies.create"),
    ("monitoring", "notificationChannels.create"),
)
"""What Google numbers: made again, it would be there twice."""
CREATIONS = (
    *(2 * NUMBERED),
    ("aiplatform", "endpoints.create"),
    ("aiplatform", "pipelineJobs.create"),
    ("artifactregistry", "repositories.create"),
    ("bigquery", "datasets.insert"),
    ("cloudkms", "cryptoKeys.create"),
    ("cloudkms", "keyRings.create"),
    ("compute", "networks.insert"),
    ("compute", "subnetworks.insert"),
    ("dns", "managedZones.create"),
    ("eventarc", "triggers.create"),
    ("iam", "roles.create"),
    ("iam", "serviceAccounts.create"),
    ("networkconnectivity", "serviceConnectionPolicies.create"),
    ("pubsub", "topics.create"),
    ("storage", "buckets.insert"),
    ("workflows", "workflows.create"),
)
DELETIONS = (
    ("aiplatform", "endpoints.delete"),
    ("aiplatform", "schedules.delete"),
    ("artifactregistry", "repositories.delete"),
    ("compute", "networks.delete"),
    ("eventarc", "triggers.delete"),
    ("iam", "roles.delete"),
    ("iam", "serviceAccounts.delete"),
    ("monitoring", "alertPolicies.delete"),
    ("storage", "buckets.delete"),
)
HISTORY = {"metadataStores", "pipelineJobs"}
"""What Google keeps of what has run."""
QUICK_SEED = 31
DEEP_SEEDS = (4, 5, 9, 12, 13, 16, 17, 21, 23, 24, 27, 30, 34, 35, 39)


@pytest.fixture
def gcp() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


def call(names: tuple[str, str]) -> Mapping[str, str]:
    """Return what of the cloud's is to be held."""
    return dict(zip(("service", "method"), names, strict=True))


@pytest.mark.parametrize("seed", seeds(QUICK_SEED, *DEEP_SEEDS))
def test_a_kill_is_mended_by_recover_and_the_same_again(
    tmp_path: Path, gcp: Cloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in gcp.environment.items():
        monkeypatch.setenv(name, value)
    chance, empty = random.Random(seed), everything(gcp)
    laptop = CloudLaptop.with_loop(tmp_path / "shop", gcp, GcpStack)

    laptop.kill_at(call(chance.choice(CREATIONS)), chance.choice(MOMENTS), "up")
    laptop.run("recover")
    laptop.run("up")
    assert twice(gcp) == {}
    assert laptop.json("up")["changes"].keys() == {"same"}

    laptop.kill_at(call(chance.choice(DELETIONS)), chance.choice(MOMENTS), "destroy", "--yes")
    laptop.run("recover")
    # Meanwhile Google goes on; here an operation goes on when somebody looks.
    gcp.call("GET", f"aiplatform/v1/{gcp.location}/endpoints")
    laptop.run("destroy", "--yes")
    left = everything(gcp)
    assert empty <= left
    assert {name.split("/")[-2] for name in left - empty} <= HISTORY
    assert not (laptop.folder / ".mlops-iac").exists()


def twice(cloud: Cloud) -> dict[tuple[str, str], int]:
    """Return what the cloud has more than once: things of one collection that are called alike."""
    called = Counter(
        (each["name"].rpartition("/")[0], each["body"]["displayName"])
        for each in cloud.control("resources")
        if each["body"].get("displayName")
    )
    return {what: count for what, count in called.items() if count > 1}
