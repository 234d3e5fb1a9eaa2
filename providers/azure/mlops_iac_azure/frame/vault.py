"""Key Vault: the stack's secrets, and its encryption key."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import keyvault

from mlops_iac import custom
from mlops_iac.specs import CustomerKey, ExistingKey
from mlops_iac_azure import facts, ids, names
from mlops_iac_azure.frame.identity import Identity, Target, assign, build_identity
from mlops_iac_azure.frame.known import known
from mlops_iac_azure.frame.site import Site
from mlops_iac_azure.grants import KEY_USER
from mlops_iac_azure.posture import store_access

VAULT_RECOVERY, VAULT_KEY = "mlops-iac:azure:VaultRecovery", "mlops-iac:azure:VaultKey"
_KEY_BITS = 3072


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The stack's vault."""

    resource: keyvault.Vault
    id: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class EncryptionKey:
    """The key that stores and workspace encrypt with, and the identity that may use it."""

    identity: Identity
    name: pulumi.Output[str]
    identifier: pulumi.Output[str]
    """The key's URI, with its version when it is pinned."""
    vault_uri: pulumi.Output[str]
    vault_id: pulumi.Output[str]
    granted: pulumi.Resource
    """The role assignment: nothing is encrypted before it."""


def build_vault(site: Site, tenant: pulumi.Output[str]) -> Vault:
    """Register the vault: access by role only, soft delete, no way in from outside from `prod`.

    Purge protection can never be taken back, and a key that encrypts needs it.
    """
    name = facts.vault(site.context)
    access = store_access(site.spec)
    protects = site.posture.purge_protection or isinstance(site.spec.encryption, CustomerKey)
    recovery = custom.register(
        VAULT_RECOVERY,
        site.logical("vault-recovery"),
        {"vault": site.known(name), "tags": site.tags},
        outputs=("createMode",),
        opts=site.own("profile"),
    )
    vault = keyvault.Vault(
        site.logical("vault"),
        resource_group_name=site.group,
        vault_name=name,
        location=site.location,
        properties=keyvault.VaultPropertiesArgs(
            tenant_id=tenant,
            create_mode=getattr(recovery, "createMode"),  # noqa: B009  an output, by its name
            sku=keyvault.SkuArgs(family="A", name=keyvault.SkuName(site.posture.vault_sku)),
            enable_rbac_authorization=True,
            enable_soft_delete=True,
            soft_delete_retention_in_days=site.posture.deleted_days,
            enable_purge_protection=True if protects else None,
            public_network_access=access,
            network_acls=keyvault.NetworkRuleSetArgs(
                bypass="AzureServices",
                default_action="Allow" if access == "Enabled" else "Deny",
            ),
        ),
        tags=site.tags,
        opts=site.kept("profile"),
    )
    uri = facts.vault_uri(site.context)
    return Vault(resource=vault, id=site.id("Microsoft.KeyVault/vaults", name), uri=uri)


def build_key(site: Site, vault: Vault) -> EncryptionKey | None:
    """Register what the declared encryption needs; `None` while Azure owns the key."""
    encryption = site.spec.encryption
    if isinstance(encryption, CustomerKey):
        return _own_key(site, vault, encryption)
    if isinstance(encryption, ExistingKey):
        return _existing_key(site, encryption)
    return None


def _own_key(site: Site, vault: Vault, encryption: CustomerKey) -> EncryptionKey:
    name = site.name(names.KEY)
    key = custom.register(
        VAULT_KEY,
        site.logical("key"),
        {
            "vaultId": known(vault.id, vault.resource),
            "key": name,
            "type": site.posture.key_type,
            "size": _KEY_BITS,
            "rotationDays": encryption.rotation_days,
        },
        outputs=("uri", "versionUri"),
        opts=site.own("encryption", **site.context.protected()),
    )
    identity = build_identity(site, "encryption", "encryption")
    scope = Target.made("key", f"{vault.id}/keys/{name}", key)
    return EncryptionKey(
        identity=identity,
        name=known(name, key),
        identifier=getattr(key, "versionUri"),  # noqa: B009  an output, by its name
        vault_uri=known(vault.uri, key),
        vault_id=known(vault.id, key),
        granted=assign(site, identity, KEY_USER, scope, "encryption"),
    )


def _existing_key(site: Site, encryption: ExistingKey) -> EncryptionKey:
    key_id = pulumi.Output.from_input(encryption.key)
    identity = build_identity(site, "encryption", "encryption")
    # Roles are assigned on a key, never on a version of it.
    scope = Target.foreign("key", _without_version(encryption.key))
    return EncryptionKey(
        identity=identity,
        name=key_id.apply(lambda id_: _part(id_, "key")),
        identifier=key_id.apply(_identifier),
        vault_uri=key_id.apply(_vault_uri),
        vault_id=key_id.apply(lambda id_: id_.partition("/keys/")[0]),
        granted=assign(site, identity, KEY_USER, scope, "encryption"),
    )


def _without_version(key: pulumi.Input[str]) -> pulumi.Input[str]:
    if isinstance(key, str):
        return key.partition("/versions/")[0]
    return pulumi.Output.from_input(key).apply(lambda id_: id_.partition("/versions/")[0])


def _part(key_id: str, part: str) -> str:
    match = ids.KEY_ID.fullmatch(key_id)
    if match is None:
        raise ValueError(f"`{key_id}` is no id of a Key Vault key")
    return match[part] or ""


def _vault_uri(key_id: str) -> str:
    return f"https://{_part(key_id, 'vault')}.vault.azure.net/"


def _identifier(key_id: str) -> str:
    path = [_part(key_id, "key"), _part(key_id, "version")]
    return f"{_vault_uri(key_id)}keys/{'/'.join(part for part in path if part)}"
