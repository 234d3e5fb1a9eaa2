"""The methods that nearly every resource has: put, get, list, patch, delete, as ARM has them.

https://github.com/cloud-and-ai-microsoft/resource-provider-contract (v1.0, resources and async).
"""

import copy
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from tests.clouds.azure import ids, judging, kinds, lro, parts, roles
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, not_found, told
from tests.clouds.azure.faults import FaultKind
from tests.clouds.azure.ids import GROUPS
from tests.clouds.azure.kinds import Kind
from tests.clouds.azure.operations import Begun, Operation
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

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
    _require_location(call, kind)
    if kind.unique:
        refuse_taken(world, kind, call.at.name)
    world.reserve(kind.type)
    record = Record(call.at.id, kind.type, body_of(call))
    _identify(world, call, record)
    begun = made(record) or Begun()
    record.body["systemData"] = _stamped(world, call)

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
    refuse_fixed(kind, old.body, body)
    new = Record(old.id, old.type, body, dict(old.hidden))
    _identify(world, call, new)
    begun = made(new) or Begun()
    new.body["systemData"] = {**old.body.get("systemData", {}), **_changed(world, call)}

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


def keep_first(world: World, record: Record, **values: Any) -> None:
    """Give a record members of `properties` that stay as they were when it was made."""
    old = world.store.get(record.id)
    for name, value in values.items():
        before = old.properties.get(name) if old else None
        record.properties[name] = value if before is None else before


def _identify(world: World, call: Call, record: Record) -> None:
    """Give a resource the identity of its own that it asks for, and tell who its others are."""
    asked = record.body.get("identity")
    if not asked:
        return
    if "systemassigned" in str(asked.get("type", "")).lower().replace(" ", ""):
        own = world.identities.of(record.id) or world.identities.make(record.id)
        asked |= {"principalId": own.principal, "tenantId": world.tenant}
    for one in asked.get("userAssignedIdentities") or {}:
        found = world.identities.of(one)
        if found is None:
            raise CloudError(
                400, "FailedIdentityOperation", f"The identity '{one}' could not be found."
            )
        roles.require(world, call.caller, _ASSIGN, one)
        told_ids = {"principalId": found.principal, "clientId": found.client}
        asked["userAssignedIdentities"][one] = told_ids


_ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"


def _stamped(world: World, call: Call) -> Body:
    kind = "User" if call.caller.is_user else "Application"
    who = {"createdBy": call.caller.principal, "createdByType": kind}
    return {**who, "createdAt": world.clock.stamp(), **_changed(world, call)}


def _changed(world: World, call: Call) -> Body:
    kind = "User" if call.caller.is_user else "Application"
    who = {"lastModifiedBy": call.caller.principal, "lastModifiedByType": kind}
    return {**who, "lastModifiedAt": world.clock.stamp()}


def require_above(world: World, resource: str) -> None:
    """Refuse what is in something that is not there.

    Raises:
        CloudError: 404.
    """
    above = ids.parent(resource)
    at = ids.parse(above)
    if not above or at.type in {"", ids.SUBSCRIPTIONS} or "." in ids.parse(above).name:
        return
    if at.group and world.store.get(_group_id(world, at.group)) is None:
        raise not_found("", f"Resource group '{at.group}' could not be found.", _NO_GROUP)
    if at.type != GROUPS and world.store.get(above) is None and kinds.find(at.type):
        raise not_found("", f"The parent resource '{above}' was not found.", _NO_PARENT)


_NO_GROUP, _NO_PARENT = "ResourceGroupNotFound", "ParentResourceNotFound"


def _group_id(world: World, group: str) -> str:
    return f"/subscriptions/{world.subscription}/resourceGroups/{group}"


def _require_location(call: Call, kind: Kind) -> None:
    if kind.located and not call.body.get("location"):
        text = "The location property is required for this definition."
        raise CloudError(400, "LocationRequired", text)


def refuse_taken(world: World, kind: Kind, name: str) -> None:
    """Refuse a name that another resource has, where a name is one resource's in all of Azure.

    Raises:
        CloudError: 409.
    """
    for record in world.store.of_type(kind.type):
        if record.name.lower() == name.lower():
            raise conflict(f"The name '{name}' is already taken.", "NameNotAvailable")


def refuse_busy(world: World, resource: str) -> None:
    """Refuse what is being made, changed or deleted.

    Raises:
        CloudError: 409.
    """
    if world.operations.pending(resource):
        text = f"Another operation is being performed on '{resource}'. Please retry later."
        raise conflict(text, "AnotherOperationInProgress")


def refuse_fixed(kind: Kind, before: Body, after: Body) -> None:
    """Refuse a change of what stays as it was made.

    Raises:
        CloudError: 409 for a location, 400 otherwise.
    """
    for path in kind.fixed:
        old, new = at_path(before, path), at_path(after, path)
        if new is not None and old != new:
            if path == "location":
                text = f"The resource already exists in location '{old}', not '{new}'."
                raise conflict(text, "InvalidResourceLocation")
            text = f"`{path}` of `{kind.type}` cannot be changed from `{old}` to `{new}`."
            raise CloudError(400, "PropertyChangeNotAllowed", text)


def at_path(body: Any, path: str) -> Any:
    """Return what stands at a path of members, None when nothing does."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def get(world: World, call: Call) -> Body:
    """Answer a resource."""
    world.operations.tick(call.at.key)
    return shown(world, found(world, call))


def found(world: World, call: Call) -> Record:
    """Return what a call is about.

    Raises:
        CloudError: 404.
    """
    record = world.store.get(call.at.id)
    if record is not None:
        return record
    group = call.at.group
    if group and world.store.get(_group_id(world, group)) is None:
        raise not_found("", f"Resource group '{group}' could not be found.", _NO_GROUP)
    written = f"{call.at.type}/{'/'.join(call.at.names)}"
    place = f" under resource group '{group}'" if group else ""
    raise not_found("", f"The Resource '{written}'{place} was not found.")


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
        found_above = Call(**{**vars(call), "at": ids.parse(call.at.id)})
        found(world, found_above)
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
    act = effect or (lambda: remove(world, record.id))
    if not kind.slow_delete:
        act()
        return Answer(200)
    _state(record, kind, "Deleting")
    operation = lro.begin(world, call, record.key, act, undo=lambda: _state(record, kind, "Failed"))
    return lro.accepted(world, call, operation)


def remove(world: World, resource: str) -> list[Record]:
    """Forget a resource and what is below it, with what goes with each; return them."""
    gone = world.store.remove(resource)
    for one in gone:
        act = parts.endings().get(one.type.lower())
        if act is not None:
            act(world, one)
        world.identities.drop(one.id)
    return gone


_LOCK = "Microsoft.Authorization/locks"


def refuse_locked(world: World, resource: str) -> None:
    """Refuse what a lock keeps: on the resource, above it, or on something in it.

    Raises:
        CloudError: 409.
    """
    for lock in world.store.of_type(_LOCK):
        scope = lock.key.partition("/providers/microsoft.authorization/locks/")[0]
        key = f"{resource.lower()}/"
        if key.startswith(f"{scope}/") or f"{scope}/".startswith(key):
            if resource.lower() == lock.key:
                continue
            text = f"The scope '{resource}' cannot perform delete operation because following"
            raise conflict(f"{text} scope(s) are locked: '{scope}'.", "ScopeLocked")


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
