"""The Azure walkers pass valid inputs and catch each planted fault.

Limit: samples are written by hand; outside Azure ML the SDK's own types are the only model.
"""

from typing import Any

import pytest

from tests.contract.faults import REMOVED, assert_found, planted
from tests.contract.walkers import checks
from tests.contract.walkers.finding import Rule

_UNKNOWN = {"$unknown": True}
_ML = "azure-native:machinelearningservices:"
_ENDPOINT = f"{_ML}OnlineEndpoint"
_DEPLOYMENT = f"{_ML}OnlineDeployment"
_WORKSPACE = f"{_ML}Workspace"
_VERSION = f"{_ML}ModelVersion"
_SCHEDULE = f"{_ML}Schedule"
_STORAGE = "azure-native:storage:StorageAccount"
_CONTAINER = "azure-native:storage:BlobContainer"
_VAULT = "azure-native:keyvault:Vault"
_REGISTRY = "azure-native:containerregistry:Registry"
_ROLE = "azure-native:authorization:RoleAssignment"
_GUID = "2b8f1c1e-0000-4000-8000-000000000001"
_GROUP_ID = f"/subscriptions/{_GUID}/resourceGroups/flights"
_IN_GROUP = {"resourceGroupName": "flights"}
_IN_WORKSPACE = {**_IN_GROUP, "workspaceName": "flights"}

SAMPLES: dict[str, dict[str, Any]] = {
    _ENDPOINT: {
        **_IN_WORKSPACE,
        "endpointName": "score-1f2e",
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "properties": {"authMode": "AADToken", "publicNetworkAccess": "Disabled", "traffic": {}},
        "tags": {"owner": "ml"},
    },
    _DEPLOYMENT: {
        **_IN_WORKSPACE,
        "endpointName": "score-1f2e",
        "deploymentName": "blue",
        "location": "westeurope",
        "sku": {"name": "Default", "capacity": 1},
        "properties": {
            "endpointComputeType": "Managed",
            "instanceType": "Standard_DS3_v2",
            "model": _UNKNOWN,
            "environmentVariables": {"A": "b"},
            "requestSettings": {"requestTimeout": "PT5S"},
            "scaleSettings": {"scaleType": "Default"},
            "livenessProbe": {"failureThreshold": 3, "period": "PT10S"},
            "dataCollector": {"collections": {"model_inputs": {"dataCollectionMode": "Enabled"}}},
        },
    },
    _WORKSPACE: {
        **_IN_WORKSPACE,
        "location": "westeurope",
        "identity": {"type": "SystemAssigned"},
        "friendlyName": "flights",
        "storageAccount": f"{_GROUP_ID}/providers/Microsoft.Storage/storageAccounts/flights",
        "keyVault": _UNKNOWN,
        "publicNetworkAccess": "Disabled",
    },
    _VERSION: {
        **_IN_WORKSPACE,
        "name": "late",
        "version": "1",
        "properties": {"modelType": "mlflow_model", "modelUri": "azureml://x", "tags": {"a": "b"}},
    },
    _SCHEDULE: {
        **_IN_WORKSPACE,
        "name": "nightly",
        "properties": {
            "trigger": {"triggerType": "Cron", "expression": "0 3 * * *"},
            "action": {
                "actionType": "InvokeBatchEndpoint",
                "endpointInvocationDefinition": {"input": "x"},
            },
        },
    },
    _STORAGE: {
        **_IN_GROUP,
        "accountName": "flights1f2e",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "minimumTlsVersion": "TLS1_2",
        "allowBlobPublicAccess": False,
    },
    _CONTAINER: {
        **_IN_GROUP,
        "accountName": "flights1f2e",
        "containerName": "data",
        "publicAccess": "None",
    },
    _VAULT: {
        **_IN_GROUP,
        "vaultName": "flights-1f2e",
        "properties": {
            "tenantId": _GUID,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "softDeleteRetentionInDays": 7,
        },
    },
    _REGISTRY: {**_IN_GROUP, "registryName": "flights1f2e", "sku": {"name": "Premium"}},
    "azure-native:managedidentity:UserAssignedIdentity": {
        **_IN_GROUP,
        "resourceName": "flights-train",
    },
    _ROLE: {
        "principalId": _UNKNOWN,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{_GUID}",
        "roleAssignmentName": _GUID,
        "scope": _GROUP_ID,
    },
}

FAULTS = [
    # (id, token, path, planted value, rule)
    ("auth-case", _ENDPOINT, "properties.authMode", "key", Rule.ENUM),
    ("auth-missing", _ENDPOINT, "properties.authMode", REMOVED, Rule.REQUIRED),
    ("read-only", _ENDPOINT, "properties.scoringUri", "https://x", Rule.UNKNOWN),
    ("endpoint-name", _ENDPOINT, "endpointName", "1score", Rule.PATTERN),
    ("endpoint-long", _ENDPOINT, "endpointName", "s" * 33, Rule.PATTERN),
    ("location", _ENDPOINT, "location", "West Europe", Rule.PATTERN),
    ("location-missing", _ENDPOINT, "location", REMOVED, Rule.REQUIRED),
    ("identity", _ENDPOINT, "identity.type", "System", Rule.ENUM),
    ("traffic-text", _ENDPOINT, "properties.traffic", {"blue": "100"}, Rule.TYPE),
    ("network", _ENDPOINT, "properties.publicNetworkAccess", False, Rule.TYPE),
    ("wrong-nesting", _ENDPOINT, "authMode", "Key", Rule.UNKNOWN),
    (
        "no-discriminator",
        _DEPLOYMENT,
        "properties.endpointComputeType",
        REMOVED,
        Rule.DISCRIMINATOR,
    ),
    ("discriminator", _DEPLOYMENT, "properties.endpointComputeType", "managed", Rule.DISCRIMINATOR),
    (
        "nested-discriminator",
        _DEPLOYMENT,
        "properties.scaleSettings.scaleType",
        "Auto",
        Rule.DISCRIMINATOR,
    ),
    (
        "nested-discriminator-missing",
        _DEPLOYMENT,
        "properties.scaleSettings.scaleType",
        REMOVED,
        Rule.DISCRIMINATOR,
    ),
    ("capacity-text", _DEPLOYMENT, "sku.capacity", "1", Rule.TYPE),
    ("capacity-zero", _DEPLOYMENT, "sku.capacity", 0, Rule.MIN),
    ("sku-name", _DEPLOYMENT, "sku.name", REMOVED, Rule.REQUIRED),
    ("seconds", _DEPLOYMENT, "properties.requestSettings.requestTimeout", "5s", Rule.PATTERN),
    ("unknown", _DEPLOYMENT, "properties.instanceCount", 1, Rule.UNKNOWN),
    ("hidden", _DEPLOYMENT, "properties", _UNKNOWN, Rule.OPAQUE),
    (
        "collection",
        _DEPLOYMENT,
        "properties.dataCollector.collections.model_inputs.dataCollectionMode",
        "On",
        Rule.ENUM,
    ),
    ("state-sent", _DEPLOYMENT, "properties.provisioningState", "Succeeded", Rule.READ_ONLY),
    ("threshold", _DEPLOYMENT, "properties.livenessProbe.failureThreshold", 1.5, Rule.TYPE),
    ("workspace", _WORKSPACE, "workspaceName", "_flights", Rule.PATTERN),
    ("name-for-id", _WORKSPACE, "storageAccount", "flights", Rule.PATTERN),
    ("access", _WORKSPACE, "publicNetworkAccess", "disabled", Rule.ENUM),
    ("model-name", _VERSION, "name", "late/1", Rule.PATTERN),
    ("tag-number", _VERSION, "properties.tags", {"a": 1}, Rule.TYPE),
    ("cron", _SCHEDULE, "properties.trigger.expression", "0 0 3 * * *", Rule.CRON),
    ("trigger", _SCHEDULE, "properties.trigger.triggerType", "cron", Rule.DISCRIMINATOR),
    ("account", _STORAGE, "accountName", "flights-data", Rule.PATTERN),
    ("account-long", _STORAGE, "accountName", "a" * 25, Rule.PATTERN),
    ("kind", _STORAGE, "kind", "Storage2", Rule.ENUM),
    ("tls", _STORAGE, "minimumTlsVersion", "1.2", Rule.ENUM),
    ("sku", _STORAGE, "sku.name", "LRS", Rule.ENUM),
    ("container", _CONTAINER, "containerName", "Data", Rule.PATTERN),
    ("vault", _VAULT, "vaultName", "1flights", Rule.PATTERN),
    ("tenant", _VAULT, "properties.tenantId", "contoso", Rule.PATTERN),
    ("retention", _VAULT, "properties.softDeleteRetentionInDays", 3, Rule.MIN),
    ("dash", _REGISTRY, "registryName", "flights-1f2e", Rule.PATTERN),
    ("role", _ROLE, "roleDefinitionId", "Contributor", Rule.PATTERN),
    ("principal", _ROLE, "principalType", "Robot", Rule.ENUM),
    ("scope", _ROLE, "scope", "flights", Rule.PATTERN),
]

_TYPE = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/deployments"
_BODY = {k: SAMPLES[_DEPLOYMENT][k] for k in ("location", "sku", "properties")}


def _place(path: str, value: object) -> str:
    """Return where the finding stands: below `path` when a map with one entry is planted."""
    planted_map = isinstance(value, dict) and value is not _UNKNOWN
    return f"{path}.{next(iter(value))}" if planted_map else path  # type: ignore[call-overload]


@pytest.mark.parametrize("token", SAMPLES)
def test_valid_inputs_have_no_finding(token: str) -> None:
    assert [str(f) for f in checks.azure(token, SAMPLES[token])] == []


@pytest.mark.parametrize(
    ("token", "path", "value", "rule"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_planted_fault_is_caught(token: str, path: str, value: object, rule: Rule) -> None:
    findings = checks.azure(token, planted(SAMPLES[token], path, value))

    assert_found(findings, _place(path, value), rule)


def test_valid_request_has_no_finding() -> None:
    assert [str(f) for f in checks.request("azure.ml", _TYPE, _BODY)] == []


def test_state_sent_in_a_request_is_caught() -> None:
    body = planted(_BODY, "properties.provisioningState", "Succeeded")

    findings = checks.request("azure.ml", _TYPE, body)

    assert_found(findings, "properties.provisioningState", Rule.READ_ONLY)


@pytest.mark.parametrize("token", [f"{_ML}OnlineEnpoint", "azure-native:redis:Redis"])
def test_token_without_a_table_is_a_finding(token: str) -> None:
    assert Rule.TOKEN in {f.rule for f in checks.azure(token, {})}
