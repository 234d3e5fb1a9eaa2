"""The deployer's permissions: of every type there is, of every call of ours, never a wildcard.

Limit: no list of Azure's operations is at hand. That each is spelled as Azure spells it, and that
they suffice, only Azure proves.
"""

import re
from pathlib import Path

import pytest
from mlops_iac_azure.arm_types import PATHS, arm_type
from mlops_iac_azure.deployer import condition, permissions
from mlops_iac_azure.deployer_table import BESIDE, DATA, PERMISSIONS
from mlops_iac_azure.resources import RESOURCES

from tests.providers.azure.harness import SUBSCRIPTION, record
from tests.providers.azure.scenarios import SCENARIOS

_ACTION = re.compile(r"Microsoft\.[A-Za-z]+(/[A-Za-z]+)+/(read|write|delete|action)")
CHOSEN = ("minimal", "regulated-customer-key", "existing-network-and-key")


@pytest.mark.parametrize("scenario", CHOSEN)
def test_every_type_that_is_registered_has_its_permissions(scenario: str, tmp_path: Path) -> None:
    recording = record(SCENARIOS[scenario].plan(tmp_path))

    types = {r.type for r in recording.records}
    own = {t for t in types if not t.startswith(("mlops-iac:index:", "pulumi:"))}

    assert own - {*PERMISSIONS} == set()


def test_each_resource_of_ours_has_its_permissions() -> None:
    assert {handler.token for handler in RESOURCES} - {*PERMISSIONS} == set()
    assert {*BESIDE} - {*PATHS} == set()


def test_an_action_is_spelled_out() -> None:
    actions = {each for table in (PERMISSIONS, DATA) for row in table.values() for each in row}

    assert [each for each in sorted(actions) if not _ACTION.fullmatch(each)] == []


def test_a_type_is_read_written_and_removed() -> None:
    assert arm_type("azure-native:storage:BlobContainer") == (
        "Microsoft.Storage/storageAccounts/blobServices/containers"
    )
    assert set(PERMISSIONS["azure-native:storage:ManagementPolicy"]) == {
        f"Microsoft.Storage/storageAccounts/managementPolicies/{verb}"
        for verb in ("delete", "read", "write")
    }


def test_the_role_of_a_plan_holds_what_its_types_ask(tmp_path: Path) -> None:
    drawn = SCENARIOS["minimal"].plan(tmp_path)
    scope = drawn.scopes["platform"]

    told = permissions(record(drawn).documents(), scope)

    role = told["role"]
    assert role["AssignableScopes"] == [f"/subscriptions/{SUBSCRIPTION}"]
    assert "Microsoft.KeyVault/vaults/write" in role["Actions"]
    assert "Microsoft.Network/privateEndpoints/write" not in role["Actions"]
    assert any(each.endswith("/blobs/write") for each in role["DataActions"])


def test_only_the_roles_of_the_plan_can_be_assigned(tmp_path: Path) -> None:
    """Who deploys makes nobody an owner: `8e3af657-…` is Azure's own `Owner`."""
    drawn = SCENARIOS["minimal"].plan(tmp_path)
    scope = drawn.scopes["platform"]

    told = permissions(record(drawn).documents(), scope)["condition"]

    assert "7f951dda-4ed3-4680-a7ca-43fe172d538d" in told
    assert "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" not in told
    assert condition([]) is None
