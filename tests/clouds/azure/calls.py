"""What a request says, what is answered, and how Azure Resource Manager refuses."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.azure.ids import Address
from tests.clouds.azure.tokens import Caller
from tests.clouds.servers import Reply as Answer

Body = dict[str, Any]


class CloudError(Exception):
    """A refusal: status of HTTP, Azure's code, words; `details` are further `code`, `message`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: list[Body] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details or []
        self.headers = headers or {}

    def told(self) -> Body:
        """Return what stands in `error`."""
        more = {"details": self.details} if self.details else {}
        return {"code": self.code, "message": self.message, **more}

    def answer(self) -> "Answer":
        """Return the error as Azure Resource Manager answers it."""
        headers = {"x-ms-error-code": self.code, **self.headers}
        return told({"error": self.told()}, self.status, headers)


def invalid(message: str, code: str = "InvalidRequestContent") -> CloudError:
    """Return the refusal of what the request says."""
    return CloudError(400, code, message)


def conflict(message: str, code: str = "Conflict") -> CloudError:
    """Return the refusal of what the state forbids."""
    return CloudError(409, code, message)


def denied(message: str, code: str = "AuthorizationFailed") -> CloudError:
    """Return the refusal of who has no right."""
    return CloudError(403, code, message)


def not_found(resource: str, message: str = "", code: str = "ResourceNotFound") -> CloudError:
    """Return the refusal of what is not there."""
    return CloudError(404, code, message or f"The Resource '{resource}' was not found.")


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

    def json(self) -> Body:
        """Return the body, empty when there is none.

        Raises:
            CloudError: when it is no JSON object.
        """
        try:
            body = json.loads(self.body or b"{}")
        except ValueError as error:
            text = f"The request content was invalid and could not be deserialized: '{error}'."
            raise invalid(text) from None
        if not isinstance(body, dict):
            raise invalid("The request content was invalid: its root must be an object.")
        return body


@dataclass
class Call:
    """A request of a service, of somebody."""

    service: str
    """As `resourcemanager`, `blob`."""
    method: str
    """As `Microsoft.Storage/storageAccounts.put` or `blobs.put`: faults and `calls` name it so."""
    path: str
    """Below the service, without a slash before it, still quoted."""
    params: Mapping[str, str]
    """Of the query."""
    body: Body
    """The JSON body of a call of Azure Resource Manager; other services read `request`."""
    request: Request
    caller: Caller
    at: Address = field(default_factory=Address)
    """What a call of Azure Resource Manager is about."""

    @property
    def verb(self) -> str:
        """The method's last word, as `put` or `listKeys`."""
        return self.method.rpartition(".")[2]

    def text(self, name: str) -> str:
        """Return a parameter, empty when it is left out."""
        return self.params.get(name, "")


def told(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return a JSON answer."""
    content = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return Answer(status, json.dumps(body).encode(), content)
