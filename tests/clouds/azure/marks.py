"""What is told in every resource beside what was asked for: identities, who made it, and when."""

from typing import Any

from tests.clouds.azure import roles
from tests.clouds.azure.calls import Body, Call, CloudError
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"


def identify(world: World, call: Call, record: Record) -> None:
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


def stamped(world: World, call: Call) -> Body:
    """Return who makes a resource, and when."""
    kind = "User" if call.caller.is_user else "Application"
    who = {"createdBy": call.caller.principal, "createdByType": kind}
    return {**who, "createdAt": world.clock.stamp(), **changed(world, call)}


def changed(world: World, call: Call) -> Body:
    """Return who changes a resource, and when."""
    kind = "User" if call.caller.is_user else "Application"
    who = {"lastModifiedBy": call.caller.principal, "lastModifiedByType": kind}
    return {**who, "lastModifiedAt": world.clock.stamp()}


def keep_first(world: World, record: Record, **values: Any) -> None:
    """Give a record members of `properties` that stay as they were when it was made."""
    old = world.store.get(record.id)
    for name, value in values.items():
        before = old.properties.get(name) if old else None
        record.properties[name] = value if before is None else before
