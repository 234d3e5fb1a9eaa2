"""One of each thing that Azure's adapters may register, in the order that they need."""

from typing import Any

from tests.clouds.azure.addresses import REGION, TENANT

GROUP = "flights-dev"
_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
_NAME = "0f5f1c4e-8f4d-5f0a-9d58-0d4b2d1d6a01"
_ROLE = "0f5f1c4e-8f4d-5f0a-9d58-0d4b2d1d6a02"
_SERVICES = {name: {"enabled": True, "keyType": "Account"} for name in ("blob", "file")}
_DEFINITION: dict[str, Any] = {
    "$schema": (
        "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01"
        "/workflowdefinition.json#"
    ),
    "contentVersion": "1.0.0.0",
    "triggers": {"told": {"type": "Request", "kind": "Http", "inputs": {}}},
    "actions": {},
    "outputs": {},
}
Samples = dict[str, dict[str, Any]]


def samples(subscription: str, principal: str) -> Samples:
    """Return valid inputs by type token.

    Args:
        subscription: the one that is played.
        principal: object id of somebody who may get a role.
    """
    every = {
        **_foundation(subscription, principal),
        **_network(subscription),
        **_learning(subscription),
        **_running(subscription),
    }
    return {f"azure-native:{token}": inputs for token, inputs in every.items()}


def _id(subscription: str, rest: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{GROUP}/providers/Microsoft.{rest}"


def _foundation(subscription: str, principal: str) -> Samples:
    account = _id(subscription, "Storage/storageAccounts/flightsdata")
    roles = f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions"
    group = {"resourceGroupName": GROUP}
    here = {**group, "location": REGION, "tags": {"owner": "us"}}
    store = {**group, "accountName": "flightsdata"}
    return {
        "resources:ResourceGroup": {**here},
        "managedidentity:UserAssignedIdentity": {**here, "resourceName": "flights-train"},
        "managedidentity:FederatedIdentityCredential": {
            **group,
            "resourceName": "flights-train",
            "federatedIdentityCredentialResourceName": "ci",
            "issuer": "https://token.actions.githubusercontent.com",
            "subject": "repo:a/b:ref:refs/heads/main",
            "audiences": ["api://AzureADTokenExchange"],
        },
        "operationalinsights:Workspace": {
            **here,
            "workspaceName": "flights-logs",
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
            "features": {"disableLocalAuth": True},
        },
        "applicationinsights:Component": {
            **here,
            "resourceName": "flights-insights",
            "kind": "web",
            "applicationType": "web",
            "ingestionMode": "LogAnalytics",
            "workspaceResourceId": _id(subscription, "OperationalInsights/workspaces/flights-logs"),
        },
        "keyvault:Vault": {
            **here,
            "vaultName": "flights-vault",
            "properties": {
                "tenantId": TENANT,
                "sku": {"family": "A", "name": "standard"},
                "enableRbacAuthorization": True,
                "enableSoftDelete": True,
                "softDeleteRetentionInDays": 7,
                "publicNetworkAccess": "Enabled",
                "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow"},
            },
        },
        "keyvault:Key": {
            **group,
            "vaultName": "flights-vault",
            "keyName": "stores",
            "properties": {
                "kty": "RSA",
                "keySize": 3072,
                "keyOps": ["wrapKey", "unwrapKey"],
                "attributes": {"enabled": True, "exportable": False},
            },
            "tags": {"owner": "us"},
        },
        "keyvault:Secret": {
            **group,
            "vaultName": "flights-vault",
            "secretName": "callback",
            "properties": {"value": "hush", "contentType": "text/plain"},
        },
        "storage:StorageAccount": {
            **here,
            "accountName": "flightsdata",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "accessTier": "Hot",
            "allowSharedKeyAccess": False,
            "allowBlobPublicAccess": False,
            "enableHttpsTrafficOnly": True,
            "minimumTlsVersion": "TLS1_2",
            "publicNetworkAccess": "Enabled",
            "networkRuleSet": {"bypass": "AzureServices", "defaultAction": "Allow"},
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": [
                    _id(subscription, "ManagedIdentity/userAssignedIdentities/flights-train")
                ],
            },
            "encryption": {
                "keySource": "Microsoft.Keyvault",
                "requireInfrastructureEncryption": True,
                "services": _SERVICES,
                "keyVaultProperties": {
                    "keyName": "stores",
                    "keyVaultUri": "https://flights-vault.vault.azure.net/",
                },
                "encryptionIdentity": {
                    "encryptionUserAssignedIdentity": _id(
                        subscription, "ManagedIdentity/userAssignedIdentities/flights-train"
                    )
                },
            },
        },
        "storage:BlobServiceProperties": {
            **store,
            "blobServicesName": "default",
            "isVersioningEnabled": True,
            "deleteRetentionPolicy": {"enabled": True, "days": 7},
        },
        "storage:BlobContainer": {**store, "containerName": "artifacts", "publicAccess": "None"},
        "storage:Blob": {
            **store,
            "containerName": "artifacts",
            "blobName": "code/a b.json",
            "type": "Block",
            "source": {
                "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
                "text": "{}",
            },
        },
        "storage:Table": {**store, "tableName": "features"},
        "storage:ManagementPolicy": {
            **store,
            "managementPolicyName": "default",
            "policy": {
                "rules": [
                    {
                        "name": "artifacts",
                        "type": "Lifecycle",
                        "enabled": True,
                        "definition": {
                            "actions": {
                                "version": {"delete": {"daysAfterCreationGreaterThan": 30}}
                            },
                            "filters": {"blobTypes": ["blockBlob"], "prefixMatch": ["artifacts/"]},
                        },
                    }
                ]
            },
        },
        "containerregistry:Registry": {
            **here,
            "registryName": "flightsimages",
            "sku": {"name": "Premium"},
            "adminUserEnabled": False,
            "policies": {"retentionPolicy": {"days": 7, "status": "enabled"}},
        },
        "authorization:RoleDefinition": {
            "scope": f"/subscriptions/{subscription}/resourceGroups/{GROUP}",
            "roleDefinitionId": _ROLE,
            "roleName": "flights-train jobs",
            "roleType": "CustomRole",
            "assignableScopes": [f"/subscriptions/{subscription}/resourceGroups/{GROUP}"],
            "permissions": [
                {"actions": ["Microsoft.MachineLearningServices/workspaces/jobs/read"]}
            ],
        },
        "authorization:RoleAssignment": {
            "scope": account,
            "roleAssignmentName": _NAME,
            "roleDefinitionId": f"{roles}/{_READER}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
        },
        "monitor:DiagnosticSetting": {
            "name": "mlops-iac",
            "resourceUri": account,
            "workspaceId": _id(subscription, "OperationalInsights/workspaces/flights-logs"),
            "metrics": [{"category": "AllMetrics", "enabled": True}],
        },
        "monitor:ActionGroup": {
            **group,
            "location": "global",
            "actionGroupName": "flights-alerts",
            "groupShortName": "flights",
            "enabled": True,
            "emailReceivers": [
                {"name": "team", "emailAddress": "a@example.com", "useCommonAlertSchema": True}
            ],
        },
    }


def _network(subscription: str) -> Samples:
    group = {"resourceGroupName": GROUP}
    here = {**group, "location": REGION}
    network = _id(subscription, "Network/virtualNetworks/flights")
    zone = _id(subscription, "Network/privateDnsZones/privatelink.blob.core.windows.net")
    return {
        "network:NetworkSecurityGroup": {
            **here,
            "networkSecurityGroupName": "flights-jobs",
            "securityRules": [
                {
                    "name": "out",
                    "priority": 100,
                    "direction": "Outbound",
                    "access": "Allow",
                    "protocol": "Tcp",
                    "sourceAddressPrefix": "*",
                    "sourcePortRange": "*",
                    "destinationAddressPrefix": "Storage",
                    "destinationPortRange": "443",
                }
            ],
        },
        "network:PublicIPAddress": {
            **here,
            "publicIpAddressName": "flights-out",
            "publicIPAllocationMethod": "Static",
            "sku": {"name": "Standard"},
        },
        "network:NatGateway": {
            **here,
            "natGatewayName": "flights-nat",
            "sku": {"name": "Standard"},
            "publicIpAddresses": [
                {"id": _id(subscription, "Network/publicIPAddresses/flights-out")}
            ],
        },
        "network:VirtualNetwork": {
            **here,
            "virtualNetworkName": "flights",
            "addressSpace": {"addressPrefixes": ["10.20.0.0/16"]},
        },
        "network:Subnet": {
            **group,
            "virtualNetworkName": "flights",
            "subnetName": "jobs",
            "addressPrefix": "10.20.0.0/20",
            "networkSecurityGroup": {
                "id": _id(subscription, "Network/networkSecurityGroups/flights-jobs")
            },
            "delegations": [{"name": "apps", "serviceName": "Microsoft.App/environments"}],
        },
        "network:PrivateEndpoint": {
            **here,
            "privateEndpointName": "flights-blob",
            "subnet": {"id": f"{network}/subnets/jobs"},
            "privateLinkServiceConnections": [
                {
                    "name": "blob",
                    "privateLinkServiceId": _id(
                        subscription, "Storage/storageAccounts/flightsdata"
                    ),
                    "groupIds": ["blob"],
                }
            ],
        },
        "privatedns:PrivateZone": {
            **group,
            "location": "global",
            "privateZoneName": "privatelink.blob.core.windows.net",
        },
        "privatedns:VirtualNetworkLink": {
            **group,
            "location": "global",
            "privateZoneName": "privatelink.blob.core.windows.net",
            "virtualNetworkLinkName": "flights",
            "registrationEnabled": False,
            "virtualNetwork": {"id": network},
        },
        "network:PrivateDnsZoneGroup": {
            **group,
            "privateEndpointName": "flights-blob",
            "privateDnsZoneGroupName": "default",
            "privateDnsZoneConfigs": [{"name": "blob", "privateDnsZoneId": zone}],
        },
    }


def _learning(subscription: str) -> Samples:
    here = {"resourceGroupName": GROUP, "workspaceName": "flights-ml"}
    identity = _id(subscription, "ManagedIdentity/userAssignedIdentities/flights-train")
    own = {"type": "UserAssigned", "userAssignedIdentities": [identity]}
    workspace = _id(subscription, "MachineLearningServices/workspaces/flights-ml")
    job = {
        "jobType": "Command",
        "command": "python check.py",
        "environmentId": f"{workspace}/environments/train/versions/1",
    }
    return {
        "machinelearningservices:Workspace": {
            **here,
            "location": REGION,
            "kind": "Default",
            "sku": {"name": "Basic"},
            "friendlyName": "flights",
            "storageAccount": _id(subscription, "Storage/storageAccounts/flightsdata"),
            "keyVault": _id(subscription, "KeyVault/vaults/flights-vault"),
            "applicationInsights": _id(subscription, "Insights/components/flights-insights"),
            "containerRegistry": _id(subscription, "ContainerRegistry/registries/flightsimages"),
            "identity": own,
            "primaryUserAssignedIdentity": identity,
            "systemDatastoresAuthMode": "Identity",
            "publicNetworkAccess": "Enabled",
        },
        "machinelearningservices:Datastore": {
            **here,
            "name": "mlops_iac",
            "skipValidation": True,
            "properties": {
                "datastoreType": "AzureBlob",
                "accountName": "flightsdata",
                "containerName": "artifacts",
                "endpoint": "core.windows.net",
                "protocol": "https",
                "credentials": {"credentialsType": "None"},
            },
        },
        "machinelearningservices:Compute": {
            **here,
            "computeName": "train-cpu",
            "location": REGION,
            "identity": own,
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": "Standard_DS3_v2",
                    "vmPriority": "Dedicated",
                    "scaleSettings": {
                        "maxNodeCount": 2,
                        "minNodeCount": 0,
                        "nodeIdleTimeBeforeScaleDown": "PT5M",
                    },
                },
            },
        },
        "machinelearningservices:DataContainer": {
            **here,
            "name": "departures",
            "properties": {"dataType": "uri_folder", "description": "d"},
        },
        "machinelearningservices:DataVersion": {
            **here,
            "name": "departures",
            "version": "1",
            "properties": {
                "dataType": "uri_folder",
                "dataUri": "azureml://datastores/mlops_iac/paths/data/departures/",
            },
        },
        "machinelearningservices:EnvironmentContainer": {**here, "name": "train", "properties": {}},
        "machinelearningservices:EnvironmentVersion": {
            **here,
            "name": "train",
            "version": "1",
            "properties": {"image": "flightsimages.azurecr.io/train:1"},
        },
        "machinelearningservices:ComponentContainer": {**here, "name": "check", "properties": {}},
        "machinelearningservices:ModelContainer": {
            **here,
            "name": "late",
            "properties": {"description": "d", "tags": {"approval": "manual"}},
        },
        "machinelearningservices:Schedule": {
            **here,
            "name": "watch",
            "properties": {
                "displayName": "watch",
                "isEnabled": False,
                "trigger": {
                    "triggerType": "Recurrence",
                    "frequency": "Hour",
                    "interval": 1,
                    "timeZone": "UTC",
                },
                "action": {"actionType": "CreateJob", "jobDefinition": job},
            },
        },
        "machinelearningservices:OnlineEndpoint": {
            **here,
            "endpointName": "flights-score",
            "location": REGION,
            "identity": own,
            "properties": {"authMode": "AADToken", "publicNetworkAccess": "Enabled"},
        },
        "machinelearningservices:BatchEndpoint": {
            **here,
            "endpointName": "flights-nightly",
            "location": REGION,
            "identity": own,
            "properties": {"authMode": "AADToken"},
        },
    }


def _running(subscription: str) -> Samples:
    here = {"resourceGroupName": GROUP, "location": REGION}
    identity = _id(subscription, "ManagedIdentity/userAssignedIdentities/flights-train")
    own = {"type": "UserAssigned", "userAssignedIdentities": [identity]}
    apps = _id(subscription, "App/managedEnvironments/flights-apps")
    workspace = _id(subscription, "MachineLearningServices/workspaces/flights-ml")
    return {
        "logic:Workflow": {
            **here,
            "workflowName": "flights-refresh",
            "identity": own,
            "state": "Enabled",
            "definition": _DEFINITION,
        },
        "eventgrid:SystemTopic": {
            **here,
            "systemTopicName": "flights-ml",
            "source": workspace,
            "topicType": "Microsoft.MachineLearningServices.Workspaces",
        },
        "eventgrid:SystemTopicEventSubscription": {
            "resourceGroupName": GROUP,
            "systemTopicName": "flights-ml",
            "eventSubscriptionName": "refresh",
            "eventDeliverySchema": "EventGridSchema",
            "destination": {
                "endpointType": "WebHook",
                "endpointUrl": "https://prod-1.westeurope.logic.azure.com/workflows/a?sig=b",
            },
            "filter": {
                "includedEventTypes": ["Microsoft.MachineLearningServices.RunCompleted"],
                "advancedFilters": [
                    {"operatorType": "StringIn", "key": "data.runTags.monitor", "values": ["watch"]}
                ],
            },
            "retryPolicy": {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440},
        },
        "app:ManagedEnvironment": {
            **here,
            "environmentName": "flights-apps",
            "workloadProfiles": [{"name": "Consumption", "workloadProfileType": "Consumption"}],
        },
        "app:ContainerApp": {
            **here,
            "containerAppName": "flights-light",
            "managedEnvironmentId": apps,
            "identity": own,
            "configuration": {
                "activeRevisionsMode": "Single",
                "ingress": {"external": True, "targetPort": 8080},
            },
            "template": {
                "containers": [
                    {
                        "name": "serve",
                        "image": "flightsimages.azurecr.io/serve:1",
                        "resources": {"cpu": 1, "memory": "2Gi"},
                    }
                ],
                "scale": {"minReplicas": 0, "maxReplicas": 2},
            },
        },
        "monitor:MetricAlert": {
            "resourceGroupName": GROUP,
            "location": "global",
            "ruleName": "flights-latency",
            "severity": 2,
            "enabled": True,
            "scopes": [f"{workspace}/onlineEndpoints/flights-score"],
            "evaluationFrequency": "PT1M",
            "windowSize": "PT5M",
            "criteria": {
                "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                "allOf": [
                    {
                        "criterionType": "StaticThresholdCriterion",
                        "name": "slow",
                        "metricName": "RequestLatency",
                        "operator": "GreaterThan",
                        "threshold": 500,
                        "timeAggregation": "Average",
                    }
                ],
            },
        },
        "monitor:AutoscaleSetting": {
            **here,
            "autoscaleSettingName": "flights-score",
            "name": "flights-score",
            "enabled": True,
            "targetResourceUri": f"{workspace}/onlineEndpoints/flights-score",
            "profiles": [
                {
                    "name": "default",
                    "capacity": {"minimum": "1", "maximum": "3", "default": "1"},
                    "rules": [],
                }
            ],
        },
    }
