"""Subscriptions, resource groups, resource providers."""

from tests.clouds.azure import rules, standard
from tests.clouds.azure.calls import Answer, Body, Call, CloudError, told
from tests.clouds.azure.ids import GROUPS, SUBSCRIPTIONS
from tests.clouds.azure.parts import Part
from tests.clouds.azure.world import World


def _subscription(world: World, call: Call) -> Body:
    del call
    place = f"/subscriptions/{world.subscription}"
    names = {"subscriptionId": world.subscription, "displayName": "Test", "tenantId": world.tenant}
    return {"id": place, **names, "state": "Enabled"}


def _subscriptions(world: World, call: Call) -> Body:
    return {"value": [_subscription(world, call)]}


def _resources(world: World, call: Call) -> Body:
    """List what is in a group, without what is in something else."""
    rules.require_above(world, f"{call.at.id}/providers/a/b/c")
    found = [one for one in world.store.below(call.at.id) if one.type.count("/") == 1]
    asked = call.text("$filter")
    kept = [one for one in found if not asked or f"'{one.type.lower()}'" in asked.lower()]
    return {"value": [one.shown() for one in kept]}


def _delete(world: World, call: Call) -> Answer:
    """Delete a group and all that is in it: what is in something else goes with that."""
    busy = [
        one
        for one in world.store.below(call.at.id)
        if world.operations.pending(one.id) and one.type.count("/") == 1
    ]
    for one in busy:
        world.operations.tick(one.id)
    return standard.delete(world, call)


def _state(world: World, namespace: str) -> Body:
    registered: set[str] = world.state("providers", set)
    is_there = namespace.lower() in registered
    place = f"/subscriptions/{world.subscription}/providers/{namespace}"
    state = "Registered" if is_there else "NotRegistered"
    return {"id": place, "namespace": namespace, "registrationState": state, "resourceTypes": []}


def provider(world: World, call: Call) -> Answer:
    """Tell whether a resource provider is registered, or register it.

    Raises:
        CloudError: for what is no such request.
    """
    parts = call.path.strip("/").split("/")
    namespace = parts[parts.index("providers") + 1]
    if call.request.verb == "POST" and parts[-1] == "register":
        world.state("providers", set).add(namespace.lower())
    elif call.request.verb != "GET":
        raise CloudError(405, "MethodNotAllowed", f"`{call.method}` is not done.")
    return told(_state(world, namespace))


PARTS = (
    Part(
        "subscriptions",
        {f"{SUBSCRIPTIONS}.get": _subscription, "subscriptions.list": _subscriptions},
        "one, by its id",
    ),
    Part(
        "resource groups",
        {f"{GROUPS}.delete": _delete, f"{GROUPS}/resources.list": _resources},
        "one that is deleted takes all with it; what a lock keeps stays, and the group with it",
    ),
)
