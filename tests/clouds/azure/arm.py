"""Azure Resource Manager: what a request is, who may do it, and what does it."""

import re

from tests.clouds.azure import kinds, lro, roles, standard
from tests.clouds.azure.addresses import ARM
from tests.clouds.azure.calls import Call, CloudError, Request, invalid
from tests.clouds.azure.ids import Address, parse
from tests.clouds.azure.parts import Handled, Service, handlers
from tests.clouds.azure.services import groups
from tests.clouds.azure.tokens import MANAGEMENT
from tests.clouds.azure.world import World

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(-preview|-privatepreview)?")
_PROVIDER = re.compile(r"subscriptions/[^/]+/providers/[^/]+(/register)?/?", re.IGNORECASE)
_VERBS = {"PUT": "put", "PATCH": "patch", "DELETE": "delete", "HEAD": "head"}


def _method(request: Request, path: str) -> str:
    at = parse(path)
    if lro.is_operation(at):
        return f"operations.{request.verb.lower()}"
    if request.verb == "POST" and at.tail and at.names:
        return f"{_written(at.type)}.{at.tail}"
    if request.verb == "POST":
        return f"{_written(at.kind)}.post"
    if request.verb == "GET":
        return f"{_written(at.kind)}.{'list' if at.is_collection else 'get'}"
    return f"{_written(at.kind)}.{_VERBS.get(request.verb, request.verb.lower())}"


def _written(type_: str) -> str:
    """Return a type as Azure writes it."""
    found = kinds.find(type_)
    return found.type if found else type_


def _answer(world: World, call: Call) -> Handled:
    call.at = _at(call)
    if lro.is_operation(call.at):
        return lro.answer(world, call)
    _judge_version(call)
    _judge_subscription(world, call.at)
    if _PROVIDER.fullmatch(call.path):
        return groups.provider(world, call)
    call.body = call.request.json()
    special = handlers().get(call.method.lower())
    if special is None:
        special = standard.VERBS.get(call.verb) if kinds.find(call.at.kind) else None
    if special is None:
        raise CloudError(501, "NotImplemented", f"The test cloud does not do `{call.method}`.")
    roles.require(world, call.caller, action_of(call), call.at.id)
    return special(world, call)


_ACTIONS = {"put": "write", "patch": "write", "get": "read", "list": "read", "head": "read"}


def action_of(call: Call) -> str:
    """Return the action that a role must have, as `Microsoft.Storage/storageAccounts/write`."""
    type_, _, verb = call.method.rpartition(".")
    if verb == "delete":
        return f"{type_}/delete"
    return f"{type_}/{_ACTIONS[verb]}" if verb in _ACTIONS else f"{type_}/{verb}/action"


def _at(call: Call) -> Address:
    return parse(call.path)


def _judge_version(call: Call) -> None:
    version = call.text("api-version")
    if not version:
        raise CloudError(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    if not _VERSION.fullmatch(version):
        raise invalid(f"The api-version '{version}' is invalid.", "InvalidApiVersionParameter")


def _judge_subscription(world: World, at: Address) -> None:
    parts = at.id.split("/")
    if parts[1:2] == ["subscriptions"] and parts[2].lower() != world.subscription:
        text = f"The subscription '{parts[2]}' could not be found."
        raise CloudError(404, "SubscriptionNotFound", text)


SERVICE = Service(ARM, _answer, MANAGEMENT, _method)
