"""Blobs: the official provider writes them through the account's own service."""

import base64
import hashlib
from dataclasses import dataclass

from tests.clouds.azure.plugins.client import Client, RefusedError
from tests.clouds.plugins.assets import content
from tests.clouds.plugins.servicer import FailedThingError
from tests.clouds.plugins.wire import Values

VERSION = {"x-ms-version": "2023-11-03"}
_META = "x-ms-meta-"


@dataclass(frozen=True, kw_only=True)
class BlobLife:
    """`azure-native:storage:Blob`."""

    client: Client

    def create(self, inputs: Values) -> tuple[str, Values]:
        """Write it; return id and state.

        Raises:
            FailedThingError: it is there already.
        """
        if self._found(inputs) is not None:
            resource_id = self._id(inputs)
            raise FailedThingError(f"cannot create already existing resource {resource_id!r}")
        source = content(inputs["source"]) if "source" in inputs else b""
        kind = str(inputs.get("contentType") or "application/octet-stream")
        said = {f"{_META}{key}": value for key, value in (inputs.get("metadata") or {}).items()}
        # A file's hash is the service's own to keep only if it is told.
        coded = base64.b64encode(hashlib.md5(source).digest()).decode()  # noqa: S324  as Azure does
        headers = {
            **VERSION,
            **said,
            "x-ms-blob-type": "BlockBlob",
            "Content-Type": kind,
            "Content-MD5": coded,
        }
        self._call("PUT", inputs, headers=headers, data=source)
        return self._id(inputs), self._state(inputs)

    def update(self, resource_id: str, state: Values, old: Values, inputs: Values) -> Values:
        """Change its metadata; its content and name never change."""
        del resource_id, state, old
        said = {f"{_META}{key}": value for key, value in (inputs.get("metadata") or {}).items()}
        self._call("PUT", inputs, "?comp=metadata", headers={**VERSION, **said})
        return self._state(inputs)

    def read(self, resource_id: str, state: Values, inputs: Values) -> tuple[Values, Values] | None:
        """Return state and inputs, None when it is gone."""
        del resource_id
        return (state, inputs) if self._found(inputs) is not None else None

    def delete(self, resource_id: str, state: Values, inputs: Values) -> None:
        """Remove it, if it is there."""
        del resource_id, state
        try:
            self._call("DELETE", inputs, headers=VERSION)
        except RefusedError as error:
            if not error.is_missing:
                raise

    def _found(self, inputs: Values) -> object | None:
        try:
            return self._call("HEAD", inputs, headers=VERSION)
        except RefusedError as error:
            if error.is_missing:
                return None
            raise

    def _call(self, verb: str, inputs: Values, query: str = "", **more: object) -> object:
        path = f"{inputs['containerName']}/{inputs['blobName']}{query}"
        return self.client.data("blob", inputs["accountName"], verb, path, **more)

    def _id(self, inputs: Values) -> str:
        account = (
            f"/subscriptions/{self.client.subscription}/resourceGroups/"
            f"{inputs['resourceGroupName']}/providers/Microsoft.Storage/storageAccounts/"
            f"{inputs['accountName']}"
        )
        place = f"blobServices/default/containers/{inputs['containerName']}"
        return f"{account}/{place}/blobs/{inputs['blobName']}"

    def _state(self, inputs: Values) -> Values:
        host = f"https://{inputs['accountName']}.blob.core.windows.net"
        return {
            "name": inputs["blobName"],
            "url": f"{host}/{inputs['containerName']}/{inputs['blobName']}",
            "type": inputs.get("type") or "Block",
            "metadata": inputs.get("metadata") or {},
            **{key: inputs[key] for key in ("contentType", "accessTier") if key in inputs},
        }
