"""The methods that nearly every resource has: put, get, list, patch, delete, as ARM has them.

https://github.com/cloud-and-ai-microsoft/resource-provider-contract (v1.0, resources and async).
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from tests.clouds.azure import ids, judging, kinds, lro, parts
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, not_found, told
from tests.clouds.azure.kinds import Kind
from tests.clouds.azure.marks import changed, identify, stamped
from tests.clouds.azure.operations import Begun, Operation
from tests.clouds.azure.rules import (
    found,
    keep_fixed,
    refuse_busy,
    refuse_locked,
    refuse_taken,
    require_above,
    require_location,
)
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World
from tests.clouds.faults import FaultKind

_OWN = frozenset({"id", "name", "type", "systemData"})
Made = Callable[[Record], Begun | None]


def _nothing(record: Record) -> None:
    del record


def kind_of(call: Call) -> Kind:
    """Return the type of what a call is about."""
    found = kinds.find(call.at.kind)
    assert found is not None
    return found


def put(world: World, call: Call, *, made: Made = _nothing) -> Answer:
    """Make or change a resource.

    Args:
        world: the cloud.
        call: the request; its body is the resource.
        made: completes the record with what the service sets, before it is kept, and says what
            else must be done.
    """
    require_above(world, call.at.id)
    world.operations.tick(call.at.key)
    old = world.store.get(call.at.id)
    judging.judge(call, call.body, old.body if old else None)
    refuse_busy(world, call.at.id)
    if old is None:
        return _create(world, call, made)
    return _change(world, call, old, body_of(call), made)


def body_of(call: Call) -> Body:
    """Return what a request says of a resource."""
    return {key: copy.deepcopy(value) for key, value in call.body.items() if key not in _OWN}


def _create(world: World, call: Call, made: Made) -> Answer:
    kind = kind_of(call)
    require_location(call, kind)
    if kind.unique:
        refuse_taken(world, kind, call.at.name)
    world.reserve(kind.type)
    record = Record(call.at.id, kind.type, body_of(call))
    identify(world, call, record)
    begun = made(record) or Begun()
    record.body["systemData"] = stamped(world, call)

    def effect() -> Body:
        return _arrived(record, kind, begun)

    if not kind.slow:
        world.store.add(record)
        return told(effect(), 201)
    _state(record, kind, "Creating")
    world.store.add(record)
    operation = _begin(world, call, record, effect, begun)
    return told(record.shown(), 201, lro.headers(world, call, operation))


def _arrived(record: Record, kind: Kind, begun: Begun) -> Body:
    _state(record, kind, "Succeeded")
    begun.then()
    return record.shown()


def _begin(
    world: World, call: Call, record: Record, effect: Callable[[], Body], begun: Begun
) -> Operation:
    """Begin an operation; when it fails, so has what it makes."""

    def failed() -> None:
        _state(record, kind_of(call), "Failed")
        begun.undo()

    return lro.begin(world, call, record.key, effect, undo=failed, run=begun.run)


def _state(record: Record, kind: Kind, state: str) -> None:
    if kind.stated:
        record.properties["provisioningState"] = state


def _change(world: World, call: Call, old: Record, body: Body, made: Made) -> Answer:
    kind = kind_of(call)
    keep_fixed(kind, old.body, body)
    new = Record(old.id, old.type, body, dict(old.hidden))
    identify(world, call, new)
    begun = made(new) or Begun()
    new.body["systemData"] = {**old.body.get("systemData", {}), **changed(world, call)}

    def effect() -> Body:
        keep(world, old, new)
        return _arrived(old, kind, begun)

    if not kind.slow:
        return told(effect())
    _state(old, kind, "Updating")
    _state(new, kind, "Updating")
    operation = _begin(world, call, old, effect, begun)
    return told(new.shown(), 200, lro.headers(world, call, operation))


def keep(world: World, record: Record, after: Record) -> None:
    """Let a resource be what it is after a change."""
    world.store.remember(record)
    record.body, record.hidden = after.body, after.hidden


def get(world: World, call: Call) -> Body:
    """Answer a resource."""
    world.operations.tick(call.at.key)
    return shown(world, found(world, call))


def shown(world: World, record: Record) -> Body:
    """Return a resource as it is answered."""
    if world.fault is not None and world.fault.kind is FaultKind.STALE:
        before = world.store.stale(record)
        if before is None:
            raise not_found(record.id)
        return Record(record.id, record.type, before).shown()
    return record.shown()


def list_(world: World, call: Call) -> Body:
    """Answer a collection."""
    if call.at.names:
        found(world, replace(call, at=ids.parse(call.at.id)))
    stale = world.fault is not None and world.fault.kind is FaultKind.STALE
    for one in [*world.store.children(call.at.id, call.at.kind)]:
        # Whoever looks sees what has ended meanwhile, in a list as well.
        world.operations.tick(one.key)
    records = [*world.store.children(call.at.id, call.at.kind)]
    kept = [one for one in records if not stale or world.store.stale(one) is not None]
    return paged(world, call, [shown(world, one) for one in kept])


def paged(world: World, call: Call, items: list[Body]) -> Body:
    """Answer a page; the address of the next one says how many came before it."""
    start, size = int(call.text("$skiptoken") or 0), world.pace.get("page") or 100
    some, more = items[start : start + size], len(items) > start + size
    if not more:
        return {"value": some}
    query = {**call.params, "$skiptoken": str(start + size)}
    place = f"{world.address}/{call.service}/{call.path}?{urlencode(query)}"
    return {"value": some, "nextLink": place}


def patch(world: World, call: Call, *, made: Made = _nothing) -> Answer:
    """Change what a body names (RFC 7396) of a resource."""
    record = found(world, call)
    refuse_busy(world, record.id)
    after = merged(record.body, body_of(call))
    judging.judge(call, after, record.body)
    return _change(world, call, record, after, made)


def merged(before: Any, change: Any) -> Any:
    """Return a value after a merge patch."""
    if not isinstance(before, dict) or not isinstance(change, dict):
        return copy.deepcopy(change)
    after = copy.deepcopy(before)
    for key, value in change.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = merged(after.get(key), value)
    return after


def delete(world: World, call: Call, *, effect: Callable[[], None] | None = None) -> Answer:
    """Delete a resource and what is in it.

    Args:
        world: the cloud.
        call: the request.
        effect: what is done; `remove` by default.
    """
    kind = kind_of(call)
    world.operations.tick(call.at.key)
    record = world.store.get(call.at.id)
    if record is None:
        return Answer(204)
    if kind.undeletable:
        text = f"The resource type `{kind.type}` does not support this operation."
        raise CloudError(405, "MethodNotAllowed", text)
    refuse_busy(world, record.id)
    refuse_locked(world, record.id)
    act = effect or partial(_remove, world, record.id)
    if not kind.slow_delete:
        act()
        return Answer(200)
    _state(record, kind, "Deleting")
    operation = lro.begin(world, call, record.key, act, undo=lambda: _state(record, kind, "Failed"))
    return lro.accepted(world, call, operation)


def _remove(world: World, resource: str) -> None:
    remove(world, resource)


def remove(world: World, resource: str) -> list[Record]:
    """Forget a resource and what is below it, with what goes with each; return them."""
    gone = world.store.remove(resource)
    for one in gone:
        act = parts.endings().get(one.type.lower())
        if act is not None:
            act(world, one)
        world.identities.drop(one.id)
    return gone


def head(world: World, call: Call) -> Answer:
    """Tell whether a resource is there."""
    return Answer(204 if world.store.get(call.at.id) else 404)


VERBS: Mapping[str, Callable[[World, Call], Any]] = {
    "put": put,
    "get": get,
    "list": list_,
    "patch": patch,
    "delete": delete,
    "head": head,
}
