"""Who may do what, by role assignments; nothing is decided until a test asks for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.clouds.azure.calls import CloudError
from tests.clouds.azure.store import Record
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
_TABLES = "Microsoft.Storage/storageAccounts/tableServices/tables"
_ML = "Microsoft.MachineLearningServices/workspaces"
_VAULTS = "Microsoft.KeyVault/vaults"
_ACR = "Microsoft.ContainerRegistry/registries"


@dataclass(frozen=True)
class Role:
    """What a role may do: patterns of actions and of data actions."""

    title: str
    actions: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()


BUILT_IN: Mapping[str, Role] = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": Role("Owner", ("*",)),
    "b24988ac-6180-42a0-ab88-20f7382dd24c": Role(
        "Contributor",
        ("*",),
        not_actions=("Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"),
    ),
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": Role("Reader", ("*/read",)),
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": Role(
        "Storage Blob Data Reader",
        (f"{_BLOBS}/containers/read", f"{_BLOBS}/generateUserDelegationKey/action"),
        (f"{_BLOBS}/containers/blobs/read",),
    ),
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": Role(
        "Storage Blob Data Contributor",
        (
            f"{_BLOBS}/containers/delete",
            f"{_BLOBS}/containers/read",
            f"{_BLOBS}/containers/write",
            f"{_BLOBS}/generateUserDelegationKey/action",
        ),
        tuple(
            f"{_BLOBS}/containers/blobs/{one}"
            for one in ("delete", "read", "write", "move/action", "add/action")
        ),
    ),
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": Role(
        "Storage Blob Data Owner",
        (f"{_BLOBS}/containers/*", f"{_BLOBS}/generateUserDelegationKey/action"),
        (f"{_BLOBS}/containers/blobs/*",),
    ),
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": Role(
        "Storage Table Data Contributor",
        (f"{_TABLES}/read", f"{_TABLES}/write", f"{_TABLES}/delete"),
        tuple(
            f"{_TABLES}/entities/{one}"
            for one in ("read", "write", "delete", "add/action", "update/action")
        ),
    ),
    "76199698-9eea-4c19-bc75-cec21354c6b6": Role(
        "Storage Table Data Reader", (f"{_TABLES}/read",), (f"{_TABLES}/entities/read",)
    ),
    "69566ab7-960f-475b-8e7c-b3118f30c6bd": Role(
        "Storage File Data Privileged Contributor",
        (),
        ("Microsoft.Storage/storageAccounts/fileServices/*",),
    ),
    "17d1049b-9a84-46fb-8f53-869881c3d3ab": Role(
        "Storage Account Contributor", ("Microsoft.Storage/storageAccounts/*",)
    ),
    "7f951dda-4ed3-4680-a7ca-43fe172d538d": Role("AcrPull", (f"{_ACR}/pull/read",)),
    "8311e382-0749-4cb8-b61a-304f252e45ec": Role(
        "AcrPush", (f"{_ACR}/pull/read", f"{_ACR}/push/write")
    ),
    "3913510d-42f4-4e42-8a64-420c390055eb": Role(
        "Monitoring Metrics Publisher",
        (),
        ("Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"),
    ),
    "635dd51f-9968-44d3-b7fb-6d9a6bd613ae": Role(
        "AzureML Metrics Writer (preview)", (f"{_ML}/metrics/*/write",)
    ),
    "f6c7c914-8db3-469d-8ca1-694a8f32e121": Role(
        "AzureML Data Scientist",
        (f"{_ML}/*/read", f"{_ML}/*/action", f"{_ML}/*/delete", f"{_ML}/*/write", f"{_ML}/read"),
        (),
        (
            f"{_ML}/delete",
            f"{_ML}/write",
            f"{_ML}/computes/*/write",
            f"{_ML}/computes/*/delete",
            f"{_ML}/listKeys/action",
        ),
    ),
    "4633458b-17de-408a-b874-0445c86b69e6": Role(
        "Key Vault Secrets User",
        (),
        (f"{_VAULTS}/secrets/getSecret/action", f"{_VAULTS}/secrets/readMetadata/action"),
    ),
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": Role(
        "Key Vault Secrets Officer", (f"{_VAULTS}/read",), (f"{_VAULTS}/secrets/*",)
    ),
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603": Role(
        "Key Vault Crypto Officer",
        (f"{_VAULTS}/read",),
        (f"{_VAULTS}/keys/*", f"{_VAULTS}/keyrotationpolicies/*"),
    ),
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": Role(
        "Key Vault Crypto Service Encryption User",
        (),
        tuple(f"{_VAULTS}/keys/{one}" for one in ("read", "wrap/action", "unwrap/action")),
    ),
    "f1a07417-d97a-45cb-824c-7a7467783830": Role(
        "Managed Identity Operator",
        tuple(
            f"Microsoft.ManagedIdentity/userAssignedIdentities/{one}"
            for one in ("read", "assign/action", "*/read", "*/assign/action")
        ),
    ),
    "b556d68e-0be0-4f35-a333-ad7ee1ce17ea": Role(
        "Azure AI Enterprise Network Connection Approver",
        tuple(
            f"{type_}/{one}"
            for type_ in (_ACR, _ML, _VAULTS, "Microsoft.Storage/storageAccounts")
            for one in (
                "read",
                "privateEndpointConnections/read",
                "privateEndpointConnections/write",
                "privateEndpointConnectionsApproval/action",
            )
        ),
    ),
    "73c42c96-874c-492b-b04d-ab87d138a893": Role(
        "Log Analytics Reader", ("*/read", "Microsoft.OperationalInsights/workspaces/*/action")
    ),
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05": Role("Monitoring Reader", ("*/read",)),
}
"""Roles that Microsoft owns, by their ids:
https://learn.microsoft.com/azure/role-based-access-control/built-in-roles."""


def allows(patterns: tuple[str, ...], action: str) -> bool:
    """Tell whether an action is one of a role's."""
    return any(fnmatchcase(action.lower(), one.lower()) for one in patterns)


def require(
    world: World, caller: Caller, action: str, resource: str, *, data: bool = False
) -> None:
    """Refuse who has no role with an action on a resource.

    Args:
        world: the cloud.
        caller: who asks.
        action: an action or a data action, as
            `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read`.
        resource: the id.
        data: whether it is a data action: an owner has none of them.

    Raises:
        CloudError: 403.
    """
    if may(world, caller.principal, action, resource, data=data):
        return
    raise CloudError(
        403,
        "AuthorizationFailed",
        f"The client with object id '{caller.principal}' does not have authorization to perform "
        f"action '{action}' over scope '{resource}' or the scope is invalid. If access was "
        "recently granted, please refresh your credentials.",
    )


def may(world: World, principal: str, action: str, resource: str, *, data: bool = False) -> bool:
    """Tell whether somebody has a role with an action on a resource.

    Who deploys owns the subscription, and may read and write all data.
    """
    if not world.decides or Caller(principal).is_user:
        return True
    for role, assignment in _roles(world, principal, resource):
        fits = allows(role.data if data else role.actions, action)
        if fits and not allows(role.not_actions, action) and _counts(assignment):
            return True
    return False


def _counts(assignment: Record) -> bool:
    """Tell whether an assignment has arrived where roles are looked up, coming closer to it."""
    left = assignment.hidden.get("refusals", 0)
    assignment.hidden["refusals"] = max(0, left - 1)
    return left <= 0


def _roles(world: World, principal: str, resource: str) -> Iterator[tuple[Role, Record]]:
    for one in world.store.of_type(ASSIGNMENTS):
        scope = scope_of(one)
        inside = f"{resource.lower()}/".startswith(f"{scope.rstrip('/')}/")
        if one.properties.get("principalId") == principal and inside:
            role = find(world, one.properties["roleDefinitionId"])
            if role is not None:
                yield role, one


def scope_of(record: Record) -> str:
    """Return what an assignment or a lock is on, in lower case."""
    return record.key.rpartition("/providers/")[0]


def find(world: World, definition: str) -> Role | None:
    """Return a role by the id of its definition."""
    built_in = BUILT_IN.get(definition.rpartition("/")[2].lower())
    if built_in is not None:
        return built_in
    for record in world.store.of_type(DEFINITIONS):
        if record.name.lower() == definition.rpartition("/")[2].lower():
            return _custom(record)
    return None


def _custom(record: Record) -> Role:
    granted: list[dict[str, Any]] = record.properties.get("permissions") or []

    def told(name: str) -> tuple[str, ...]:
        return tuple(one for each in granted for one in each.get(name) or [])

    title = record.properties.get("roleName", record.name)
    return Role(title, told("actions"), told("dataActions"), told("notActions"))
