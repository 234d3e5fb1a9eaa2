"""The types of Azure Resource Manager that are played, and what is special about each, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.clouds.azure.ids import parse
from tests.clouds.azure.plugins.tables import ROWS

ML = "Microsoft.MachineLearningServices"
WORKSPACES = f"{ML}/workspaces"


@dataclass(frozen=True)
class Kind:
    """One type."""

    type: str
    model: str = ""
    """The model of `azure-ai-ml` that judges a body."""
    token: str = ""
    """The resource of azure-native that judges a body, where no model does."""
    slow: bool = False
    """Whether `put` is answered by an operation."""
    slow_delete: bool = False
    """Whether `delete` is answered by an operation."""
    stated: bool = True
    """Whether `properties.provisioningState` is told."""
    fixed: tuple[str, ...] = ()
    """Members that stay as they were made: paths, as `properties.isHnsEnabled`."""
    unique: bool = False
    """Whether a name is one resource's in all of Azure."""
    located: bool = False
    """Whether a `location` is required."""
    undeletable: bool = False
    """Whether Azure Resource Manager cannot delete it."""


_More = dict[str, Any]
_TRACKED: _More = {"located": True, "fixed": ("location",)}
_SLOW: _More = {"slow": True, "slow_delete": True}
_QUIET: _More = {"stated": False}


def _fixed(*paths: str) -> _More:
    """Return what a tracked resource has whose members at `paths` stay too."""
    return {"located": True, "fixed": ("location", *paths)}


_MACHINE_LEARNING: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "": (
        "Workspace",
        _SLOW
        | _fixed(
            "kind",
            "properties.storageAccount",
            "properties.keyVault",
            "properties.hbiWorkspace",
            "properties.encryption",
        ),
    ),
    "batchEndpoints": ("BatchEndpoint", _SLOW | _fixed("properties.authMode")),
    "batchEndpoints/deployments": ("BatchDeployment", _SLOW | _TRACKED),
    "codes": ("CodeContainer", {}),
    "codes/versions": ("CodeVersion", {}),
    "components": ("ComponentContainer", {}),
    "components/versions": ("ComponentVersion", {}),
    "computes": (
        "ComputeResource",
        _SLOW | _fixed("properties.computeType", "properties.properties.vmSize"),
    ),
    "connections": ("", _QUIET),
    "data": ("DataContainer", {}),
    "data/versions": ("DataVersionBase", {}),
    "datastores": ("Datastore", _QUIET | {"fixed": ("properties.datastoreType",)}),
    "environments": ("EnvironmentContainer", {}),
    "environments/versions": ("EnvironmentVersion", {}),
    "jobs": ("JobBase", {"stated": False, "slow_delete": True}),
    "models": ("ModelContainer", {}),
    "models/versions": ("ModelVersion", {}),
    "onlineEndpoints": ("OnlineEndpoint", _SLOW | _fixed("properties.authMode")),
    "onlineEndpoints/deployments": (
        "OnlineDeployment",
        _SLOW | _fixed("properties.endpointComputeType"),
    ),
    "schedules": ("Schedule", _SLOW | {"fixed": ("properties.action.actionType",)}),
}
"""Azure ML's types by what stands below the workspace: what judges them, what is special."""

_NATIVE: Mapping[str, Mapping[str, Any]] = {
    "app:ContainerApp": _SLOW | _fixed("properties.managedEnvironmentId"),
    "app:Job": _SLOW | _TRACKED,
    "app:ManagedEnvironment": _SLOW | _fixed("properties.vnetConfiguration"),
    "applicationinsights:Component": _TRACKED,
    "authorization:ManagementLockByScope": _QUIET,
    "authorization:RoleAssignment": _QUIET,
    "authorization:RoleDefinition": _QUIET,
    "consumption:Budget": _QUIET,
    "containerregistry:Registry": _SLOW | _TRACKED | {"unique": True},
    "containerregistry:Task": _TRACKED,
    "eventgrid:EventSubscription": _SLOW,
    "eventgrid:SystemTopic": _SLOW | _fixed("properties.source", "properties.topicType"),
    "eventgrid:SystemTopicEventSubscription": _SLOW,
    "keyvault:Key": _QUIET | {"undeletable": True},
    "keyvault:Secret": _QUIET | {"undeletable": True},
    "keyvault:Vault": _TRACKED,
    "logic:Workflow": _TRACKED,
    "managedidentity:FederatedIdentityCredential": _QUIET,
    "managedidentity:UserAssignedIdentity": _QUIET | _TRACKED,
    "monitor:ActionGroup": _QUIET | _TRACKED,
    "monitor:AutoscaleSetting": _QUIET | _TRACKED,
    "monitor:DiagnosticSetting": _QUIET,
    "monitor:MetricAlert": _QUIET | _TRACKED,
    "monitor:ScheduledQueryRule": _QUIET | _TRACKED,
    "network:NatGateway": _SLOW | _TRACKED,
    "network:NetworkSecurityGroup": _SLOW | _TRACKED,
    "network:PrivateDnsZoneGroup": _SLOW,
    "network:PrivateEndpoint": _SLOW | _fixed("properties.subnet"),
    "network:PublicIPAddress": _SLOW | _fixed("sku"),
    "network:SecurityRule": _SLOW,
    "network:Subnet": _SLOW,
    "network:VirtualNetwork": _SLOW | _TRACKED,
    "operationalinsights:Table": {"slow": True},
    "operationalinsights:Workspace": _SLOW | _TRACKED,
    "privatedns:PrivateZone": _SLOW | _TRACKED,
    "privatedns:VirtualNetworkLink": _SLOW | _TRACKED,
    "resources:ResourceGroup": _TRACKED | {"slow_delete": True},
    "storage:BlobContainer": _QUIET,
    "storage:BlobServiceProperties": _QUIET | {"undeletable": True},
    "storage:ManagementPolicy": _QUIET,
    "storage:StorageAccount": {"slow": True, "unique": True}
    | _fixed("properties.isHnsEnabled", "properties.isNfsV3Enabled"),
    "storage:Table": _QUIET,
    "storage:TableServiceProperties": _QUIET | {"undeletable": True},
}
"""Types beside Azure ML's by their resource in azure-native, and what is special about them."""

_PLAIN: Mapping[str, Mapping[str, Any]] = {
    "Microsoft.App/containerApps/authConfigs": _QUIET,
    "Microsoft.App/containerApps/revisions": _QUIET,
    "Microsoft.ContainerRegistry/registries/agentPools": _SLOW | _TRACKED,
    "Microsoft.ContainerRegistry/registries/runs": _QUIET,
    "Microsoft.Logic/workflows/runs": _QUIET,
    "Microsoft.Network/privateDnsZones/A": _QUIET,
    "Microsoft.Resources/subscriptions": _QUIET,
}
"""Types that nothing judges."""


def _learning(name: str, model: str, more: Mapping[str, Any]) -> Kind:
    return Kind(f"{WORKSPACES}/{name}".rstrip("/"), model, **more)


def _native(name: str, more: Mapping[str, Any]) -> Kind:
    token = f"azure-native:{name}"
    return Kind(parse(ROWS[token].path).kind, token=token, **more)


@cache
def kinds() -> Mapping[str, Kind]:
    """Return all types, by their names in lower case."""
    found = [
        *(_learning(name, *row) for name, row in _MACHINE_LEARNING.items()),
        *(_native(name, more) for name, more in _NATIVE.items()),
        *(Kind(type_, **more) for type_, more in _PLAIN.items()),
    ]
    return {one.type.lower(): one for one in found}


def find(type_: str) -> Kind | None:
    """Return a type."""
    return kinds().get(type_.lower())
