"""Role definitions and role assignments."""

import re

from tests.clouds.azure import roles, standard
from tests.clouds.azure.addresses import USER
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, conflict, not_found
from tests.clouds.azure.ids import SUBSCRIPTIONS, parse
from tests.clouds.azure.parts import Part
from tests.clouds.azure.roles import ASSIGNMENTS, BUILT_IN, DEFINITIONS
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SAME = ("principalId", "roleDefinitionId")
_EQUALS = re.compile(r"(\w+)(?:\(\))? eq '([^']+)'", re.IGNORECASE)


def _assign(world: World, call: Call) -> Answer:
    _require_guid(call)
    _require_scope(world, call)
    asked = call.body.get("properties") or {}
    if roles.find(world, str(asked.get("roleDefinitionId", ""))) is None:
        own = str(asked.get("roleDefinitionId", "")).rpartition("/")[2]
        text = f"The specified role definition with ID '{own}' does not exist."
        raise CloudError(400, "RoleDefinitionDoesNotExist", text)
    _judge_principal(world, asked)
    old = world.store.get(call.at.id)
    if old is not None:
        if any(old.properties.get(one) != asked.get(one) for one in _SAME):
            text = (
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
            )
            raise CloudError(400, "RoleAssignmentUpdateNotPermitted", text)
        return standard.put(world, call, made=lambda record: _complete(world, record))
    _refuse_twice(world, call, asked)
    return standard.put(world, call, made=lambda record: _complete(world, record))


def _require_guid(call: Call) -> None:
    if not _GUID.fullmatch(call.at.name):
        text = f"The role assignment ID '{call.at.name}' is not valid. It must be a GUID."
        raise CloudError(400, "InvalidRoleAssignmentId", text)


def _require_scope(world: World, call: Call) -> None:
    at = parse(call.at.scope)
    if at.type in {"", SUBSCRIPTIONS}:
        return
    if world.store.get(call.at.scope) is None:
        raise not_found(call.at.scope)


def _judge_principal(world: World, asked: Body) -> None:
    """Refuse a principal that nobody knows yet, unless its type says that it need not be looked up.

    https://learn.microsoft.com/azure/role-based-access-control/troubleshooting, "new principal".
    """
    principal = str(asked.get("principalId", ""))
    if asked.get("principalType") or principal == USER or world.identities.knows(principal):
        return
    text = f"Principal {principal} does not exist in the directory {world.tenant}."
    raise CloudError(400, "PrincipalNotFound", text)


def _refuse_twice(world: World, call: Call, asked: Body) -> None:
    for record in world.store.of_type(ASSIGNMENTS):
        is_same = all(record.properties.get(one) == asked.get(one) for one in _SAME)
        if is_same and roles.scope_of(record) == call.at.scope.lower():
            text = "The role assignment already exists. The ID of the existing role assignment is"
            raise conflict(f"{text} {record.name}.", "RoleAssignmentExists")


def _complete(world: World, record: Record) -> None:
    record.hidden.setdefault("refusals", world.pace["roles"])
    record.properties["scope"] = record.id.rpartition("/providers/")[0]
    record.properties.setdefault("principalType", "ServicePrincipal")


def _listed(world: World, call: Call) -> Body:
    """List the assignments on a scope, above and below it; `atScope()` leaves out those below."""
    scope = call.at.id.lower().rstrip("/")
    asked = dict(_EQUALS.findall(call.text("$filter")))
    found = [
        one
        for one in world.store.of_type(ASSIGNMENTS)
        if _is_near(roles.scope_of(one), scope, below="atscope" not in call.text("$filter").lower())
        and asked.get("principalId", one.properties["principalId"]) == one.properties["principalId"]
    ]
    return {"value": [one.shown() for one in found]}


def _is_near(have: str, scope: str, *, below: bool) -> bool:
    above = f"{scope}/".startswith(f"{have}/")
    return above or (below and f"{have}/".startswith(f"{scope}/"))


def _define(world: World, call: Call) -> Answer:
    title = (call.body.get("properties") or {}).get("roleName")
    if not title:
        raise CloudError(400, "RoleDefinitionNameNullOrEmpty", "`roleName` is required.")
    for record in world.store.of_type(DEFINITIONS):
        if record.properties["roleName"] == title and record.name.lower() != call.at.name.lower():
            text = f"A custom role with the same name already exists in this directory: '{title}'."
            raise conflict(text, "RoleDefinitionWithSameNameExists")

    def made(record: Record) -> None:
        record.properties.setdefault("type", "CustomRole")

    return standard.put(world, call, made=made)


def _undefine(world: World, call: Call) -> Answer:
    for record in world.store.of_type(ASSIGNMENTS):
        if record.properties["roleDefinitionId"].rpartition("/")[2] == call.at.name:
            text = "There are existing role assignments referencing role."
            raise CloudError(400, "RoleDefinitionHasAssignments", text)
    return standard.delete(world, call)


def _definition(world: World, call: Call) -> Body:
    built_in = BUILT_IN.get(call.at.name.lower())
    if built_in is None:
        return standard.get(world, call)
    return _told(world, call.at.name, built_in)


def _told(world: World, own: str, role: roles.Role) -> Body:
    granted = {"actions": [*role.actions], "notActions": [*role.not_actions]}
    permissions = [{**granted, "dataActions": [*role.data], "notDataActions": []}]
    properties = {"roleName": role.title, "type": "BuiltInRole", "permissions": permissions}
    place = f"/subscriptions/{world.subscription}/providers/{DEFINITIONS}/{own}"
    return {"id": place, "name": own, "type": DEFINITIONS, "properties": properties}


def _definitions(world: World, call: Call) -> Body:
    wanted = dict(_EQUALS.findall(call.text("$filter"))).get("roleName")
    found = [_told(world, own, role) for own, role in BUILT_IN.items()]
    found += [one.shown() for one in world.store.of_type(DEFINITIONS)]
    return {"value": [one for one in found if wanted in {None, one["properties"]["roleName"]}]}


PARTS = (
    Part(
        "role assignments",
        {f"{ASSIGNMENTS}.put": _assign, f"{ASSIGNMENTS}.list": _listed},
        "named by GUIDs, once for a scope, principal and role; what they say does not change; a"
        " principal is there, or its type is told; they count after `pace` `roles` refusals",
    ),
    Part(
        "role definitions",
        {
            f"{DEFINITIONS}.put": _define,
            f"{DEFINITIONS}.get": _definition,
            f"{DEFINITIONS}.list": _definitions,
            f"{DEFINITIONS}.delete": _undefine,
        },
        "Microsoft's own and custom ones, whose names are one role's; an assigned one stays",
    ),
)
