"""What deploying each type asks of Azure's roles: one row per type, as data.

Reading, writing and removing follow from the type itself (`arm_types`); what a service asks beside
that stands here, and what our own resources call stands in their handlers.
https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

from collections.abc import Mapping

from mlops_iac_azure.arm_types import PATHS, arm_type

_VERBS = ("delete", "read", "write")
_ML = "Microsoft.MachineLearningServices/workspaces"
_NATIVE = "azure-native"
ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
"""To attach an identity to what runs as it."""
JOIN_SUBNET = "Microsoft.Network/virtualNetworks/subnets/join/action"
_REGISTRY = "Microsoft.ContainerRegistry/registries"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


def _of(kind: str, verbs: tuple[str, ...] = _VERBS) -> tuple[str, ...]:
    return tuple(f"{kind}/{verb}" for verb in verbs)


_SEEN = ("read", "write")
_DEPLOYMENTS = (
    *_of(f"{_ML}/onlineEndpoints", _SEEN),
    *_of(f"{_ML}/onlineEndpoints/deployments"),
    *_of("Microsoft.App/containerApps"),
    *_of("Microsoft.App/containerApps/authConfigs"),
    *_of("Microsoft.Insights/autoscaleSettings"),
    f"{_ML}/onlineEndpoints/deployments/logs/read",
    "Microsoft.App/containerApps/revisions/activate/action",
    "Microsoft.App/containerApps/revisions/deactivate/action",
    "Microsoft.App/containerApps/revisions/read",
    "Microsoft.App/managedEnvironments/join/action",
    "Microsoft.App/managedEnvironments/read",
    "Microsoft.Insights/metrics/read",
)
_MODELS = (*_of(f"{_ML}/models", _SEEN), *_of(f"{_ML}/models/versions"))

BESIDE: Mapping[str, tuple[str, ...]] = {
    f"{_NATIVE}:app:ManagedEnvironment": (
        JOIN_SUBNET,
        "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    ),
    f"{_NATIVE}:containerregistry:AgentPool": (JOIN_SUBNET,),
    f"{_NATIVE}:containerregistry:Registry": (ASSIGN,),
    f"{_NATIVE}:eventgrid:SystemTopicEventSubscription": (
        "Microsoft.EventGrid/systemTopics/eventSubscriptions/getFullUrl/action",
    ),
    f"{_NATIVE}:logic:Workflow": (
        ASSIGN,
        "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
    ),
    f"{_NATIVE}:machinelearningservices:BatchEndpoint": (ASSIGN,),
    f"{_NATIVE}:machinelearningservices:Compute": (ASSIGN, JOIN_SUBNET),
    f"{_NATIVE}:machinelearningservices:OnlineEndpoint": (
        ASSIGN,
        f"{_ML}/onlineEndpoints/listKeys/action",
    ),
    f"{_NATIVE}:machinelearningservices:Workspace": (ASSIGN, JOIN_SUBNET),
    f"{_NATIVE}:network:PrivateDnsZoneGroup": ("Microsoft.Network/privateDnsZones/join/action",),
    # Whoever makes a private endpoint to a thing of one's own approves it.
    f"{_NATIVE}:network:PrivateEndpoint": (
        JOIN_SUBNET,
        f"{_REGISTRY}/privateEndpointConnectionsApproval/action",
        "Microsoft.KeyVault/vaults/privateEndpointConnectionsApproval/action",
        f"{_ML}/privateEndpointConnectionsApproval/action",
        "Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action",
    ),
    f"{_NATIVE}:network:VirtualNetwork": ("Microsoft.Network/networkSecurityGroups/join/action",),
    f"{_NATIVE}:privatedns:VirtualNetworkLink": ("Microsoft.Network/virtualNetworks/join/action",),
    f"{_NATIVE}:storage:StorageAccount": (ASSIGN,),
}
"""What a type of the official plugin asks beside being read, written and removed."""

OWN: Mapping[str, tuple[str, ...]] = {
    "mlops-iac:azure:Asset": tuple(
        action
        for asset in ("codes", "components", "data", "environments", "models")
        for action in _of(f"{_ML}/{asset}/versions", _SEEN)
    ),
    "mlops-iac:azure:BatchDefault": _of(f"{_ML}/batchEndpoints", _SEEN),
    "mlops-iac:azure:Experiment": _of(f"{_ML}/experiments"),
    "mlops-iac:azure:FeatureSchema": (),
    "mlops-iac:azure:ImageBuild": (
        *_of(f"{_REGISTRY}/agentPools", _SEEN),
        f"{_REGISTRY}/listBuildSourceUploadUrl/action",
        f"{_REGISTRY}/pull/read",
        f"{_REGISTRY}/runs/listLogSasUrl/action",
        f"{_REGISTRY}/runs/read",
        f"{_REGISTRY}/scheduleRun/action",
    ),
    "mlops-iac:azure:JobRun": (
        *_of(f"{_ML}/jobs", _SEEN),
        *_of(f"{_ML}/models/versions", ("read",)),
        f"{_ML}/jobs/cancel/action",
        f"{_ML}/read",
    ),
    "mlops-iac:azure:ModelDeployment": (*_DEPLOYMENTS, *_MODELS, ASSIGN),
    "mlops-iac:azure:ModelVersions": _MODELS,
    "mlops-iac:azure:PlatformGuard": (),
    "mlops-iac:azure:PlatformUse": (),
    "mlops-iac:azure:Schedule": (*_of(f"{_ML}/schedules"), *_of(f"{_ML}/jobs", _SEEN)),
    "mlops-iac:azure:Upload": (),
    "mlops-iac:azure:VaultKey": _of("Microsoft.KeyVault/vaults/keys", _SEEN),
    "mlops-iac:azure:VaultRecovery": ("Microsoft.KeyVault/locations/deletedVaults/read",),
    "mlops-iac:azure:WorkspacePurge": _of(_ML, ("delete", "read")),
}
"""What our own resources call of Azure Resource Manager."""

_BLOB_WRITES = (f"{_BLOBS}/add/action", *_of(_BLOBS))
DATA: Mapping[str, tuple[str, ...]] = {
    "mlops-iac:azure:FeatureSchema": _of(_BLOBS, ("delete", "read")),
    "mlops-iac:azure:JobRun": _of(_BLOBS, ("read",)),
    "mlops-iac:azure:ModelDeployment": _BLOB_WRITES,
    "mlops-iac:azure:ModelVersions": _BLOB_WRITES,
    "mlops-iac:azure:PlatformGuard": _of(_BLOBS, ("read",)),
    "mlops-iac:azure:PlatformUse": _BLOB_WRITES,
    "mlops-iac:azure:Upload": _BLOB_WRITES,
    "mlops-iac:azure:VaultKey": ("Microsoft.KeyVault/vaults/keyrotationpolicies/write",),
}
"""What they call of the stores themselves."""

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    **{token: (*_of(arm_type(token)), *BESIDE.get(token, ())) for token in PATHS},
    **OWN,
}
"""Every action by the type that asks for it."""
