"""Data planes: what has an address of its own beside the resource manager's.

A plane answers below its own name (`/blob/<account>/…`), and by its host where a client has no
choice (`<account>.blob.<anything>`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import unquote

from tests.clouds.azure import tokens
from tests.clouds.azure.addresses import TENANT
from tests.clouds.azure.calls import Answer, Call, CloudError, Deferred, Request
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World


class Refusal(CloudError):
    """A refusal of a data plane; each plane writes it in its own shape."""

    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        told_ = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status, code, message or code, headers=told_)


@dataclass(frozen=True)
class Asked:
    """A request to a data plane."""

    world: World
    request: Request
    name: str
    """Whose plane it is: an account, a vault, an endpoint."""
    path: str
    """The rest of the path, without its first slash, not quoted any more."""
    query: Mapping[str, str]
    """By names in lower case."""
    caller: Caller = Caller()  # noqa: RUF009 - it is frozen
    """Whose token it came with."""

    @property
    def verb(self) -> str:
        """The verb of HTTP."""
        return self.request.verb

    @property
    def body(self) -> bytes:
        """What was sent."""
        return self.request.body

    def header(self, name: str, default: str = "") -> str:
        """Return a header, by its name in lower case."""
        return self.request.headers.get(name, default)


Does = Callable[[Asked], Answer | Deferred]


@dataclass(frozen=True)
class Operation:
    """One thing that a plane does, under the name that faults and `calls` have for it."""

    name: str
    do: Does


@dataclass(frozen=True)
class Plane:
    """A service with an address of its own."""

    service: str
    find: Callable[[Asked], Operation]
    """Return what a request asks for, or refuse it."""
    does: str
    """What it does, for README.md."""
    audiences: tuple[str, ...] = ()
    """For whom a token must be."""
    refused: Callable[[CloudError], Answer] = CloudError.answer
    caller: Callable[["Plane", Asked], Caller] = field(default_factory=lambda: bearer)
    """Return who asks, or refuse."""


def with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return an answer with more headers."""
    return Answer(answer.status, answer.body, {**answer.headers, **headers})


def bearer(plane: Plane, asked: Asked) -> Caller:
    """Return whose bearer token a request came with.

    Raises:
        Refusal: 401.
    """
    scheme, _, token = asked.header("authorization").partition(" ")
    found = tokens.read(token) if scheme.lower() == "bearer" else None
    if found is None or not tokens.is_for(found.audience, plane.audiences):
        wanted = plane.audiences[0]
        challenge = f'Bearer authorization="{asked.world.address}/{TENANT}", resource="{wanted}"'
        message = f"A token for `{wanted}` is required."
        raise Refusal(401, "Unauthorized", message, WWW_Authenticate=challenge)
    return found


def nobody(plane: Plane, asked: Asked) -> Caller:
    """Ask nobody who he is."""
    del plane, asked
    return Caller()


_MODULES = (
    "blobs",
    "tables",
    "vaults",
    "images",
    "logs",
    "metrics",
    "inference",
    "tracking",
    "triggers",
)
_HOST = re.compile(r"(?P<name>[a-z0-9-]+)\.(?P<service>blob|table|vault)\.[a-z0-9.:-]+")


@cache
def planes() -> Mapping[str, Plane]:
    """Return all planes by the first part of their paths."""
    package = "tests.clouds.azure.services"
    found = [import_module(f"{package}.{name}").PLANES for name in _MODULES]
    return {plane.service: plane for some in found for plane in some}


def answer(world: World, request: Request) -> Answer | None:
    """Answer a request to a data plane; None when it is to none.

    Raises:
        ConnectionAbortedError: when the connection is to die.
    """
    service, name, rest = _parts(request)
    plane = planes().get(service)
    if plane is None:
        return None
    query = {key.lower(): value for key, value in request.query}
    asked = Asked(world, request, unquote(name), unquote(rest), query)
    try:
        return _serve(plane, asked)
    except CloudError as error:
        return plane.refused(error)


def _parts(request: Request) -> tuple[str, str, str]:
    found = _HOST.fullmatch(request.headers.get("host", "").lower())
    if found:
        return found["service"], found["name"], request.path.lstrip("/")
    service, _, rest = request.path.lstrip("/").partition("/")
    name, _, rest = rest.partition("/")
    return service, name, rest


def _serve(plane: Plane, stranger: Asked) -> Answer:
    world = stranger.world
    asked = replace(stranger, caller=plane.caller(plane, stranger))
    operation = plane.find(asked)
    call = Call(
        plane.service,
        operation.name,
        f"{asked.name}/{asked.path}",
        asked.query,
        {},
        asked.request,
        asked.caller,
    )
    note: dict[str, Any] = {"service": call.service, "method": call.method, "path": call.path}
    note["caller"] = asked.caller.principal
    fault = world.faults.of(call)
    try:
        world.faults.before(fault)
        result = world.holding(lambda: operation.do(asked))
        result = result.make() if isinstance(result, Deferred) else result
    except CloudError as error:
        world.calls.append({**note, "status": error.status})
        raise
    world.calls.append({**note, "status": result.status})
    world.faults.after(fault)
    return result
