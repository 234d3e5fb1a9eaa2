"""Calls of Azure Resource Manager in the test cloud, as the official provider makes them."""

import base64
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urljoin

import requests

ATTEMPTS = 6
"""Tries of one call that is throttled or fails in passing, as the official provider repeats it."""
FIRST_PAUSE_SECONDS = 0.02
POLL_SECONDS = 0.02
WAIT_SECONDS = 60.0
METADATA_VARIABLE = "ARM_METADATA_HOSTNAME"
OVERRIDE_PREFIX = "MLOPS_IAC_AZURE_ENDPOINT_"
_METADATA = "/metadata/endpoints?api-version=2022-09-01"
_MANAGEMENT = "https://management.azure.com"
_HOSTS = {"blob": "https://{0}.blob.core.windows.net", "vault": "https://{0}.vault.azure.net"}
_SCOPES = {
    "blob": "https://storage.azure.com/.default",
    "vault": "https://vault.azure.net/.default",
}
_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_BUSY = frozenset({"AnotherOperationInProgress", "RetryableError"})
"""Codes of a conflict that passes."""
_RESERVED = "/:@!$&'()*+,;="
_SECONDS = (10.0, 60.0)

Body = dict[str, Any]


class RefusedError(Exception):
    """The cloud refuses a call, or an operation ends with an error."""

    def __init__(self, doing: str, status: int, message: str, *, is_begun: bool = False) -> None:
        super().__init__(f"{doing}: {status}: {message}")
        self.status = status
        self.is_begun = is_begun
        """Whether the call was taken, so that something may be there."""

    @property
    def is_missing(self) -> bool:
        """Whether the thing is not there."""
        return self.status == requests.codes.not_found


@dataclass(frozen=True, kw_only=True)
class Client:
    """One subscription, as one caller."""

    subscription: str
    metadata_host: str = ""
    client_id: str | None = None
    """Managed identity to act as; the caller's own when None."""

    def get(self, resource_id: str, version: str) -> Body:
        """Return a resource."""
        return self._manage("GET", resource_id, version).json()

    def put(self, resource_id: str, version: str, body: Body, query: Mapping[str, Any]) -> Body:
        """Make or change a resource; return it once that has ended.

        Raises:
            RefusedError: in the cloud's words.
        """
        answer = self._manage("PUT", resource_id, version, json=body, params=query)
        self._wait(answer, resource_id, version)
        return self.get(resource_id, version)

    def post(self, resource_id: str, version: str, body: Body | None = None) -> Body:
        """Do what a path names; return what it tells."""
        answer = self._manage("POST", resource_id, version, json=body or {})
        return answer.json() if answer.content else {}

    def delete(self, resource_id: str, version: str) -> None:
        """Remove a resource, and wait until it is gone."""
        answer = self._manage("DELETE", resource_id, version)
        self._wait(answer, "", version)

    def data(self, service: str, name: str, verb: str, path: str, **more: Any) -> requests.Response:
        """Call the service of an account or a vault itself."""
        given = os.environ.get(f"{OVERRIDE_PREFIX}{service.upper()}")
        root = f"{given.rstrip('/')}/{name}" if given else _HOSTS[service].format(name)
        url = f"{root}/{quote(path, safe='/?=&-.')}"
        return self._send(verb, url, scope=_SCOPES[service], **more)

    def _manage(self, verb: str, path: str, version: str, **more: Any) -> requests.Response:
        params = {"api-version": version, **more.pop("params", {})}
        url = f"{self._root}{quote(path, safe=_RESERVED)}"
        return self._send(verb, url, scope=self._scope, params=params, **more)

    def _send(
        self,
        verb: str,
        url: str,
        *,
        scope: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> requests.Response:
        for pause in (*_pauses(), None):
            sent = {"Authorization": f"Bearer {self._token(scope)}", **(headers or {})}
            answer = self._session.request(verb, url, headers=sent, timeout=_SECONDS, **more)
            if answer.ok:
                return answer
            code, message = _error(answer)
            passing = answer.status_code in _PASSING or code in _BUSY
            if pause is None or not passing:
                raise RefusedError(f"{verb} {url}", answer.status_code, f"{code}: {message}")
            time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    # --- operations ---

    def _wait(self, answer: requests.Response, resource_id: str, version: str) -> None:
        """Wait for the end of what an answer says has begun."""
        deadline = time.monotonic() + WAIT_SECONDS
        look = self._look(answer, resource_id, version)
        for state, told in look:
            if state in {"failed", "canceled"}:
                error = told.get("error") or told
                raise RefusedError("operation", 0, json.dumps(error), is_begun=True)
            if time.monotonic() > deadline:
                raise TimeoutError(f"`{resource_id}` took longer than {WAIT_SECONDS:g} s")
            time.sleep(POLL_SECONDS)

    def _look(
        self, answer: requests.Response, resource_id: str, version: str
    ) -> Iterator[tuple[str, Body]]:
        """Yield how an operation stands until it has ended well."""
        operation = answer.headers.get("Azure-AsyncOperation")
        location = answer.headers.get("Location")
        if operation:
            yield from self._by_status(operation)
        elif location and answer.status_code == requests.codes.accepted:
            while self._follow(location).status_code == requests.codes.accepted:
                yield "running", {}
        elif resource_id:
            yield from self._by_state(answer.json() if answer.content else {}, resource_id, version)

    def _by_status(self, operation: str) -> Iterator[tuple[str, Body]]:
        while True:
            told = self._follow(operation).json()
            state = str(told.get("status", "")).lower()
            if state == "succeeded":
                return
            yield state, told

    def _by_state(self, told: Body, resource_id: str, version: str) -> Iterator[tuple[str, Body]]:
        while True:
            state = _provisioning(told)
            if state in {"", "succeeded"}:
                return
            yield state, told
            told = self.get(resource_id, version)

    def _follow(self, url: str) -> requests.Response:
        return self._send("GET", urljoin(self._root, url), scope=self._scope)

    # --- as whom, and where ---

    @cached_property
    def _root(self) -> str:
        host = self.metadata_host or os.environ.get(METADATA_VARIABLE, "")
        if not host:
            return _MANAGEMENT
        root = host if "://" in host else f"https://{host}"
        told = self._session.get(f"{root}{_METADATA}", timeout=_SECONDS).json()
        return str(told["resourceManager"]).rstrip("/")

    @property
    def claims(self) -> Mapping[str, Any]:
        """What the token says of who asks."""
        middle = self._token(self._scope).split(".")[1]
        return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))

    @property
    def _scope(self) -> str:
        return f"{_MANAGEMENT}/.default"

    @cached_property
    def _session(self) -> requests.Session:
        return requests.Session()

    @cached_property
    def _credential(self) -> Any:
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential(managed_identity_client_id=self.client_id)

    def _token(self, scope: str) -> str:
        return str(self._credential.get_token(scope).token)


def _provisioning(told: Body) -> str:
    properties = told.get("properties")
    state = properties.get("provisioningState") if isinstance(properties, Mapping) else None
    return str(state or "").lower()


def _pauses() -> Iterator[float]:
    for attempt in range(ATTEMPTS - 1):
        yield FIRST_PAUSE_SECONDS * 2**attempt


def _error(answer: requests.Response) -> tuple[str, str]:
    try:
        error = answer.json()["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", answer.text
