"""Where an endpoint's requests and answers are kept: the data collector's folders.

The collector of a deployment writes each collection, `request` and `response`, as JSON lines into
the container `captures`, under the folder that a registered data asset names. The folder's name
holds the deployment's, which tells the version that answered:
`<endpoint>/<deployment>/<collection>/<year>/<month>/<day>/<hour>/….jsonl`.
https://learn.microsoft.com/azure/machine-learning/how-to-collect-production-data
"""

from collections.abc import Mapping
from typing import Any

from mlops_iac_azure.session import Place

REQUEST, RESPONSE = "request", "response"
COLLECTIONS = (REQUEST, RESPONSE)
"""Names that are the platform's own: what they collect needs no line in the container."""
DATASTORE = "mlops_iac_captures"
"""The workspace's name for the container."""


def collector(percent: int, unknown: Any) -> dict[str, Any]:
    """Return the collector of a deployment, which keeps so many requests of a hundred.

    Where each collection goes is filled in later.
    """
    collection = {
        "dataCollectionMode": "Enabled",
        "dataId": unknown,
        "samplingRate": percent / 100,
    }
    return {
        "collections": {name: dict(collection) for name in COLLECTIONS},
        "rollingRate": "Hour",
        "requestLogging": {"captureHeaders": []},
    }


def with_ids(collector: Mapping[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a collector whose collections go to data assets, by name."""
    known = collector["collections"]
    collections = {name: {**known[name], "dataId": ids[name]} for name in known}
    return {**collector, "collections": collections}


def folder(component: str, deployment: str, collection: str) -> str:
    """Return the folder in the container `captures` in which a collection lies."""
    return f"{prefix(component)}{deployment}/{collection}"


def prefix(component: str) -> str:
    """Return the beginning of the paths of all that is kept of an endpoint."""
    return f"{component}/"


def version(deployment: str, collection: str) -> str:
    """Return the version of the data asset that a collection is."""
    return f"{deployment}-{collection}"


def address(place: Place, component: str, deployment: str, collection: str) -> str:
    """Return where a data asset says that a collection lies."""
    path = folder(component, deployment, collection)
    return (
        f"azureml://subscriptions/{place.subscription}/resourcegroups/{place.group}/workspaces/"
        f"{place.workspace}/datastores/{DATASTORE}/paths/{path}"
    )
