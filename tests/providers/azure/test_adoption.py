"""What a killed `up` made is found by its id, which follows from its inputs."""

from pathlib import Path

import pytest
from mlops_iac_azure.adoption import KNOWN, made_id
from mlops_iac_azure.arm_types import PATHS

from tests.clouds.azure.plugins.tables import ROWS
from tests.providers.azure.harness import SUBSCRIPTION, record
from tests.providers.azure.scenarios import SCENARIOS

PROVIDER = {"subscriptionId": SUBSCRIPTION}


@pytest.mark.parametrize("scenario", ["minimal", "existing-network-and-key"])
def test_every_type_that_is_registered_can_be_found(scenario: str, tmp_path: Path) -> None:
    records = record(SCENARIOS[scenario].plan(tmp_path)).azure

    assert {each.type for each in records} - KNOWN == set()


@pytest.mark.parametrize("token", sorted(PATHS))
def test_an_id_is_the_one_that_the_stand_in_of_the_plugin_gives(token: str) -> None:
    """Two tables, written apart from each other."""
    ours = PATHS[token].replace("{scope}", "/{scope}").replace("{resourceUri}", "/{resourceUri}")

    assert ours == ROWS[token].path


def test_an_id_is_made_of_the_inputs() -> None:
    inputs = {"resourceGroupName": "g", "accountName": "a", "containerName": "c"}

    assert made_id("azure-native:storage:BlobContainer", inputs, PROVIDER) == (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Storage"
        "/storageAccounts/a/blobServices/default/containers/c"
    )
    assert made_id("azure-native:sql:Server", inputs, PROVIDER) is None


def test_an_assignment_is_found_below_what_it_is_on() -> None:
    inputs = {"scope": "/subscriptions/s/resourceGroups/g", "roleAssignmentName": "n"}

    found = made_id("azure-native:authorization:RoleAssignment", inputs, PROVIDER)

    assert found == f"{inputs['scope']}/providers/Microsoft.Authorization/roleAssignments/n"
