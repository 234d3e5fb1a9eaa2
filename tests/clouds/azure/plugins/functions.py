"""Functions of the SDK that a program may ask: secrets that no resource tells, and who asks."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.azure.plugins.bodies import Bodies, version
from tests.clouds.azure.plugins.client import Client
from tests.clouds.azure.plugins.rows import GROUP
from tests.clouds.azure.plugins.tables import ROWS
from tests.clouds.plugins.servicer import FailedThingError
from tests.clouds.plugins.wire import Values

Function = Callable[[Values, Client], Values]


def call(token: str, arguments: Values, client: Client) -> Values:
    """Return what a function tells.

    Raises:
        FailedThingError: no table has it.
    """
    if token in FUNCTIONS:
        return FUNCTIONS[token](arguments, client)
    resource = token.replace(":get", ":", 1)
    if resource in ROWS:
        return _got(resource, arguments, client)
    raise FailedThingError(f"the stand-in has no function `{token}`: add it to `functions.py`")


def _got(token: str, arguments: Values, client: Client) -> Values:
    row = ROWS[token]
    resource_id = row.id(arguments, client.subscription)
    found = client.get(resource_id, version(token))
    return {**Bodies(token, row).outputs(found), "id": found["id"]}


def _whoever(arguments: Values, client: Client) -> Values:
    del arguments
    claims = client.claims
    return {
        "clientId": claims["appid"],
        "objectId": claims["oid"],
        "subscriptionId": client.subscription,
        "tenantId": claims["tid"],
    }


def _posted(path: str, api: str) -> Function:
    def ask(arguments: Values, client: Client) -> Values:
        view: Mapping[str, Any] = {**arguments, "subscriptionId": client.subscription}
        return client.post(path.format_map(view), api)

    return ask


_WORKFLOW = f"{GROUP}/providers/Microsoft.Logic/workflows/{{workflowName}}"
_ML = f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/{{workspaceName}}"
FUNCTIONS: Mapping[str, Function] = {
    "azure-native:authorization:getClientConfig": _whoever,
    "azure-native:containerregistry:listRegistryCredentials": _posted(
        f"{GROUP}/providers/Microsoft.ContainerRegistry/registries/{{registryName}}/listCredentials",
        "2023-01-01-preview",
    ),
    "azure-native:logic:listWorkflowCallbackUrl": _posted(
        f"{_WORKFLOW}/listCallbackUrl", "2019-05-01"
    ),
    "azure-native:logic:listWorkflowTriggerCallbackUrl": _posted(
        f"{_WORKFLOW}/triggers/{{triggerName}}/listCallbackUrl", "2019-05-01"
    ),
    "azure-native:machinelearningservices:listOnlineEndpointKeys": _posted(
        f"{_ML}/onlineEndpoints/{{endpointName}}/listKeys", "2025-12-01"
    ),
    "azure-native:machinelearningservices:listWorkspaceKeys": _posted(
        f"{_ML}/listKeys", "2025-12-01"
    ),
    "azure-native:operationalinsights:getSharedKeys": _posted(
        f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspaceName}}/sharedKeys",
        "2023-09-01",
    ),
    "azure-native:storage:listStorageAccountKeys": _posted(
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}/listKeys",
        "2024-01-01",
    ),
}
"""By the function's token."""
