"""SIGKILL of everything in the middle of `up` and `destroy` on Google Cloud, at chosen calls.

Proves that after `recover` and the same command nothing is doubled, lost, locked or left, whether
the killed call had its effect or not. Limits: the plugin is a stand-in; it adopts nothing, as the
official one does not; one call at a time is tried.
"""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.clouds.gcp.running import Cloud, cloud
from tests.support.gcp_laptop import GcpLaptop
from tests.support.gcp_stack import everything

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
MOMENTS = ("hold", "hold-answer")
"""Before the call has its effect; after it, before the answer."""
LOOK_SECONDS = 5
"""Of one look whether the call has come, or the command has ended without it."""
QUICK_SEED = 31
DEEP_SEEDS = (4, 5, 9, 12, 13, 16, 17, 21, 23, 24, 27, 30, 34, 35, 39)


@pytest.fixture
def gcp() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


def seeds() -> list[object]:
    return [QUICK_SEED, *(pytest.param(seed, marks=pytest.mark.deep) for seed in DEEP_SEEDS)]


@pytest.mark.parametrize("seed", seeds())
def test_a_kill_is_mended_by_recover_and_the_same_again(
    tmp_path: Path, gcp: Cloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in gcp.environment.items():
        monkeypatch.setenv(name, value)
    chance, empty = random.Random(seed), everything(gcp)
    laptop = GcpLaptop.make(tmp_path / "shop", gcp)

    kill_at(laptop, chance.choice(CREATIONS), chance.choice(MOMENTS), "up")
    laptop.run("recover")
    laptop.run("up")
    assert twice(gcp) == {}
    assert laptop.json("up")["changes"].keys() == {"same"}

    kill_at(laptop, chance.choice(DELETIONS), chance.choice(MOMENTS), "destroy", "--yes")
    laptop.run("recover")
    # Meanwhile Google goes on; here an operation goes on when somebody looks.
    gcp.call("GET", f"aiplatform/v1/{gcp.location}/endpoints")
    laptop.run("destroy", "--yes")
    left = everything(gcp)
    assert empty <= left
    assert {name.split("/")[-2] for name in left - empty} <= HISTORY
    assert not (laptop.folder / ".mlops-iac").exists()


def kill_at(laptop: GcpLaptop, call: tuple[str, str], moment: str, *words: str) -> None:
    """Run a command, and kill all of it while the cloud holds a call."""
    service, method = call
    laptop.cloud.faults.ask(moment, method, service=service)
    command = laptop.start(*words)
    held = False
    while command.poll() is None and not held:
        held = laptop.cloud.faults.held(LOOK_SECONDS)
    assert held, (call, command.communicate())
    family = [psutil.Process(command.pid), *psutil.Process(command.pid).children(True)]
    for process in family:
        process.kill()
    psutil.wait_procs(family, timeout=10)
    laptop.cloud.faults.release()
    command.communicate(timeout=30)


def twice(cloud: Cloud) -> dict[tuple[str, str], int]:
    """Return what the cloud has more than once: things of one collection that are called alike."""
    called = Counter(
        (each["name"].rpartition("/")[0], each["body"]["displayName"])
        for each in cloud.control("resources")
        if each["body"].get("displayName")
    )
    return {what: count for what, count in called.items() if count > 1}
