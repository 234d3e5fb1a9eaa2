"""Calls of the test cloud by the names that the discovery documents give the methods."""

import json
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests
from mlops_iac_gcp.session import TOKEN_VARIABLE, Place

from tests.clouds.gcp.routes import Route, by_id, document

ATTEMPTS = 6
"""Tries of one call that is throttled or fails in passing, as the official provider repeats it."""
FIRST_PAUSE_SECONDS = 0.02
POLL_SECONDS = 0.02
WAIT_SECONDS = 60.0
_PASSING = frozenset({429, 502, 503, 504})
_RESERVED = "/:@!$&'()*+,;="
_SECONDS = (10.0, 60.0)

Body = dict[str, Any]


class RefusedError(Exception):
    """The cloud refuses a call, or an operation ends with an error."""

    def __init__(self, doing: str, status: int, message: str) -> None:
        super().__init__(f"{doing}: {status}: {message}")
        self.status = status

    @property
    def is_missing(self) -> bool:
        """Whether the thing is not there."""
        return self.status == requests.codes.not_found

    @property
    def is_conflict(self) -> bool:
        """Whether another has changed it meanwhile."""
        return self.status in {requests.codes.conflict, requests.codes.precondition_failed}


class Client:
    """The services of one project, as one caller."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._session = requests.Session()
        token = os.environ.get(TOKEN_VARIABLE, "")
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __call__(
        self, api: str, method: str, params: Mapping[str, Any], body: Body | None = None
    ) -> Body:
        """Call a method, wait for the operation that it starts, and return what it made.

        Args:
            api: service and version, as `aiplatform.v1`.
            method: the method's name without the service, as `projects.locations.endpoints.get`.
            params: parameters of path and query; those that the method does not have are left out.
            body: the request.

        Raises:
            RefusedError: in the cloud's words.
        """
        route = method_of(api, method)
        known = {key: value for key, value in params.items() if key in route.parameters}
        url = f"{self._root(route)}{_path(route, known)}"
        query = [pair for name in known if name not in route.names for pair in _pairs(name, known)]
        answer = self.send(route.http, url, params=query, json=body)
        return self._ended(route, answer) if route.response.endswith("Operation") else answer

    def upload(self, bucket: str, metadata: Body, content: bytes) -> Body:
        """Store an object in one request of two parts, and return its description."""
        root = self.place.address("storage")
        kind = str(metadata.get("contentType") or "application/octet-stream")
        told = json.dumps(metadata).encode()
        parts = [(b"application/json; charset=UTF-8", told), (kind.encode(), content)]
        body = b"".join(b"--part\r\nContent-Type: %s\r\n\r\n%s\r\n" % pair for pair in parts)
        return self.send(
            "POST",
            f"{root}upload/storage/v1/b/{bucket}/o",
            params=[("uploadType", "multipart")],
            data=body + b"--part--\r\n",
            headers={"Content-Type": "multipart/related; boundary=part"},
        )

    def send(self, verb: str, url: str, **more: Any) -> Body:
        """Send a request, again after passing faults; return the answer's JSON."""
        for pause in (*_pauses(), None):
            answer = self._session.request(verb, url, timeout=_SECONDS, **more)
            if answer.ok:
                return answer.json() if answer.content else {}
            if pause is None or answer.status_code not in _PASSING:
                raise RefusedError(f"{verb} {url}", answer.status_code, _message(answer))
            time.sleep(pause)
        raise AssertionError  # the last try returns or raises

    def _root(self, route: Route) -> str:
        base = document(route.service, route.version)["servicePath"]
        return f"{self.place.address(route.service)}{base}"

    def _ended(self, route: Route, operation: Body) -> Body:
        """Wait for an operation's end; return what it made, if it says so."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not _is_done(operation):
            if time.monotonic() > deadline:
                raise TimeoutError(f"`{operation['name']}` took longer than {WAIT_SECONDS:g} s")
            time.sleep(POLL_SECONDS)
            operation = self.send("GET", self._operation(route, operation))
        error = operation.get("error")
        if error:
            status = int(error.get("code") or 0)
            raise RefusedError(operation["name"], status, json.dumps(error))
        return operation.get("response") or {}

    def _operation(self, route: Route, operation: Body) -> str:
        if "operationType" not in operation:
            return f"{self._root(route)}{route.version}/{operation['name']}"
        place = f"projects/{self.place.project}"
        if route.service == "sqladmin":
            return f"{self._root(route)}v1/{place}/operations/{operation['name']}"
        region = str(operation.get("region") or "").rpartition("/")[2]
        where = f"regions/{region}" if region else "global"
        return f"{self._root(route)}{place}/{where}/operations/{operation['name']}"


def method_of(api: str, name: str) -> Route:
    """Return a method of a discovery document."""
    service, _, version = api.partition(".")
    return by_id(service, version)[name]


def _is_done(operation: Body) -> bool:
    # Compute Engine, Cloud SQL and Cloud DNS tell a status, all others whether it is done.
    return bool(operation.get("done")) or str(operation.get("status", "")).upper() == "DONE"


def _path(route: Route, params: Mapping[str, Any]) -> str:
    path = route.template
    for name in route.names:
        value = str(params[name])
        path = path.replace(f"{{+{name}}}", quote(value, safe=_RESERVED))
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    return path


def _pairs(name: str, params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    value = params[name]
    for item in value if isinstance(value, list) else [value]:
        yield name, str(item).lower() if isinstance(item, bool) else str(item)


def _pauses() -> Iterator[float]:
    for attempt in range(ATTEMPTS - 1):
        yield FIRST_PAUSE_SECONDS * 2**attempt


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text
