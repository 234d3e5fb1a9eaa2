"""The container registry."""

from dataclasses import dataclass

from pulumi_azure_native import containerregistry

from mlops_iac.specs import ManagedKey
from mlops_iac_azure import facts
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.logs import Logs, send_logs
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.frame.vault import EncryptionKey
from mlops_iac_azure.posture import is_private, store_access

_UNTAGGED_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class ImageRegistry:
    """Where images are pushed to."""

    resource: containerregistry.Registry
    id: str
    name: str
    server: str


def build_registry(site: Site, key: EncryptionKey | None, logs: Logs) -> ImageRegistry:
    """Register the registry: no admin user, no anonymous pull; in Premium also retention."""
    name = facts.registry(site.context)
    sku = _sku(site)
    registry = containerregistry.Registry(
        site.logical("registry"),
        resource_group_name=site.group,
        registry_name=name,
        location=site.location,
        sku=containerregistry.SkuArgs(name=sku),
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        public_network_access=store_access(site.spec),
        network_rule_bypass_options="AzureServices",
        zone_redundancy="Enabled" if sku == "Premium" else "Disabled",
        policies=_policies(site) if sku == "Premium" else None,
        encryption=_encryption(key),
        identity=None
        if key is None
        else containerregistry.IdentityPropertiesArgs(
            type=containerregistry.ResourceIdentityType.USER_ASSIGNED,
            user_assigned_identities=_identities(key),
        ),
        tags=site.tags,
        opts=site.kept("encryption", depends_on=[] if key is None else [key.granted]),
    )
    registry_id = site.id("Microsoft.ContainerRegistry/registries", name)
    if site.posture.store_logs:
        uri = known(registry_id, registry)
        send_logs(site.logical("registry-logs"), uri, logs.analytics_id, site.opts("profile"))
    return ImageRegistry(
        resource=registry, id=registry_id, name=name, server=facts.image_registry(site.context)
    )


def _sku(site: Site) -> str:
    needs_premium = is_private(site.spec) or not isinstance(site.spec.encryption, ManagedKey)
    return "Premium" if needs_premium else site.posture.registry_sku


def _policies(site: Site) -> containerregistry.PoliciesArgs:
    exports = "enabled" if store_access(site.spec) == "Enabled" else "disabled"
    return containerregistry.PoliciesArgs(
        retention_policy=containerregistry.RetentionPolicyArgs(
            days=_UNTAGGED_DAYS, status="enabled"
        ),
        export_policy=containerregistry.ExportPolicyArgs(status=exports),
    )


def _encryption(key: EncryptionKey | None) -> containerregistry.EncryptionPropertyArgs | None:
    if key is None:
        return None
    return containerregistry.EncryptionPropertyArgs(
        status="enabled",
        key_vault_properties=containerregistry.KeyVaultPropertiesArgs(
            identity=key.identity.resource.client_id, key_identifier=key.identifier
        ),
    )


def _identities(key: EncryptionKey) -> dict[str, containerregistry.UserIdentityPropertiesArgs]:
    return {key.identity.id: containerregistry.UserIdentityPropertiesArgs()}
