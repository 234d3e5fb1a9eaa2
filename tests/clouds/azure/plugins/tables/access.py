"""Identities, roles, vaults, keys, locks."""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import PROVIDERS, Row

_IDENTITY = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}"
_VAULT = f"{PROVIDERS}/Microsoft.KeyVault/vaults/{{vaultName}}"
_ROLES = "/{scope}/providers/Microsoft.Authorization"

ACCESS: Mapping[str, Row] = {
    "azure-native:managedidentity:UserAssignedIdentity": Row(path=_IDENTITY, immutable="location"),
    "azure-native:managedidentity:FederatedIdentityCredential": Row(
        path=f"{_IDENTITY}/federatedIdentityCredentials/{{federatedIdentityCredentialResourceName}}"
    ),
    "azure-native:authorization:RoleAssignment": Row(
        path=f"{_ROLES}/roleAssignments/{{roleAssignmentName}}",
        immutable="principalId roleDefinitionId principalType",
    ),
    "azure-native:authorization:RoleDefinition": Row(
        path=f"{_ROLES}/roleDefinitions/{{roleDefinitionId}}", names={"roleType": "type"}
    ),
    "azure-native:authorization:ManagementLockByScope": Row(path=f"{_ROLES}/locks/{{lockName}}"),
    "azure-native:keyvault:Vault": Row(path=_VAULT, immutable="location"),
    "azure-native:keyvault:Key": Row(path=f"{_VAULT}/keys/{{keyName}}", vault="keys"),
    "azure-native:keyvault:Secret": Row(path=f"{_VAULT}/secrets/{{secretName}}", vault="secrets"),
}
