"""Write which REST methods of Google Cloud the product may call: `python -m tools.gcp_methods`.

From the discovery documents in `googleapiclient`, which are too large to be read at run time
(Vertex AI's has 4 MB); a test proves that the written table is what the documents say.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "providers/gcp/mlops_iac_gcp/methods.txt"
HERE = "projects.locations"
COLLECTIONS: Mapping[str, tuple[str, ...]] = {
    "aiplatform.v1": (
        "batchPredictionJobs",
        "customJobs",
        "datasets",
        "deploymentResourcePools",
        "endpoints",
        "featureGroups",
        "featureOnlineStores",
        "hyperparameterTuningJobs",
        "metadataStores",
        "models",
        "operations",
        "persistentResources",
        "pipelineJobs",
        "schedules",
        "tensorboards",
    ),
    "aiplatform.v1beta1": (
        "endpoints",
        "featureGroups",
        "modelMonitors",
        "models",
        "operations",
        "persistentResources",
        "pipelineJobs",
        "schedules",
    ),
    "artifactregistry.v1": (
        "operations",
        "repositories",
    ),
    "cloudbuild.v1": ("/projects.builds", "builds", "operations"),
    "cloudscheduler.v1": ("jobs",),
    "dataplex.v1": ("dataScans", "operations"),
    "eventarc.v1": ("triggers", "operations"),
    "iam.v1": ("/projects.serviceAccounts",),
    "logging.v2": ("/entries",),
    "monitoring.v3": (
        "/projects.alertPolicies",
        "/projects.metricDescriptors",
        "/projects.notificationChannels",
        "/projects.timeSeries",
    ),
    "pubsub.v1": ("/projects.subscriptions", "/projects.topics"),
    "run.v2": ("jobs", "operations", "services"),
    "secretmanager.v1": ("/projects.secrets",),
    "serviceusage.v1": ("/services", "/operations"),
    "sqladmin.v1": ("/connect",),
    "workflowexecutions.v1": ("workflows",),
    "workflows.v1": ("workflows", "operations"),
}
"""Collections, with those inside them; under `projects.locations`, or, with a slash, the root."""


def lines() -> Iterator[str]:
    """Yield a line for each method: API, name, verb, path, names of query parameters."""
    for api, collections in sorted(COLLECTIONS.items()):
        declared = document(api)
        for collection in sorted(map(_full, collections)):
            inside = _collection(declared, collection)
            for name, method in _methods(inside, collection):
                yield _line(api, name, declared["servicePath"], method)


def text() -> str:
    """Return the whole table."""
    return "\n".join(lines()) + "\n"


def _full(collection: str) -> str:
    return collection[1:] if collection.startswith("/") else f"{HERE}.{collection}"


def _line(api: str, name: str, root: str, method: Mapping[str, Any]) -> str:
    declared = method.get("parameters", {}).items()
    query = ",".join(sorted(key for key, value in declared if value["location"] == "query"))
    return f"{api} {name} {method['httpMethod']} {root}{method['path']} {query}".rstrip()


def _methods(inside: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, method in sorted(inside.get("methods", {}).items()):
        yield f"{prefix}.{name}", method
    for name, further in sorted(inside.get("resources", {}).items()):
        # Those inside a collection are asked by the path of the operation's own name.
        if name != "operations":
            yield from _methods(further, f"{prefix}.{name}")


def _collection(declared: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    for part in name.split("."):
        declared = declared["resources"][part]
    return declared


def document(api: str) -> Mapping[str, Any]:
    """Return a discovery document, as `aiplatform.v1`."""
    package = find_spec("googleapiclient")
    assert package is not None and package.origin is not None  # noqa: S101, PT018  in the dev extra
    folder = Path(package.origin).parent / "discovery_cache" / "documents"
    return json.loads((folder / f"{api}.json").read_text())


if __name__ == "__main__":
    FILE.write_text(text())
    sys.stdout.write(f"{FILE}\n")
