"""What plugs in: services beside Azure Resource Manager, and what its types do beyond the usual.

A module of `services/` may hold `SERVICE` (it answers below `<address>/<name>/`) and `PARTS`
(handlers of Azure Resource Manager by method).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, util
from types import ModuleType

from tests.clouds.azure.calls import Answer, Body, Call, CloudError, Deferred, Request
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

Handled = Body | Answer | Deferred
Handler = Callable[[World, Call], Handled]
Ending = Callable[[World, Record], None]


def _verb(request: Request, path: str) -> str:
    del path
    return request.verb.lower()


def _refusal(error: CloudError) -> Answer:
    return error.answer()


@dataclass(frozen=True)
class Service:
    """A data plane."""

    name: str
    """As `blob`."""
    answer: Handler
    """Answers a call, under the cloud's lock; what asks the cloud or waits is `Deferred`."""
    audiences: tuple[str, ...] = ()
    """Whom its tokens are for. Empty: the service itself finds out who asks (`call.caller` is
    nobody's when there is no token)."""
    method: Callable[[Request, str], str] = _verb
    """Names a request, whose path below the service is given, for faults and `calls`."""
    refuse: Callable[[CloudError], Answer] = _refusal
    """Writes a refusal."""


@dataclass(frozen=True)
class Part:
    """One subject of Azure Resource Manager that does more than the usual."""

    subject: str
    handlers: Mapping[str, Handler]
    """By method, as `Microsoft.Storage/storageAccounts.listKeys`; `.put`, `.get`, `.list`,
    `.patch`, `.delete` replace the usual ones, which `standard.py` has."""
    does: str
    """What it does beyond the usual."""
    endings: Mapping[str, Ending] = field(default_factory=dict[str, Ending])
    """What goes with a resource that goes, by its type."""


_MODULES = (
    "groups",
    "identity",
    "access",
    "storage",
    "vaults",
    "registries",
    "networks",
    "measures",
    "workspaces",
    "assets",
    "jobs",
    "schedules",
    "endpoints",
    "batch",
    "apps",
    "app_calls",
    "workflows",
    "grid",
    # Data planes.
    "blobs",
    "tables",
    "secrets",
    "images",
    "builds",
    "logs",
    "metrics",
    "inference",
    "mlflow",
    "events",
)


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return the modules of `services/` that are there."""
    package = "tests.clouds.azure.services"
    names = [f"{package}.{name}" for name in _MODULES]
    return tuple(import_module(name) for name in names if util.find_spec(name) is not None)


@cache
def services() -> Mapping[str, Service]:
    """Return the data planes by name."""
    found = [getattr(one, "SERVICE", None) for one in modules()]
    more = [two for one in modules() for two in getattr(one, "SERVICES", ())]
    return {one.name: one for one in [*found, *more] if one is not None}


@cache
def parts() -> tuple[Part, ...]:
    """Return all parts, in README.md's order."""
    return tuple(part for one in modules() for part in getattr(one, "PARTS", ()))


@cache
def handlers() -> Mapping[str, Handler]:
    """Return all handlers by method, in lower case."""
    return {
        method.lower(): handler for part in parts() for method, handler in part.handlers.items()
    }


@cache
def endings() -> Mapping[str, Ending]:
    """Return what goes with a resource that goes, by its type in lower case."""
    return {type_.lower(): act for part in parts() for type_, act in part.endings.items()}
