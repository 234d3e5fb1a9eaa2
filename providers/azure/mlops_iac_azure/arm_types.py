"""Where each type of `pulumi-azure-native` that we register stands in Azure Resource Manager.

One table, for the ids by which a killed `up` finds what it made, and for what a deployer may do.
Source: the documentation of each type in pulumi-azure-native 3.29, section "Import".
"""

from collections.abc import Mapping

GROUP = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}"
_IN = f"{GROUP}/providers"
_WORKSPACE = f"{_IN}/Microsoft.MachineLearningServices/workspaces/{{workspaceName}}"
_STORE = f"{_IN}/Microsoft.Storage/storageAccounts/{{accountName}}"
_REGISTRY = f"{_IN}/Microsoft.ContainerRegistry/registries/{{registryName}}"
_TOPIC = f"{_IN}/Microsoft.EventGrid/systemTopics/{{systemTopicName}}"
_NETWORK = f"{_IN}/Microsoft.Network"
_ZONE = f"{_NETWORK}/privateDnsZones/{{privateZoneName}}"
_ENDPOINT = f"{_NETWORK}/privateEndpoints/{{privateEndpointName}}"
_NATIVE, _ML = "azure-native", "azure-native:machinelearningservices"

PATHS: Mapping[str, str] = {
    f"{_NATIVE}:app:ManagedEnvironment": (
        f"{_IN}/Microsoft.App/managedEnvironments/{{environmentName}}"
    ),
    f"{_NATIVE}:applicationinsights:Component": (
        f"{_IN}/Microsoft.Insights/components/{{resourceName}}"
    ),
    f"{_NATIVE}:authorization:RoleAssignment": (
        "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
    ),
    f"{_NATIVE}:authorization:RoleDefinition": (
        "{scope}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}"
    ),
    f"{_NATIVE}:containerregistry:AgentPool": f"{_REGISTRY}/agentPools/{{agentPoolName}}",
    f"{_NATIVE}:containerregistry:Registry": _REGISTRY,
    f"{_NATIVE}:eventgrid:SystemTopic": _TOPIC,
    f"{_NATIVE}:eventgrid:SystemTopicEventSubscription": (
        f"{_TOPIC}/eventSubscriptions/{{eventSubscriptionName}}"
    ),
    f"{_NATIVE}:keyvault:Vault": f"{_IN}/Microsoft.KeyVault/vaults/{{vaultName}}",
    f"{_NATIVE}:logic:Workflow": f"{_IN}/Microsoft.Logic/workflows/{{workflowName}}",
    f"{_ML}:BatchDeployment": (
        f"{_WORKSPACE}/batchEndpoints/{{endpointName}}/deployments/{{deploymentName}}"
    ),
    f"{_ML}:BatchEndpoint": f"{_WORKSPACE}/batchEndpoints/{{endpointName}}",
    f"{_ML}:Compute": f"{_WORKSPACE}/computes/{{computeName}}",
    f"{_ML}:DataContainer": f"{_WORKSPACE}/data/{{name}}",
    f"{_ML}:Datastore": f"{_WORKSPACE}/datastores/{{name}}",
    f"{_ML}:EnvironmentContainer": f"{_WORKSPACE}/environments/{{name}}",
    f"{_ML}:ModelContainer": f"{_WORKSPACE}/models/{{name}}",
    f"{_ML}:OnlineEndpoint": f"{_WORKSPACE}/onlineEndpoints/{{endpointName}}",
    f"{_ML}:Workspace": _WORKSPACE,
    f"{_NATIVE}:managedidentity:UserAssignedIdentity": (
        f"{_IN}/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}"
    ),
    f"{_NATIVE}:monitor:ActionGroup": f"{_IN}/Microsoft.Insights/actionGroups/{{actionGroupName}}",
    f"{_NATIVE}:monitor:DiagnosticSetting": (
        "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{name}"
    ),
    f"{_NATIVE}:monitor:MetricAlert": f"{_IN}/Microsoft.Insights/metricAlerts/{{ruleName}}",
    f"{_NATIVE}:network:NetworkSecurityGroup": (
        f"{_NETWORK}/networkSecurityGroups/{{networkSecurityGroupName}}"
    ),
    f"{_NATIVE}:network:PrivateDnsZoneGroup": (
        f"{_ENDPOINT}/privateDnsZoneGroups/{{privateDnsZoneGroupName}}"
    ),
    f"{_NATIVE}:network:PrivateEndpoint": _ENDPOINT,
    f"{_NATIVE}:network:VirtualNetwork": f"{_NETWORK}/virtualNetworks/{{virtualNetworkName}}",
    f"{_NATIVE}:operationalinsights:Workspace": (
        f"{_IN}/Microsoft.OperationalInsights/workspaces/{{workspaceName}}"
    ),
    f"{_NATIVE}:privatedns:PrivateZone": _ZONE,
    f"{_NATIVE}:privatedns:VirtualNetworkLink": (
        f"{_ZONE}/virtualNetworkLinks/{{virtualNetworkLinkName}}"
    ),
    f"{_NATIVE}:resources:ResourceGroup": GROUP,
    f"{_NATIVE}:storage:BlobContainer": (
        f"{_STORE}/blobServices/default/containers/{{containerName}}"
    ),
    f"{_NATIVE}:storage:BlobServiceProperties": f"{_STORE}/blobServices/{{blobServicesName}}",
    f"{_NATIVE}:storage:ManagementPolicy": f"{_STORE}/managementPolicies/{{managementPolicyName}}",
    f"{_NATIVE}:storage:StorageAccount": _STORE,
    f"{_NATIVE}:storage:Table": f"{_STORE}/tableServices/default/tables/{{tableName}}",
}
"""Id by type, as a format of the inputs and of the provider's subscription."""


def arm_type(token: str) -> str:
    """Return the type of Azure Resource Manager: `Microsoft.Storage/storageAccounts`."""
    path = PATHS[token]
    if path == GROUP:
        return "Microsoft.Resources/subscriptions/resourceGroups"
    namespace, *parts = path.rpartition("/providers/")[2].split("/")
    return "/".join([namespace, *parts[::2]])
