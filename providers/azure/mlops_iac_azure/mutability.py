"""What happens when a property that we set changes: in place, replaced, or unknown.

Sources: visibility in azure-ai-ml's REST models (API 2025-12-01: `read`, `create` only means that
a change replaces), `willReplaceOnChanges` as the descriptions of pulumi-azure-native 3.29 say it,
`reference/mapping.md` 1.1 to 1.6, 2.2, 5.1, and that no name in an id changes. What none of them
says is unknown, which a plan shows as "may replace" and, on what holds data, counts as replace.
"""

from collections.abc import Mapping

from mlops_iac.mutability import Mutability, Table, mutability, mutability_table

_ML = "azure-native:machinelearningservices"
_REPLACED: Mapping[str, tuple[str, ...]] = {
    "azure-native:resources:ResourceGroup": ("resourceGroupName", "location"),
    "azure-native:storage:StorageAccount": ("accountName", "location", "isHnsEnabled"),
    "azure-native:storage:BlobContainer": ("containerName", "accountName"),
    "azure-native:keyvault:Vault": ("vaultName", "location"),
    "azure-native:containerregistry:Registry": ("registryName", "location"),
    "azure-native:managedidentity:UserAssignedIdentity": ("resourceName", "location"),
    "azure-native:authorization:RoleAssignment": (
        "roleAssignmentName",
        "principalId",
        "roleDefinitionId",
        "scope",
        "principalType",
    ),
    "azure-native:authorization:RoleDefinition": ("roleDefinitionId", "scope"),
    "azure-native:operationalinsights:Workspace": ("workspaceName", "location"),
    "azure-native:applicationinsights:Component": ("resourceName", "location"),
    "azure-native:network:PrivateEndpoint": ("privateEndpointName", "location", "subnet"),
    "azure-native:privatedns:PrivateZone": ("privateZoneName",),
    f"{_ML}:Workspace": (
        "workspaceName",
        "location",
        "storageAccount",
        "keyVault",
        "hbiWorkspace",
        "encryption",
    ),
    f"{_ML}:Datastore": (
        "name",
        "properties.accountName",
        "properties.containerName",
        "properties.protocol",
        "properties.serviceDataAccessAuthIdentity",
    ),
    f"{_ML}:DataContainer": ("name", "properties.dataType"),
    f"{_ML}:EnvironmentContainer": ("name",),
    f"{_ML}:ModelContainer": ("name",),
    f"{_ML}:Compute": (
        "computeName",
        "location",
        "properties.computeType",
        "properties.properties.osType",
        "properties.properties.subnet",
        "properties.properties.vmPriority",
        "properties.properties.vmSize",
    ),
    "azure-native:containerregistry:AgentPool": ("agentPoolName", "registryName", "location"),
    "azure-native:eventgrid:SystemTopic": ("systemTopicName", "location", "source", "topicType"),
    "azure-native:eventgrid:SystemTopicEventSubscription": (
        "eventSubscriptionName",
        "systemTopicName",
    ),
    "azure-native:logic:Workflow": ("workflowName", "location"),
    "azure-native:monitor:ActionGroup": ("actionGroupName", "location"),
    "azure-native:monitor:DiagnosticSetting": ("name", "resourceUri"),
    "azure-native:monitor:MetricAlert": ("ruleName", "location"),
    "azure-native:network:NetworkSecurityGroup": ("networkSecurityGroupName", "location"),
    "azure-native:network:PrivateDnsZoneGroup": ("privateDnsZoneGroupName", "privateEndpointName"),
    "azure-native:network:VirtualNetwork": ("virtualNetworkName", "location"),
    "azure-native:privatedns:VirtualNetworkLink": ("privateZoneName", "virtualNetworkLinkName"),
    "azure-native:storage:BlobServiceProperties": ("accountName", "blobServicesName"),
    "azure-native:storage:ManagementPolicy": ("accountName", "managementPolicyName"),
    "azure-native:storage:Table": ("accountName", "tableName"),
    f"{_ML}:OnlineEndpoint": ("endpointName", "location", "identity", "properties.authMode"),
}
_IN_PLACE: Mapping[str, tuple[str, ...]] = {
    "azure-native:storage:StorageAccount": (
        "sku",
        "encryption",
        "publicNetworkAccess",
        "networkRuleSet",
        "minimumTlsVersion",
    ),
    "azure-native:keyvault:Vault": ("properties.softDeleteRetentionInDays", "properties.sku"),
    "azure-native:containerregistry:Registry": ("sku", "publicNetworkAccess", "policies"),
    "azure-native:authorization:RoleDefinition": ("permissions", "roleName", "description"),
    "azure-native:operationalinsights:Workspace": ("retentionInDays", "features"),
    f"{_ML}:Workspace": (
        "friendlyName",
        "description",
        "publicNetworkAccess",
        "managedNetwork",
        "primaryUserAssignedIdentity",
        "containerRegistry",
        "applicationInsights",
    ),
    f"{_ML}:ModelContainer": ("properties.description", "properties.properties"),
    f"{_ML}:Compute": ("properties.properties.scaleSettings",),
    "azure-native:eventgrid:SystemTopicEventSubscription": ("destination", "filter"),
    "azure-native:logic:Workflow": ("definition", "state"),
    "azure-native:monitor:ActionGroup": ("emailReceivers", "enabled"),
    "azure-native:monitor:MetricAlert": ("criteria", "enabled", "severity"),
    "azure-native:storage:BlobServiceProperties": ("deleteRetentionPolicy", "isVersioningEnabled"),
    "azure-native:storage:ManagementPolicy": ("policy",),
    f"{_ML}:OnlineEndpoint": (
        "properties.publicNetworkAccess",
        "properties.description",
        "properties.properties",
    ),
}

MUTABILITY: Table = mutability_table(replaced=_REPLACED, in_place=_IN_PLACE)
"""By type and property. Tags are changed in place everywhere, see `change`."""


def change(kind: str, place: str) -> Mutability:
    """Return what a change at `place`, a dotted property, does to a resource of type `kind`."""
    found = mutability(MUTABILITY, kind, place)
    is_tag = found is Mutability.UNKNOWN and "tags" in place.split(".")
    return Mutability.IN_PLACE if is_tag else found
