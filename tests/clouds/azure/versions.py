"""Versions of Azure Resource Manager's APIs that this repository's tests ask for, by namespace."""

from collections.abc import Mapping

from tests.clouds.azure.ids import parse

VERSIONS: Mapping[str, str] = {
    "microsoft.app": "2025-01-01",
    "microsoft.authorization": "2022-04-01",
    "microsoft.containerregistry": "2025-04-01",
    "microsoft.eventgrid": "2025-02-15",
    "microsoft.insights": "2022-10-01",
    "microsoft.keyvault": "2024-11-01",
    "microsoft.logic": "2019-05-01",
    "microsoft.machinelearningservices": "2025-12-01",
    "microsoft.managedidentity": "2024-11-30",
    "microsoft.network": "2024-05-01",
    "microsoft.operationalinsights": "2023-09-01",
    "microsoft.resources": "2024-03-01",
    "microsoft.storage": "2024-01-01",
}


def version_of(path: str) -> str:
    """Return the version to ask for a path with."""
    namespace = parse(path.partition("?")[0]).kind.partition("/")[0].lower()
    return VERSIONS.get(namespace, "2024-03-01")
