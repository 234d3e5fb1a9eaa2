"""The methods of operations, which are the same for every service."""

from collections.abc import Callable, Mapping

from tests.clouds.gcp import filters
from tests.clouds.gcp.calls import Body, Call
from tests.clouds.gcp.operations import require_name
from tests.clouds.gcp.world import World


def _name(world: World, call: Call) -> str:
    return world.canonical(call.service, require_name(call))


def get(world: World, call: Call) -> Body:
    """Answer how an operation stands."""
    return world.operations.get(call.service, _name(world, call)).body()


def list_(world: World, call: Call) -> Body:
    """Answer a page of operations."""
    prefix = _name(world, call).removesuffix("/operations")
    found = [one.body() for one in world.operations.below(call.service, f"{prefix}/")]
    kept = filters.keep(
        [{**one, "done": one.get("done", False)} for one in found], call.text("filter")
    )
    some, after = filters.page(kept, int(call.params.get("pageSize") or 0), call.text("pageToken"))
    return {**({"operations": some} if some else {}), **({"nextPageToken": after} if after else {})}


def wait(world: World, call: Call) -> Body:
    """Answer once the operation has ended, if its work has."""
    operation = world.operations.get(call.service, _name(world, call))
    while not operation.done and (operation.run is None or operation.run.ended.is_set()):
        operation.look()
    return operation.body()


def cancel(world: World, call: Call) -> Body:
    """End an operation without its effect."""
    world.operations.cancel(call.service, _name(world, call))
    return {}


def delete(world: World, call: Call) -> Body:
    """Forget an operation."""
    name = _name(world, call)
    world.operations.get(call.service, name)
    world.operations.forget(call.service, name)
    return {}


VERBS: Mapping[str, Callable[[World, Call], Body]] = {
    "get": get,
    "list": list_,
    "wait": wait,
    "cancel": cancel,
    "delete": delete,
}
