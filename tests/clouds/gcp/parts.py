"""What is special: handlers by service and method, in parts that README.md lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from tests.clouds.gcp.calls import Answer, Body, Call, Deferred
from tests.clouds.gcp.world import World

Handler = Callable[[World, Call], Body | Answer | Deferred]


@dataclass(frozen=True)
class Part:
    """One subject whose methods are more than those that every resource has."""

    subject: str
    service: str
    handlers: Mapping[str, Handler]
    """By the method's id without its service."""
    does: str
    """What it does beyond the document."""


_MODULES = (
    "models",
    "endpoints",
    "jobs",
    "schedules",
    "features",
    "tracking",
    "buckets",
    "accounts",
    "secrets",
    "networks",
    "warehouse",
    "messages",
    "workflows",
    "measures",
    "builds",
    "runs",
    "databases",
    "zones",
)


@cache
def parts() -> tuple[Part, ...]:
    """Return all parts, in README.md's order."""
    package = "tests.clouds.gcp.services"
    found = [import_module(f"{package}.{name}").PARTS for name in _MODULES]
    return tuple(part for some in found for part in some)


@cache
def handlers() -> Mapping[tuple[str, str], Handler]:
    """Return all handlers by service and method."""
    return {
        (part.service, method): handler
        for part in parts()
        for method, handler in part.handlers.items()
    }
