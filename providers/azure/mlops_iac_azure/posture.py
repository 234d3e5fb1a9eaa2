"""What profile and network decide: one row per profile, and who may come in."""

from collections.abc import Mapping
from dataclasses import dataclass

from mlops_iac.specs import ExistingNetwork, Platform, Profile
from mlops_iac.specs.platform import OwnNetwork


@dataclass(frozen=True, kw_only=True)
class Posture:
    """Settings that a profile fixes for every store and the workspace."""

    replication: str
    """SKU of the storage account."""
    registry_sku: str
    """Private access, retention and customer keys need Premium."""
    vault_sku: str
    """`premium` keeps keys in hardware."""
    key_type: str
    log_days: int
    """Days that logs are kept; the EU AI Act asks for six months."""
    deleted_days: int
    """Days in which deleted blobs, containers and secrets can be restored."""
    version_days: int
    """Days that old versions of a blob are kept."""
    isolation: str
    """Mode of the workspace's own managed network."""
    purge_protection: bool
    sensitive: bool
    """`hbi_workspace`: the workspace logs less and encrypts scratch disks."""
    store_logs: bool


POSTURES: Mapping[Profile, Posture] = {
    Profile.DEV: Posture(
        replication="Standard_LRS",
        registry_sku="Standard",
        vault_sku="standard",
        key_type="RSA",
        log_days=30,
        deleted_days=7,
        version_days=7,
        isolation="Disabled",
        purge_protection=False,
        sensitive=False,
        store_logs=False,
    ),
    Profile.PROD: Posture(
        replication="Standard_GRS",
        registry_sku="Premium",
        vault_sku="standard",
        key_type="RSA",
        log_days=365,
        deleted_days=90,
        version_days=90,
        isolation="AllowOnlyApprovedOutbound",
        purge_protection=True,
        sensitive=False,
        store_logs=True,
    ),
    Profile.REGULATED: Posture(
        replication="Standard_GRS",
        registry_sku="Premium",
        vault_sku="premium",
        key_type="RSA-HSM",
        log_days=730,
        deleted_days=90,
        version_days=365,
        isolation="AllowOnlyApprovedOutbound",
        purge_protection=True,
        sensitive=True,
        store_logs=True,
    ),
}
"""`reference/security.md` 1.4: managed network from `prod` on."""


def posture(platform: Platform) -> Posture:
    """Return the settings of a platform's profile."""
    return POSTURES[platform.profile]


def is_private(platform: Platform) -> bool:
    """Whether the platform's workloads live in a network that somebody owns."""
    return isinstance(platform.network, ExistingNetwork | OwnNetwork)


def store_access(platform: Platform) -> str:
    """Return `publicNetworkAccess` of stores and workspace: closed where there is a network.

    Without one nobody could reach them, not even `up`, which writes blobs.
    """
    return _access(public=not is_private(platform))


def endpoint_access(platform: Platform) -> str:
    """Return `publicNetworkAccess` of endpoints."""
    return _access(public=not is_private(platform))


def _access(*, public: bool) -> str:
    return "Enabled" if public else "Disabled"
