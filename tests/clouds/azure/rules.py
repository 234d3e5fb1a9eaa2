"""What is refused of every resource: parents that are not there, names, states, locks."""

import copy
from typing import Any

from tests.clouds.azure import ids, kinds
from tests.clouds.azure.calls import Body, Call, CloudError, conflict, not_found
from tests.clouds.azure.ids import GROUPS
from tests.clouds.azure.kinds import Kind
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World


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


def require_location(call: Call, kind: Kind) -> None:
    """Refuse a resource of a region that names none.

    Raises:
        CloudError: 400.
    """
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


def keep_fixed(kind: Kind, before: Body, after: Body) -> None:
    """Keep what stays as it was made, and refuse a change of it.

    Raises:
        CloudError: 409 for a location, 400 otherwise.
    """
    for path in kind.fixed:
        old, new = at_path(before, path), at_path(after, path)
        if new is None and old is not None:
            _set(after, path, copy.deepcopy(old))
        elif old != new and path == "location":
            text = f"The resource already exists in location '{old}', not '{new}'."
            raise conflict(text, "InvalidResourceLocation")
        elif old != new:
            text = f"`{path}` of `{kind.type}` cannot be changed from `{old}` to `{new}`."
            raise CloudError(400, "PropertyChangeNotAllowed", text)


def _set(body: Body, path: str, value: Any) -> None:
    *above, last = path.split(".")
    for name in above:
        body = body.setdefault(name, {})
    body[last] = value


def at_path(body: Any, path: str) -> Any:
    """Return what stands at a path of members, None when nothing does."""
    for name in path.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body


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
