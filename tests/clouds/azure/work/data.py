"""Where the data of an input, an output or an asset lies: account, container and path.

https://learn.microsoft.com/azure/machine-learning/concept-data#uri
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.failures import WorkError, unknown

_DATASTORE = re.compile(
    r"azureml://(?:.*/)?datastores/(?P<store>[^/]+)/(?:paths/)?(?P<path>.*)", re.IGNORECASE
)
_OUTPUT = re.compile(
    r"azureml://(?:.*/)?jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths)?(?:/(?P<path>.*))?",
    re.IGNORECASE,
)
_WASBS = re.compile(r"(?:wasbs|abfss)://(?P<container>[^@]+)@(?P<account>[^./]+)[^/]*/(?P<path>.*)")
_BLOB = re.compile(
    r"https://(?P<account>[a-z0-9]+)\.blob\.[^/]+/(?P<container>[^/]+)/?(?P<path>.*)"
)
_HERE = re.compile(r"https://[^/]+/blob/(?P<account>[^/]+)/(?P<container>[^/]+)/?(?P<path>.*)")
_ASSET = re.compile(r"azureml:(?!/)(?P<name>[^:@]+)(?::(?P<version>[^:]+)|@(?P<label>.+))")
_ID = re.compile(r"(?:azureml:)?(?P<id>/subscriptions/.+)", re.IGNORECASE)
_URIS = {"codes": "codeUri", "data": "dataUri", "models": "modelUri"}
DEFAULT_STORE = "workspaceblobstore"
ARTIFACT_STORE = "workspaceartifactstore"


@dataclass(frozen=True)
class Spot:
    """A place in a storage account."""

    account: str
    container: str
    path: str
    """Without a slash at either end."""

    def below(self, name: str) -> "Spot":
        """Return a place below this one."""
        return Spot(self.account, self.container, f"{self.path}/{name.strip('/')}".strip("/"))


@dataclass(frozen=True)
class Data:
    """What a workspace knows of data."""

    run: Run
    workspace: Mapping[str, Any]

    def spot(self, reference: str, kind: str = "data") -> Spot:
        """Return where a reference leads: a URI, an id, or a short name `azureml:NAME:VERSION`.

        Args:
            reference: what an input, an output or an asset says.
            kind: the assets that a short name is of: `data`, `models`, `codes`.

        Raises:
            WorkError: there is no such thing.
        """
        for pattern in (_WASBS, _BLOB, _HERE):
            if found := pattern.fullmatch(reference):
                path = unquote(found["path"].partition("?")[0])
                return Spot(found["account"], found["container"], path.strip("/"))
        if found := _DATASTORE.fullmatch(reference):
            return self.store(found["store"]).below(found["path"])
        if found := _OUTPUT.fullmatch(reference):
            return self.output(found["job"], found["output"]).below(found["path"] or "")
        return self._asset(reference, kind)

    def asset(self, reference: str, kind: str) -> Mapping[str, Any]:
        """Return a version of an asset as `get` answers it.

        Raises:
            WorkError: there is none.
        """
        if found := _ID.fullmatch(reference):
            known = found["id"]
        elif found := _ASSET.fullmatch(reference):
            if found["label"]:
                raise unknown(f"labels of assets, as in '{reference}'")
            known = f"{self.workspace['id']}/{kind}/{found['name']}/versions/{found['version']}"
        else:
            raise unknown(f"the reference '{reference}'")
        told = self.run.resource(known)
        if told is None:
            raise WorkError(f"Asset '{known}' was not found.", "AssetNotFound")
        return told

    def _asset(self, reference: str, kind: str) -> Spot:
        told = self.asset(reference, kind)
        segments = str(told["id"]).split("/")
        own = next((one for one in _URIS if one in segments), kind)
        return self.spot(told["properties"][_URIS[own]], own)

    def store(self, name: str) -> Spot:
        """Return the container of a datastore.

        Raises:
            WorkError: there is none.
        """
        told = self.run.resource(f"{self.workspace['id']}/datastores/{name}")
        if told is None:
            if name in {DEFAULT_STORE, ARTIFACT_STORE}:
                return self._own(name)
            raise WorkError(f"Datastore '{name}' was not found.", "DatastoreNotFound")
        properties = told["properties"]
        return Spot(properties["accountName"], properties["containerName"], "")

    def _own(self, name: str) -> Spot:
        """Return the container of a datastore that Azure ML makes with the workspace."""
        properties = self.workspace["properties"]
        account = str(properties["storageAccount"]).rpartition("/")[2]
        guid = properties.get("workspaceId") or self.workspace["name"]
        container = "azureml" if name == ARTIFACT_STORE else f"azureml-blobstore-{guid}"
        return Spot(account, container.lower(), "")

    def output(self, job: str, name: str) -> Spot:
        """Return where an output of a job lies."""
        told = self.run.resource(f"{self.workspace['id']}/jobs/{job}")
        outputs = (told or {}).get("properties", {}).get("outputs") or {}
        uri = (outputs.get(name) or {}).get("uri")
        return self.spot(uri) if uri else self.default_output(job, name)

    def default_output(self, job: str, name: str, store: str = DEFAULT_STORE) -> Spot:
        """Return where an output of a job lies that names no place."""
        return self.store(store).below(f"azureml/{job}/{name}")

    def artifacts(self, job: str) -> Spot:
        """Return where the artifacts of a job's run lie: logs, and what MLflow logs."""
        return self.store(ARTIFACT_STORE).below(f"ExperimentRun/dcid.{job}")


def uri_of(workspace: Mapping[str, Any], store: str, path: str) -> str:
    """Return the long form of a path of a datastore."""
    parts = str(workspace["id"]).strip("/").split("/")
    subscription, group = parts[1], parts[3]
    return (
        f"azureml://subscriptions/{subscription}/resourcegroups/{group}/workspaces/"
        f"{workspace['name']}/datastores/{store}/paths/{path}"
    )
