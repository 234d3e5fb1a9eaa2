"""What the platform registers, by profile, key and network.

Proves inputs and options; the contract suite proves that Azure's models take them. That Azure
itself behaves so is proved by nobody here.
"""

from collections.abc import Callable

import pytest

from tests.providers.azure.harness import DIGEST, SUBSCRIPTION, Recording
from tests.providers.azure.scenarios import KEY, NETWORK

Recorded = Callable[[str], Recording]

HOLDS_DATA = (
    "resources:ResourceGroup",
    "storage:StorageAccount",
    "storage:BlobContainer",
    "keyvault:Vault",
    "containerregistry:Registry",
    "operationalinsights:Workspace",
    "machinelearningservices:Workspace",
    "machinelearningservices:ModelContainer",
)


@pytest.mark.parametrize("kind", HOLDS_DATA)
def test_prod_protects_what_holds_data_and_dev_does_not(recorded: Recorded, kind: str) -> None:
    """Removal follows the profile."""
    assert all(r.protect for r in recorded("prod").of(kind))
    assert not any(r.protect for r in recorded("minimal").of(kind))


@pytest.mark.parametrize(
    ("scenario", "access"),
    [("prod", "Enabled"), ("own-network", "Disabled"), ("existing-network-and-key", "Disabled")],
)
def test_stores_close_their_public_door_where_there_is_a_network(
    recorded: Recorded, scenario: str, access: str
) -> None:
    """`security.md` 1.4. Without a network nobody could reach them, not even `up`."""
    recording = recorded(scenario)

    stores = ("StorageAccount", "containerregistry:Registry", "machinelearningservices:Workspace")
    assert {recording.one(kind).inputs["publicNetworkAccess"] for kind in stores} == {access}
    assert recording.one("Vault").inputs["properties"]["publicNetworkAccess"] == access


def test_every_profile_keeps_secrets_out_of_reach(recorded: Recorded) -> None:
    """No shared keys, no admin user, no anonymous reader, no access policies."""
    for scenario in ("minimal", "prod", "regulated-customer-key"):
        recording = recorded(scenario)
        account = recording.one("StorageAccount").inputs
        registry = recording.one("containerregistry:Registry").inputs
        vault = recording.one("Vault").inputs["properties"]
        workspace = recording.one("machinelearningservices:Workspace").inputs

        assert (account["allowSharedKeyAccess"], account["allowBlobPublicAccess"]) == (False, False)
        assert account["minimumTlsVersion"] == "TLS1_2"
        assert (registry["adminUserEnabled"], registry["anonymousPullEnabled"]) == (False, False)
        assert (vault["enableRbacAuthorization"], "accessPolicies" in vault) == (True, False)
        assert workspace["identity"]["type"] == "UserAssigned"
        assert workspace["systemDatastoresAuthMode"] == "Identity"


def test_regulated_is_stricter_than_prod(recorded: Recorded) -> None:
    """Hardware keys, longer logs, sensitive workspace."""
    recording = recorded("regulated-customer-key")

    assert recording.one("Vault").inputs["properties"]["sku"]["name"] == "premium"
    assert recording.one("operationalinsights:Workspace").inputs["retentionInDays"] == 730
    assert recording.one("machinelearningservices:Workspace").inputs["hbiWorkspace"] is True


def test_dev_has_no_access_logs_of_stores_and_prod_has_all(recorded: Recorded) -> None:
    """Logs of the workspace and the endpoint are always kept."""
    dev = {r.name for r in recorded("minimal").of("DiagnosticSetting")}
    prod = {r.name for r in recorded("prod").of("DiagnosticSetting")}

    assert dev == {"platform-workspace-logs", "score-logs"}
    assert prod - dev == {"platform-store-logs", "platform-registry-logs", "platform-vault-logs"}


def test_a_customer_key_encrypts_every_store_and_rotates(recorded: Recorded) -> None:
    """One key; an identity of its own uses it."""
    recording = recorded("regulated-customer-key")
    key = recording.one("VaultKey").inputs

    assert (key["type"], key["rotationDays"]) == ("RSA-HSM", 180)
    account = recording.one("StorageAccount").inputs
    assert account["encryption"]["keySource"] == "Microsoft.Keyvault"
    assert recording.one("containerregistry:Registry").inputs["encryption"]["status"] == "enabled"
    workspace = recording.one("machinelearningservices:Workspace").inputs
    assert workspace["encryption"]["status"] == "Enabled"
    assert workspace["enableServiceSideCMKEncryption"] is True


def test_an_existing_key_is_used_where_it_lies(recorded: Recorded) -> None:
    """Nothing is made in the foreign vault but the assignment on the key."""
    recording = recorded("existing-network-and-key")
    properties = recording.one("machinelearningservices:Workspace").inputs["encryption"]

    assert recording.of("VaultKey") == []
    assert properties["keyVaultProperties"] == {
        "keyIdentifier": "https://corporate.vault.azure.net/keys/ml/0123456789abcdef",
        "keyVaultArmId": KEY.partition("/keys/")[0],
    }
    scopes = [r.inputs["scope"] for r in recording.of("RoleAssignment") if "on-key" in r.name]
    assert scopes == [KEY]


def test_an_existing_network_gets_private_endpoints_and_jobs(recorded: Recorded) -> None:
    """Jobs in the first subnet, private endpoints in the last, names resolved in the network."""
    recording = recorded("existing-network-and-key")
    endpoints = recording.of("network:PrivateEndpoint")
    workspace = recording.one("machinelearningservices:Workspace").inputs

    groups = {e.inputs["privateLinkServiceConnections"][0]["groupIds"][0] for e in endpoints}
    assert groups == {"amlworkspace", "blob", "file", "table", "vault", "registry"}
    assert {e.inputs["subnet"]["id"] for e in endpoints} == {f"{NETWORK}/subnets/ends"}
    assert workspace["serverlessComputeSettings"] == {
        "serverlessComputeCustomSubnet": f"{NETWORK}/subnets/jobs",
        "serverlessComputeNoPublicIP": True,
    }
    assert workspace["managedNetwork"]["isolationMode"] == "Disabled"
    links = {r.inputs["virtualNetwork"]["id"] for r in recording.of("VirtualNetworkLink")}
    assert links == {NETWORK}


def test_a_public_network_gets_no_private_endpoint(recorded: Recorded) -> None:
    """From `prod` on the workspace has a network of its own instead."""
    recording = recorded("prod")
    network = recording.one("machinelearningservices:Workspace").inputs["managedNetwork"]

    assert recording.of("network:PrivateEndpoint") == []
    assert network["isolationMode"] == "AllowOnlyApprovedOutbound"


def test_the_provider_is_made_from_the_target(recorded: Recorded) -> None:
    """No credential enters it."""
    recording = recorded("regulated-customer-key")
    azure = recording.one("azure-native", "platform-azure").inputs

    assert azure["subscriptionId"] == SUBSCRIPTION
    assert azure["location"] == "westeurope"
    assert azure["clientId"] == {"$secret": True}
    assert recording.one("mlops-iac", "platform-plugin").inputs["role"] == SUBSCRIPTION
    assert not {"clientSecret", "clientCertificatePassword", "oidcToken"} & azure.keys()


def test_a_ready_runtime_image_is_what_the_environments_name(recorded: Recorded) -> None:
    """It is not built then."""
    recording = recorded("regulated-customer-key")
    assets = [r.inputs for r in recording.of("Asset")]
    images = {a["properties"]["image"] for a in assets if a["asset"] == "environments"}

    assert images == {f"example.azurecr.io/runtime@{DIGEST}"}
    assert recording.of("ImageBuild") == []


def test_a_runtime_image_is_built_by_the_platforms_own_registry(recorded: Recorded) -> None:
    """Its tag is the hash of all that it is made of."""
    build = recorded("minimal").one("ImageBuild").inputs
    (request,) = build["requests"]

    assert "pool" not in build
    assert request["body"]["imageNames"] == [f"runtime:{build['tag']}"]
    assert {"Dockerfile", "requirements.lock"} < build["files"].keys()


def test_what_a_deleted_vault_keeps_is_recovered(recorded: Recorded) -> None:
    """How the vault is made is told by the look for a deleted one."""
    recording = recorded("minimal")

    assert (
        recording.one("VaultRecovery").inputs["vault"]
        == (recording.one("keyvault:Vault").inputs["vaultName"])
    )
    assert "createMode" in recording.one("keyvault:Vault").inputs["properties"]


def test_a_workspace_goes_for_good_where_data_may_go(recorded: Recorded) -> None:
    assert len(recorded("minimal").of("WorkspacePurge")) == 1
    assert recorded("prod").of("WorkspacePurge") == []


def test_a_guard_stands_on_all_of_the_platform(recorded: Recorded) -> None:
    """`destroy` asks it first."""
    recording = recorded("minimal")
    guard = recording.one("PlatformGuard")
    mine = [r for r in recording.azure if r.name.startswith("platform-")]

    assert {r.urn for r in mine} <= set(guard.depends_on)
