"""What deployments name in the workspace: their environment, and the data that captures are.

Both are immutable versions, named by what they hold: made once, adopted, archived with the
endpoint.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.rolling import Work
from mlops_iac_azure import rest
from mlops_iac_azure.errors import ApiError, NotOursError
from mlops_iac_azure.faults import found, is_taken
from mlops_iac_azure.serving import captures
from mlops_iac_azure.serving.documents import DATA, ENVIRONMENTS, Deployment
from mlops_iac_azure.serving.filling import Part


def make(work: Work, deployment: Deployment, part: Part) -> dict[str, Any]:
    """Make what a deployment names; return its body, with the ids of what was made."""
    properties = dict(part.deployed["properties"])
    _adopt(work, properties["environmentId"], part.environment)
    if "dataCollector" in properties:
        ids = {
            name: _captured(work, deployment, part.id, name) for name in deployment.collections()
        }
        properties["dataCollector"] = captures.with_ids(properties["dataCollector"], ids)
    return {**part.deployed, "properties": properties}


def sweep(work: Work, deployment: Deployment) -> None:
    """Archive every environment and every data asset of an endpoint."""
    for kind, name in _names(deployment):
        collection = f"{_workspace(deployment)}/{kind}/{name}/versions"
        for item in found(_active, work, collection) or ():
            body = {"properties": {**_known(item), "isArchived": True}}
            rest.call(work.place, "PUT", f"{collection}/{item['name']}", body, pause=work.pause)


def require_ours(deployment: Deployment, name: str, labels: Mapping[str, str]) -> None:
    """Refuse what carries another mark than this stack's.

    Raises:
        NotOursError: it does.
    """
    if any(labels.get(key) != value for key, value in deployment.owners.items()):
        raise NotOursError(
            f"`{name}` is there and is not of this stack",
            remedy="remove it, or give the component another name",
        )


def _captured(work: Work, deployment: Deployment, name: str, collection: str) -> str:
    request = deployment.collections()[collection]
    version = captures.version(name, collection)
    path = f"{_workspace(deployment)}/data/{request['params']['name']}/versions/{version}"
    address = captures.address(work.place, deployment.component, name, collection)
    body = {"properties": {**request["body"]["properties"], "dataUri": address}}
    _adopt(work, path, body)
    return path


def _adopt(work: Work, path: str, body: Mapping[str, Any]) -> None:
    """Make an asset, or take up the one that is there, also when it was archived."""
    known = found(rest.call, work.place, "GET", path, pause=work.pause)
    if known is not None and not known["properties"].get("isArchived"):
        return
    wish = body if known is None else {"properties": {**_known(known), "isArchived": False}}
    try:
        rest.call(work.place, "PUT", path, wish, pause=work.pause)
    except ApiError as error:
        # Made beside us: what is named by its content is the same.
        if not is_taken(error):
            raise


def _active(work: Work, collection: str) -> list[dict[str, Any]]:
    query = {"listViewType": "ActiveOnly"}
    return list(rest.listed(work.place, collection, query=query, pause=work.pause))


def _known(item: Mapping[str, Any]) -> dict[str, Any]:
    read_only = {"provisioningState", "environmentType"}
    return {key: value for key, value in item["properties"].items() if key not in read_only}


def _names(deployment: Deployment) -> Iterator[tuple[str, str]]:
    yield "environments", deployment.parameters(ENVIRONMENTS)["name"]
    if deployment.collections():
        yield "data", deployment.parameters(DATA)["name"]


def _workspace(deployment: Deployment) -> str:
    return deployment.endpoint.partition("/onlineEndpoints/")[0]
