"""What a request says, what is answered, and how Google Cloud refuses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tests.clouds.gcp.routes import Route
from tests.clouds.servers import Reply as Answer

Body = dict[str, Any]


class Status(Enum):
    """Canonical codes: their number in RPCs, in HTTP, and the old APIs' reason."""

    CANCELLED = (1, 499, "cancelled")
    INVALID_ARGUMENT = (3, 400, "invalid")
    DEADLINE_EXCEEDED = (4, 504, "timeout")
    NOT_FOUND = (5, 404, "notFound")
    ALREADY_EXISTS = (6, 409, "duplicate")
    PERMISSION_DENIED = (7, 403, "forbidden")
    RESOURCE_EXHAUSTED = (8, 429, "rateLimitExceeded")
    FAILED_PRECONDITION = (9, 400, "failedPrecondition")
    ABORTED = (10, 409, "conflict")
    UNIMPLEMENTED = (12, 501, "notImplemented")
    INTERNAL = (13, 500, "backendError")
    UNAVAILABLE = (14, 503, "backendError")
    UNAUTHENTICATED = (16, 401, "authError")

    @property
    def number(self) -> int:
        """The number in `google.rpc.Status`."""
        return self.value[0]


class CloudError(Exception):
    """A refusal. `http` and `reason` differ from the code's own where a service's do."""

    def __init__(
        self, status: Status, message: str, *, http: int = 0, reason: str = "", **detail: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.http = http or status.value[1]
        self.reason = reason or status.value[2]
        self.details: list[Body] = [detail] if detail else []

    def body(self) -> Body:
        """Return the error as it is answered: https://cloud.google.com/apis/design/errors."""
        old = {"domain": "global", "reason": self.reason, "message": self.message}
        told: Body = {"code": self.http, "message": self.message, "status": self.status.name}
        return {"error": {**told, "errors": [old], "details": self.details}}

    def rpc(self) -> Body:
        """Return the error as an operation holds it."""
        return {"code": self.status.number, "message": self.message, "details": self.details}


def invalid(message: str) -> CloudError:
    """Return the refusal of what the request says."""
    return CloudError(Status.INVALID_ARGUMENT, message)


def precondition(message: str) -> CloudError:
    """Return the refusal of what the state forbids."""
    return CloudError(Status.FAILED_PRECONDITION, message)


def not_found(name: str) -> CloudError:
    """Return the refusal of a name that is nothing's."""
    return CloudError(Status.NOT_FOUND, f"Resource `{name}` was not found.")


def exists(name: str) -> CloudError:
    """Return the refusal of a name that is taken."""
    return CloudError(Status.ALREADY_EXISTS, f"Resource `{name}` already exists.")


@dataclass(frozen=True)
class Deferred:
    """An answer that is made once the lock is free: whoever makes it may ask the cloud."""

    make: Callable[[], Answer]


@dataclass
class Request:
    """What came over the wire."""

    verb: str
    path: str
    """Without the query, still quoted."""
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes


@dataclass
class Call:
    """A request that is a method of a discovery document."""

    route: Route
    params: Body
    """Path and query parameters, as the document types them."""
    body: Body
    request: Request
    caller: str
    """Whose token it came with: an account's address."""

    @property
    def service(self) -> str:
        """The API without its version, as `aiplatform`."""
        return self.route.service

    @property
    def verb(self) -> str:
        """The method's last word, as `create`."""
        return self.route.id.rpartition(".")[2]

    def text(self, name: str) -> str:
        """Return a parameter, empty when it is left out."""
        return str(self.params.get(name, ""))


def told(body: object, status: int = 200) -> Answer:
    """Return a JSON answer."""
    content = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(status, json.dumps(body).encode(), content)
