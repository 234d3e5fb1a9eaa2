"""Which version of its API each type of resource is asked in: one table.

Where `pulumi-azure-native` 3.29 makes the same type, the version is one whose answers it reads.
"""

from collections.abc import Mapping

ML = "2025-12-01"
"""Azure Machine Learning; the shapes are those of azure-ai-ml 1.35's `arm_ml_service` models."""
_RESOURCES = "2024-11-01"

VERSIONS: Mapping[str, str] = {
    "microsoft.app": "2025-01-01",
    "microsoft.authorization": "2022-04-01",
    "microsoft.containerregistry": "2023-07-01",
    # The tasks of a registry, and what they run on, are an API of their own.
    "microsoft.containerregistry/registries/agentpools": "2019-06-01-preview",
    "microsoft.containerregistry/registries/listbuildsourceuploadurl": "2019-06-01-preview",
    "microsoft.containerregistry/registries/runs": "2019-06-01-preview",
    "microsoft.containerregistry/registries/schedulerun": "2019-06-01-preview",
    "microsoft.eventgrid": "2025-02-15",
    "microsoft.insights": "2022-10-01",
    "microsoft.insights/components": "2020-02-02",
    "microsoft.insights/diagnosticsettings": "2021-05-01-preview",
    "microsoft.insights/metrics": "2023-10-01",
    "microsoft.insights/metricalerts": "2018-03-01",
    "microsoft.insights/scheduledqueryrules": "2023-12-01",
    "microsoft.insights/actiongroups": "2023-01-01",
    "microsoft.keyvault": "2023-07-01",
    "microsoft.logic": "2019-05-01",
    "microsoft.machinelearningservices": ML,
    "microsoft.managedidentity": "2023-01-31",
    "microsoft.network": "2024-05-01",
    "microsoft.network/privatednszones": "2024-06-01",
    "microsoft.operationalinsights": "2023-09-01",
    "microsoft.resources": _RESOURCES,
    "microsoft.storage": "2024-01-01",
}
"""By namespace, or by type where a type has its own; lower case, ARM tells no cases apart."""


def version_of(path: str) -> str:
    """Return the version in which the resource, collection or action at a path is asked.

    Raises:
        LookupError: the table lacks its namespace.
    """
    kind = type_of(path)
    while kind:
        if found := VERSIONS.get(kind):
            return found
        kind = kind.rpartition("/")[0]
    raise LookupError(f"`api_versions.VERSIONS` has no row for `{path}`")


def type_of(path: str) -> str:
    """Return the type of what a path names, in lower case: `microsoft.storage/storageaccounts`."""
    before, _, tail = path.partition("?")[0].lower().rpartition("/providers/")
    if not before and not tail.startswith("microsoft."):
        return "microsoft.resources/subscriptions/resourcegroups"
    namespace, *parts = tail.strip("/").split("/")
    return "/".join([namespace, *parts[::2]])
