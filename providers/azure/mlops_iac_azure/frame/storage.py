"""The storage account and all that belongs to it."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import storage

from mlops_iac_azure import facts, place
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import Logs, send_logs
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.frame.vault import EncryptionKey
from mlops_iac_azure.posture import store_access

_SERVICES = ("blob", "file", "queue", "table")
_COOL_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Store:
    """The artifact store."""

    account: storage.StorageAccount
    container: storage.BlobContainer
    captures: storage.BlobContainer
    """What endpoints' data collectors write to."""
    account_name: str
    id: str

    @property
    def container_id(self) -> str:
        """Id of the artifact container."""
        return f"{self.id}/blobServices/default/containers/{place.CONTAINER}"

    @property
    def captures_id(self) -> str:
        """Id of the container of captures."""
        return f"{self.id}/blobServices/default/containers/{place.CAPTURES}"

    @property
    def url(self) -> str:
        """Address of the artifact container."""
        return f"https://{self.account_name}.blob.core.windows.net/{place.CONTAINER}"


def build_store(site: Site, key: EncryptionKey | None, logs: Logs) -> Store:
    """Register account, blob service, container, lifecycle and, from `prod`, access logs."""
    name = facts.bucket(site.context)
    account = _account(site, name, key)
    account_name = known(name, account)
    service = _blob_service(site, account_name)
    container = _container(site, account_name, service, place.CONTAINER)
    captures = _container(site, account_name, service, place.CAPTURES)
    _lifecycle(site, account_name, service)
    account_id = site.id("Microsoft.Storage/storageAccounts", name)
    if site.posture.store_logs:
        uri = known(f"{account_id}/blobServices/default", service)
        send_logs(site.logical("store-logs"), uri, logs.analytics_id, site.opts("profile"))
    return Store(
        account=account, container=container, captures=captures, account_name=name, id=account_id
    )


def _container(
    site: Site,
    account: pulumi.Output[str],
    service: storage.BlobServiceProperties,
    name: str,
) -> storage.BlobContainer:
    return storage.BlobContainer(
        site.logical(name),
        resource_group_name=site.group,
        account_name=account,
        container_name=name,
        public_access=storage.PublicAccess.NONE,
        opts=site.kept("", depends_on=[service]),
    )


def _account(site: Site, name: str, key: EncryptionKey | None) -> storage.StorageAccount:
    access = store_access(site.spec)
    return storage.StorageAccount(
        site.logical("store"),
        resource_group_name=site.group,
        account_name=name,
        location=site.location,
        kind="StorageV2",
        sku=storage.SkuArgs(name=site.posture.replication),
        access_tier=storage.AccessTier.HOT,
        # A workspace's default account must not have a hierarchical namespace.
        is_hns_enabled=False,
        allow_blob_public_access=False,
        allow_shared_key_access=False,
        allow_cross_tenant_replication=False,
        default_to_o_auth_authentication=True,
        enable_https_traffic_only=True,
        minimum_tls_version="TLS1_2",
        public_network_access=access,
        network_rule_set=storage.NetworkRuleSetArgs(
            bypass="AzureServices",
            default_action=(
                storage.DefaultAction.ALLOW if access == "Enabled" else storage.DefaultAction.DENY
            ),
        ),
        encryption=_encryption(key),
        identity=None
        if key is None
        else storage.IdentityArgs(
            type="UserAssigned", user_assigned_identities=[key.identity.known_id]
        ),
        tags=site.tags,
        opts=site.kept("encryption", depends_on=[] if key is None else [key.granted]),
    )


def _encryption(key: EncryptionKey | None) -> storage.EncryptionArgs:
    each = storage.EncryptionServiceArgs(enabled=True, key_type="Account")
    services = storage.EncryptionServicesArgs(**dict.fromkeys(_SERVICES, each))
    if key is None:
        return storage.EncryptionArgs(
            key_source="Microsoft.Storage",
            require_infrastructure_encryption=True,
            services=services,
        )
    return storage.EncryptionArgs(
        key_source="Microsoft.Keyvault",
        require_infrastructure_encryption=True,
        services=services,
        # Without a version, so that the account follows rotations by itself.
        key_vault_properties=storage.KeyVaultPropertiesArgs(
            key_name=key.name, key_vault_uri=key.vault_uri
        ),
        encryption_identity=storage.EncryptionIdentityArgs(
            encryption_user_assigned_identity=key.identity.known_id
        ),
    )


def _blob_service(site: Site, account: pulumi.Output[str]) -> storage.BlobServiceProperties:
    deleted = storage.DeleteRetentionPolicyArgs(enabled=True, days=site.posture.deleted_days)
    return storage.BlobServiceProperties(
        site.logical("store-blobs"),
        resource_group_name=site.group,
        account_name=account,
        blob_services_name="default",
        is_versioning_enabled=True,
        delete_retention_policy=deleted,
        container_delete_retention_policy=deleted,
        change_feed=storage.ChangeFeedArgs(enabled=site.posture.store_logs),
        opts=site.opts("profile"),
    )


def _lifecycle(
    site: Site, account: pulumi.Output[str], service: storage.BlobServiceProperties
) -> storage.ManagementPolicy:
    actions = storage.ManagementPolicyActionArgs(
        base_blob=storage.ManagementPolicyBaseBlobArgs(
            tier_to_cool=storage.DateAfterModificationArgs(
                days_after_modification_greater_than=_COOL_DAYS
            )
        ),
        version=storage.ManagementPolicyVersionArgs(
            delete=storage.DateAfterCreationArgs(
                days_after_creation_greater_than=site.posture.version_days
            )
        ),
    )
    filters = storage.ManagementPolicyFilterArgs(
        blob_types=["blockBlob"], prefix_match=[f"{place.CONTAINER}/", f"{place.CAPTURES}/"]
    )
    return storage.ManagementPolicy(
        site.logical("store-lifecycle"),
        resource_group_name=site.group,
        account_name=account,
        management_policy_name="default",
        policy=storage.ManagementPolicySchemaArgs(
            rules=[
                storage.ManagementPolicyRuleArgs(
                    name="artifacts",
                    type="Lifecycle",
                    enabled=True,
                    definition=storage.ManagementPolicyDefinitionArgs(
                        actions=actions, filters=filters
                    ),
                )
            ]
        ),
        opts=site.opts("profile", depends_on=[service]),
    )
