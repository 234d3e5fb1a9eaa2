"""SIGKILL of everything in the middle of `up` and `destroy` on Azure, at chosen calls.

Proves that after `recover` and the same command nothing is doubled, lost, locked or left, whether
the killed call had its effect or not. Limits: the plugin is a stand-in; it adopts nothing, as the
official one does not; one call at a time is tried.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_stack import AzureStack, everything
from tests.support.cloud_laptop import MOMENTS, CloudLaptop, seeds

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

ML = "Microsoft.MachineLearningServices/workspaces"
CREATIONS = (
    f"{ML}.put",
    f"{ML}/datastores.put",
    f"{ML}/jobs.put",
    f"{ML}/models.put",
    f"{ML}/onlineEndpoints.put",
    f"{ML}/schedules.put",
    "Microsoft.Authorization/roleAssignments.put",
    "Microsoft.Authorization/roleDefinitions.put",
    "Microsoft.ContainerRegistry/registries.put",
    "Microsoft.EventGrid/systemTopics.put",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions.put",
    "Microsoft.Insights/components.put",
    "Microsoft.KeyVault/vaults.put",
    "Microsoft.KeyVault/vaults/keys.put",
    "Microsoft.Logic/workflows.put",
    "Microsoft.ManagedIdentity/userAssignedIdentities.put",
    "Microsoft.Network/privateDnsZones.put",
    "Microsoft.Network/privateEndpoints.put",
    "Microsoft.Network/virtualNetworks.put",
    "Microsoft.OperationalInsights/workspaces.put",
    "Microsoft.Resources/resourceGroups.put",
    "Microsoft.Storage/storageAccounts.put",
    "Microsoft.Storage/storageAccounts/blobServices/containers.put",
)
DELETIONS = (
    f"{ML}.delete",
    f"{ML}/onlineEndpoints.delete",
    f"{ML}/schedules.delete",
    "Microsoft.Authorization/roleAssignments.delete",
    "Microsoft.ContainerRegistry/registries.delete",
    "Microsoft.EventGrid/systemTopics.delete",
    "Microsoft.KeyVault/vaults.delete",
    "Microsoft.Logic/workflows.delete",
    "Microsoft.Network/privateEndpoints.delete",
    "Microsoft.Network/virtualNetworks.delete",
    "Microsoft.Resources/resourceGroups.delete",
    "Microsoft.Storage/storageAccounts.delete",
)
QUICK_SEED = 31
DEEP_SEEDS = (4, 5, 9, 12, 13, 16, 17, 21, 23, 24, 27, 30, 34, 35, 39)


@pytest.fixture
def azure() -> Iterator[Cloud]:
    with cloud() as running:
        running.control("pace", operations=1)
        yield running


@pytest.mark.parametrize("seed", seeds(QUICK_SEED, *DEEP_SEEDS))
def test_a_kill_is_mended_by_recover_and_the_same_again(
    tmp_path: Path, azure: Cloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    chance, empty = random.Random(seed), everything(azure)
    laptop = CloudLaptop.with_loop(tmp_path / "shop", azure, AzureStack)

    laptop.kill_at({"method": chance.choice(CREATIONS)}, chance.choice(MOMENTS), "up")
    laptop.run("recover")
    laptop.run("up")
    assert laptop.json("up")["changes"].keys() == {"same"}

    laptop.kill_at({"method": chance.choice(DELETIONS)}, chance.choice(MOMENTS), "destroy", "--yes")
    laptop.run("recover")
    laptop.run("destroy", "--yes")
    assert everything(azure) == empty
    assert not (laptop.folder / ".mlops-iac").exists()
