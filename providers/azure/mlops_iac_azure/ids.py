"""Azure Resource Manager ids of things whose names we choose, known before they exist."""

import re
import uuid

_NAMESPACE = uuid.UUID("8b0a8d0e-6c3c-5f0e-9f2b-3f5a1c1b7d11")
"""Ours; fixed for good, so that the same assignment always has the same name."""

KEY_ID = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.KeyVault"
    r"/vaults/(?P<vault>[^/]+)/keys/(?P<key>[^/]+)(/versions/(?P<version>[^/]+))?",
    re.IGNORECASE,
)
"""A key in Azure's own form."""
SUBNET_ID = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network"
    r"/virtualNetworks/[^/]+/subnets/[^/]+",
    re.IGNORECASE,
)
NETWORK_ID = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Network/virtualNetworks/[^/]+",
    re.IGNORECASE,
)


def group_id(subscription: str, group: str) -> str:
    """Return the id of a resource group."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def resource_id(group: str, provider_type: str, *names: str) -> str:
    """Return the id of a resource in the group with id `group`.

    Args:
        group: id of the resource group.
        provider_type: `Microsoft.Storage/storageAccounts/blobServices`, one type a name.
        names: names from the outermost to the innermost resource.
    """
    namespace, *types = provider_type.split("/")
    path = "/".join(f"{kind}/{name}" for kind, name in zip(types, names, strict=True))
    return f"{group}/providers/{namespace}/{path}"


def role_id(subscription: str, role: str) -> str:
    """Return the id of a role definition."""
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"


def stable_guid(*parts: str) -> str:
    """Return a GUID that is the same for the same parts: what Azure wants as some names."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))


def name_of(resource_id: str) -> str:
    """Return the name of what an id names: its last part."""
    return resource_id.rpartition("/")[2]
