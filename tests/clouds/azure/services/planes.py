"""Data planes that name what they hold in their paths, as `/blob/<account>/<container>/<name>`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from tests.clouds.azure.calls import Answer, Call, CloudError, Deferred, Request
from tests.clouds.azure.parts import Service
from tests.clouds.azure.tokens import Caller
from tests.clouds.azure.world import World


class Refusal(CloudError):  # noqa: N818 - it is what a service does
    """A refusal of a data plane; each plane writes it in its own shape."""

    def __init__(self, status: int, code: str, message: str = "", **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(status, code, message or code, headers=told)


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
    caller: Caller = field(default_factory=Caller)

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


@dataclass(frozen=True)
class Operation:
    """One thing that a plane does, under the name that faults and `calls` have for it."""

    name: str
    do: Callable[[Asked], Answer | Deferred]


Find = Callable[[Asked], Operation]


def service(
    name: str,
    find: Find,
    audiences: tuple[str, ...] = (),
    *,
    refuse: Callable[[CloudError], Answer] = CloudError.answer,
    admit: Callable[[Asked], Caller] | None = None,
) -> Service:
    """Return a data plane.

    Args:
        name: of the service, as `blob`.
        find: says what a request asks for, or refuses it; it may not look at the world.
        audiences: for whom tokens must be; empty when `admit` finds out who asks.
        refuse: writes a refusal.
        admit: says who asks, when a token is not the only way, or refuses him.
    """

    def method(request: Request, path: str) -> str:
        return find(_asked(_NOWHERE, request, path)).name

    def answer(world: World, call: Call) -> Answer | Deferred:
        asked = replace(_asked(world, call.request, call.path), caller=call.caller)
        if admit is not None:
            asked = replace(asked, caller=admit(asked))
        return find(asked).do(asked)

    return Service(name, answer, audiences, method, refuse)


_NOWHERE: World = None  # pyright: ignore[reportAssignmentType]


def _asked(world: World, request: Request, path: str) -> Asked:
    name, _, rest = path.partition("/")
    query = {key.lower(): value for key, value in request.query}
    return Asked(world, request, unquote(name), unquote(rest), query)


def with_headers(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return an answer with more headers."""
    return Answer(answer.status, answer.body, {**answer.headers, **headers})
