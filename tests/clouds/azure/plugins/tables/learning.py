"""Azure ML: the workspace and what is in it (Microsoft.MachineLearningServices/2025-12-01)."""

from collections.abc import Mapping

from tests.clouds.azure.plugins.rows import PROVIDERS, Row

_ML = "azure-native:machinelearningservices"
_WORKSPACE = f"{PROVIDERS}/Microsoft.MachineLearningServices/workspaces/{{workspaceName}}"
_ASSETS: Mapping[str, str] = {
    "Code": "codes",
    "Component": "components",
    "Data": "data",
    "Environment": "environments",
    "Model": "models",
}
_ENDPOINTS: Mapping[str, str] = {"Batch": "batchEndpoints", "Online": "onlineEndpoints"}

LEARNING: Mapping[str, Row] = {
    f"{_ML}:Workspace": Row(
        path=_WORKSPACE, immutable="location", wrapped={"sharedPrivateLinkResources[]": "name"}
    ),
    f"{_ML}:WorkspaceConnection": Row(path=f"{_WORKSPACE}/connections/{{connectionName}}"),
    f"{_ML}:Datastore": Row(path=f"{_WORKSPACE}/datastores/{{name}}", query="skipValidation"),
    f"{_ML}:Compute": Row(path=f"{_WORKSPACE}/computes/{{computeName}}", immutable="location"),
    f"{_ML}:Schedule": Row(path=f"{_WORKSPACE}/schedules/{{name}}"),
    f"{_ML}:Job": Row(path=f"{_WORKSPACE}/jobs/{{id}}", immutable="properties"),
    **{
        f"{_ML}:{kind}Container": Row(path=f"{_WORKSPACE}/{folder}/{{name}}")
        for kind, folder in _ASSETS.items()
    },
    **{
        f"{_ML}:{kind}Version": Row(path=f"{_WORKSPACE}/{folder}/{{name}}/versions/{{version}}")
        for kind, folder in _ASSETS.items()
    },
    **{
        f"{_ML}:{kind}Endpoint": Row(
            path=f"{_WORKSPACE}/{folder}/{{endpointName}}", immutable="location"
        )
        for kind, folder in _ENDPOINTS.items()
    },
    **{
        f"{_ML}:{kind}Deployment": Row(
            path=f"{_WORKSPACE}/{folder}/{{endpointName}}/deployments/{{deploymentName}}",
            immutable="location",
        )
        for kind, folder in _ENDPOINTS.items()
    },
}
