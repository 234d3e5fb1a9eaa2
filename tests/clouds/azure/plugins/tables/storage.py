"""Resource groups, storage accounts, container registries.

Names that differ from the API's: `x-ms-client-name` in Microsoft.Storage/2024-01-01.
"""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import GROUP, PROVIDERS, Row

_ACCOUNT = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/{{accountName}}"
_REGISTRY = f"{PROVIDERS}/Microsoft.ContainerRegistry/registries/{{registryName}}"

STORAGE: Mapping[str, Row] = {
    "azure-native:resources:ResourceGroup": Row(path=GROUP, immutable="location"),
    "azure-native:storage:StorageAccount": Row(
        path=_ACCOUNT,
        immutable="location isHnsEnabled",
        names={
            "networkRuleSet": "networkAcls",
            "networkRuleSet.virtualNetworkRules[].virtualNetworkResourceId": "id",
            "networkRuleSet.ipRules[].iPAddressOrRange": "value",
            "enableHttpsTrafficOnly": "supportsHttpsTrafficOnly",
            "enableNfsV3": "isNfsV3Enabled",
            "encryption.encryptionIdentity": "identity",
            "encryption.encryptionIdentity.encryptionUserAssignedIdentity": "userAssignedIdentity",
            "encryption.encryptionIdentity.encryptionFederatedIdentityClientId": (
                "federatedIdentityClientId"
            ),
            "encryption.keyVaultProperties": "keyvaultproperties",
            "encryption.keyVaultProperties.keyName": "keyname",
            "encryption.keyVaultProperties.keyVersion": "keyversion",
            "encryption.keyVaultProperties.keyVaultUri": "keyvaulturi",
        },
    ),
    "azure-native:storage:BlobServiceProperties": Row(
        path=f"{_ACCOUNT}/blobServices/{{blobServicesName}}",
        defaults={"properties": {"cors": {"corsRules": []}, "isVersioningEnabled": False}},
    ),
    "azure-native:storage:TableServiceProperties": Row(
        path=f"{_ACCOUNT}/tableServices/{{tableServiceName}}",
        defaults={"properties": {"cors": {"corsRules": []}}},
    ),
    "azure-native:storage:BlobContainer": Row(
        path=f"{_ACCOUNT}/blobServices/default/containers/{{containerName}}"
    ),
    "azure-native:storage:Table": Row(
        path=f"{_ACCOUNT}/tableServices/default/tables/{{tableName}}"
    ),
    "azure-native:storage:ManagementPolicy": Row(
        path=f"{_ACCOUNT}/managementPolicies/{{managementPolicyName}}"
    ),
    "azure-native:containerregistry:Registry": Row(
        path=_REGISTRY,
        immutable="location",
        names={"networkRuleSet.ipRules[].iPAddressOrRange": "value"},
    ),
    "azure-native:containerregistry:AgentPool": Row(
        path=f"{_REGISTRY}/agentPools/{{agentPoolName}}", immutable="location"
    ),
    "azure-native:containerregistry:Task": Row(
        path=f"{_REGISTRY}/tasks/{{taskName}}", immutable="location"
    ),
}
