"""The cloud as one identity sees it: by its token, over HTTPS like everybody."""

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.clouds.azure.hooks import Run

_SECONDS = 120
OWN = "azureml"
"""Beginning of the names of the containers that belong to a workspace."""
_OVERRIDE = "MLOPS_IAC_AZURE_ENDPOINT_"
_AUDIENCES = {
    "blob": "https://storage.azure.com",
    "logs": "https://api.loganalytics.io",
    "mlflow": "https://ml.azure.com",
    "registry": "https://containerregistry.azure.net",
    "resourcemanager": "https://management.azure.com",
}


_VAULT = re.compile(r"https://(?P<name>[a-z0-9-]+)\.vault\.azure\.net", re.IGNORECASE)


class RefusedError(Exception):
    """The cloud refuses a call of the work's."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Token:
    """A token, as Azure's clients want it."""

    token: str
    expires_on: int


@dataclass(frozen=True)
class Api:
    """Calls of an identity."""

    environment: Mapping[str, str]
    """Variables that point a process at the cloud, as the identity."""
    client: str = ""
    """The client id of the identity, where the machine has several."""
    _kept: dict[str, Any] = field(default_factory=dict[str, Any])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, run: Run, identity: str = "") -> "Api":
        """Return the calls of an identity, by its id; those of Azure's own services without one."""
        return cls(run.environment(identity))

    @property
    def authority(self) -> str:
        """The file of the certificate that signed the cloud's."""
        return self.environment["REQUESTS_CA_BUNDLE"]

    def root(self, service: str) -> str:
        """Return the address of a service, without a slash at its end."""
        return self.environment[f"{_OVERRIDE}{service.upper()}"].rstrip("/")

    def here(self, address: str) -> str:
        """Return where an address of Azure's own is in this cloud: the manager's, a vault's."""
        if found := _VAULT.match(address):
            return f"{self.root('vault')}/{found['name']}{address[found.end() :]}"
        for real in ("https://management.azure.com", "https://management.core.windows.net"):
            if address.startswith(real):
                return self.root("resourcemanager") + address.removeprefix(real)
        return address

    def token(self, audience: str) -> str:
        """Return a token for a service, by its audience.

        Raises:
            RefusedError: the identity endpoint gives none.
        """
        asked = {"api-version": "2017-09-01", "resource": audience}
        answer = requests.get(
            self.environment["MSI_ENDPOINT"],
            params={**asked, **({"clientid": self.client} if self.client else {})},
            headers={"secret": self.environment["MSI_SECRET"]},
            verify=self.authority,
            timeout=_SECONDS,
        )
        if not answer.ok:
            raise RefusedError(answer.status_code, answer.text)
        return answer.json()["access_token"]

    def get_token(self, *scopes: str, **_: Any) -> Token:
        """Return a token, as a credential of Azure's clients does."""
        audience = scopes[0].removesuffix("/.default")
        return Token(self.token(audience), int(time.time()) + 3600)

    def send(
        self,
        verb: str,
        address: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        audience: str = "",
        query: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request to any address; with a token when it is told whom that is for."""
        own = {"Authorization": f"Bearer {self.token(audience)}"} if audience else {}
        return requests.request(
            verb,
            self.here(address),
            params=query,
            data=body if isinstance(body, (bytes, str)) else None,
            json=None if isinstance(body, (bytes, str)) else body,
            headers={**(headers or {}), **own},
            verify=self.authority,
            timeout=_SECONDS,
        )

    def call(
        self, verb: str, service: str, path: str, body: Any = None, **query: str
    ) -> dict[str, Any]:
        """Call a method by its path below a service.

        Raises:
            RefusedError: with the cloud's own words.
        """
        address = f"{self.root(service)}/{path.lstrip('/')}"
        answer = self.send(verb, address, body=body, audience=_AUDIENCES[service], query=query)
        if not answer.ok:
            raise RefusedError(answer.status_code, answer.text[:2000])
        return answer.json() if answer.content else {}

    def container(self, account: str, name: str) -> Any:
        """Return Azure's own client of a container of blobs."""
        with self._lock:
            if account not in self._kept:
                self._kept[account] = self._blobs(account)
            found = self._kept[account].get_container_client(name)
            if name.startswith(OWN) and f"{account}/{name}" not in self._kept:
                # Azure ML makes these with the workspace.
                self._kept[f"{account}/{name}"] = found.exists() or found.create_container()
            return found

    def _blobs(self, account: str) -> Any:
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient(
            f"{self.root('blob')}/{account}",
            credential=self,  # pyright: ignore[reportArgumentType]  it is one by its methods
            connection_verify=self.authority,
        )
