"""The Azure ML workspace, and the datastore through which its jobs reach the artifacts."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from mlops_iac import custom
from mlops_iac.specs import ExistingNetwork
from mlops_iac.specs.platform import OwnNetwork
from mlops_iac_azure import facts, names, place
from mlops_iac_azure.frame.identity import Identity
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import Logs, send_logs
from mlops_iac_azure.frame.registry import ImageRegistry
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.frame.storage import Store
from mlops_iac_azure.frame.vault import EncryptionKey, Vault
from mlops_iac_azure.posture import store_access

WORKSPACE_PURGE = "mlops-iac:azure:WorkspacePurge"
RESTRICTED = "AllowOnlyApprovedOutbound"
"""Mode of a managed network that lets nothing out but what is named."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The workspace."""

    resource: ml.Workspace
    name: str
    id: str
    behind: pulumi.Resource
    """What everything in it is made after, and gone before."""


@dataclass(frozen=True, kw_only=True)
class Datastores:
    """How jobs and endpoints reach the containers of the store."""

    artifacts: ml.Datastore
    captures: ml.Datastore


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a workspace stands on."""

    logs: Logs
    vault: Vault
    key: EncryptionKey | None
    store: Store
    registry: ImageRegistry
    identity: Identity
    granted: Sequence[pulumi.Resource]
    """Role assignments without which the workspace cannot be made."""


def build_workspace(site: Site, parts: Parts) -> Workspace:
    """Register the workspace under its own identity; it reads its stores by role, never by key."""
    name = facts.workspace(site.context)
    resource = ml.Workspace(
        site.logical("workspace"),
        resource_group_name=site.group,
        workspace_name=name,
        location=site.location,
        kind="Default",
        sku=ml.SkuArgs(name="Basic"),
        friendly_name=name,
        description=f"{site.context.project}, stack {site.context.stack}",
        storage_account=known(parts.store.id, parts.store.account),
        key_vault=known(parts.vault.id, parts.vault.resource),
        application_insights=parts.logs.insights_id,
        container_registry=known(parts.registry.id, parts.registry.resource),
        identity=_identity(parts),
        primary_user_assigned_identity=parts.identity.known_id,
        system_datastores_auth_mode="Identity",
        public_network_access=store_access(site.spec),
        allow_public_access_when_behind_vnet=False,
        v1_legacy_mode=False,
        hbi_workspace=site.posture.sensitive,
        encryption=_encryption(parts.key),
        enable_service_side_cmk_encryption=None if parts.key is None else True,
        managed_network=_managed_network(site, parts.store),
        provision_network_now=None if isolation(site) == "Disabled" else True,
        serverless_compute_settings=_serverless(site),
        tags=site.tags,
        opts=site.kept("target", depends_on=list(parts.granted)),
    )
    workspace_id = site.id("Microsoft.MachineLearningServices/workspaces", name)
    workspace = Workspace(
        resource=resource, name=name, id=workspace_id, behind=_behind(site, workspace_id, resource)
    )
    uri = known(workspace_id, workspace.behind)
    send_logs(site.logical("workspace-logs"), uri, parts.logs.analytics_id, site.opts("profile"))
    return workspace


def build_datastores(site: Site, workspace: Workspace, store: Store) -> Datastores:
    """Register the containers of the store as datastores without credentials."""
    return Datastores(
        artifacts=_datastore(
            site,
            workspace,
            "datastore",
            place.DATASTORE,
            "all that the stack makes",
            (store, known(place.CONTAINER, store.container)),
        ),
        captures=_datastore(
            site,
            workspace,
            "captures-datastore",
            names.CAPTURES_DATASTORE,
            "what endpoints were asked, and have answered",
            (store, known(place.CAPTURES, store.captures)),
        ),
    )


def _datastore(  # noqa: PLR0913, PLR0917  a datastore has that many facts
    site: Site,
    workspace: Workspace,
    suffix: str,
    name: str,
    holds: str,
    where: tuple[Store, pulumi.Output[str]],
) -> ml.Datastore:
    store, container = where
    return ml.Datastore(
        site.logical(suffix),
        resource_group_name=site.group,
        workspace_name=known(workspace.name, workspace.behind),
        name=name,
        skip_validation=True,
        properties=ml.AzureBlobDatastoreArgs(
            datastore_type="AzureBlob",
            account_name=known(store.account_name, store.account),
            container_name=container,
            subscription_id=site.subscription,
            resource_group=site.group,
            endpoint="core.windows.net",
            protocol="https",
            credentials=ml.NoneDatastoreCredentialsArgs(credentials_type="None"),
            service_data_access_auth_identity="WorkspaceUserAssignedIdentity",
            description=holds,
            tags=site.tags,
        ),
        opts=site.opts(""),
    )


def _behind(site: Site, workspace_id: str, resource: ml.Workspace) -> pulumi.Resource:
    """Register that a workspace goes for good, where the profile lets data go."""
    if site.spec.profile.protects_data:
        return resource
    return custom.register(
        WORKSPACE_PURGE,
        site.logical("workspace-purge"),
        {"workspaceId": known(workspace_id, resource)},
        outputs=(),
        opts=site.own("profile"),
    )


def _identity(parts: Parts) -> ml.ManagedServiceIdentityArgs:
    attached = [parts.identity, *([parts.key.identity] if parts.key else [])]
    return ml.ManagedServiceIdentityArgs(
        type="UserAssigned",
        user_assigned_identities=[identity.known_id for identity in attached],
    )


def _encryption(key: EncryptionKey | None) -> ml.EncryptionPropertyArgs | None:
    if key is None:
        return None
    return ml.EncryptionPropertyArgs(
        status="Enabled",
        identity=ml.IdentityForCmkArgs(user_assigned_identity=key.identity.known_id),
        key_vault_properties=ml.KeyVaultPropertiesArgs(
            key_identifier=key.identifier, key_vault_arm_id=key.vault_id
        ),
    )


def isolation(site: Site) -> str:
    """Return the mode of the workspace's own managed network."""
    # A workspace has either a network of its own or the subnets that somebody gives it.
    if isinstance(site.spec.network, ExistingNetwork):
        return "Disabled"
    return RESTRICTED if isinstance(site.spec.network, OwnNetwork) else site.posture.isolation


def _managed_network(site: Site, store: Store) -> ml.ManagedNetworkSettingsArgs:
    mode = isolation(site)
    if mode != RESTRICTED:
        return ml.ManagedNetworkSettingsArgs(isolation_mode=mode)
    # Azure ML itself adds blobs, files, vault and registry; online features are in a table.
    table = ml.PrivateEndpointOutboundRuleArgs(
        type="PrivateEndpoint",
        category="UserDefined",
        destination=ml.PrivateEndpointDestinationArgs(
            service_resource_id=known(store.id, store.account),
            subresource_target="table",
            spark_enabled=False,
        ),
    )
    return ml.ManagedNetworkSettingsArgs(
        isolation_mode=mode, firewall_sku="Standard", outbound_rules={"tables": table}
    )


def _serverless(site: Site) -> ml.ServerlessComputeSettingsArgs | None:
    network = site.spec.network
    if not isinstance(network, ExistingNetwork):
        return None
    return ml.ServerlessComputeSettingsArgs(
        serverless_compute_custom_subnet=network.subnets[0], serverless_compute_no_public_ip=True
    )
