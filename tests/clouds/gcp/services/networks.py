"""Compute Engine's resources, and Cloud DNS's: named by a path, made by `insert`."""

import copy
from functools import cache
from typing import Any

from tests.clouds.gcp import masks, standard
from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.routes import by_id
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "compute"
_KINDS = (
    "addresses",
    "firewalls",
    "forwardingRules",
    "globalAddresses",
    "globalForwardingRules",
    "networkAttachments",
    "networks",
    "routers",
    "routes",
    "serviceAttachments",
    "subnetworks",
)


def _place(call: Call) -> str:
    project = f"projects/{call.text('project')}"
    region = call.text("region")
    return f"{project}/regions/{region}" if region else f"{project}/global"


def _collection(call: Call) -> str:
    kind = call.route.id.partition(".")[0]
    return {"globalAddresses": "addresses", "globalForwardingRules": "forwardingRules"}.get(
        kind, kind
    )


def _name(world: World, call: Call) -> str:
    own = call.text(call.route.names[-1])
    return world.canonical(SERVICE, f"{_place(call)}/{_collection(call)}/{own}")


def _link(world: World, name: str) -> str:
    return f"{world.address}/compute/compute/v1/{name}"


def _insert(world: World, call: Call) -> Body:
    if not call.body.get("name"):
        raise invalid("Invalid value for field 'resource.name': ''.")
    name = world.canonical(SERVICE, f"{_place(call)}/{_collection(call)}/{call.body['name']}")
    world.reserve(SERVICE, name)
    for member in ("network", "subnetwork"):
        _require(world, call.body.get(member))
    body = copy.deepcopy(call.body)
    own = {"id": world.store.number(), "selfLink": _link(world, name)}
    own |= {"creationTimestamp": world.clock.stamp()}
    if call.text("region"):
        own["region"] = _link(world, name.rsplit("/", 2)[0])
    if _collection(call) == "addresses" and "address" not in body:
        own["address"] = f"10.64.0.{2 + int(world.store.number()) % 250}"

    def effect() -> None:
        world.store.add(Record(SERVICE, name, call.route.request, {**body, **own}))

    return _operation(world, call, name, effect)


def _require(world: World, link: Any) -> None:
    """Refuse a link to a network that is not there; `default` always is."""
    if not link or link.endswith("/default"):
        return
    name = link[link.index("projects/") :] if "projects/" in link else link
    world.find(SERVICE, name)


def _operation(world: World, call: Call, target: str, effect: Any) -> Body:
    """Do it now and answer an operation that is under way; it is done when it is looked at."""
    effect()
    number = world.store.number()
    name = f"operation-{number}"
    region = call.text("region")
    place = f"regions/{region}" if region else "global"
    body: Body = {
        "kind": "compute#operation",
        "id": number,
        "name": name,
        "operationType": call.verb,
        "targetLink": _link(world, target),
        "status": "RUNNING",
        "progress": 0,
        "selfLink": _link(world, f"projects/{world.project}/{place}/operations/{name}"),
        **({"region": _link(world, f"projects/{world.project}/{place}")} if region else {}),
    }
    world.state("compute operations", dict)[name] = {**body, "left": world.pace["operations"]}
    return body


def _look(world: World, call: Call) -> Body:
    kept = world.state("compute operations", dict).get(call.text("operation"))
    if kept is None:
        raise CloudError(Status.NOT_FOUND, f"The operation {call.text('operation')} was not found")
    kept["left"] = 0 if call.verb == "wait" else kept["left"] - 1
    if kept["left"] <= 0:
        kept |= {"status": "DONE", "progress": 100}
    return {key: value for key, value in kept.items() if key != "left"}


def _get(world: World, call: Call) -> Body:
    record = world.find(SERVICE, _name(world, call))
    return copy.deepcopy(record.body) | _mark(call, record)


def _mark(call: Call, record: Record) -> Body:
    known = masks.members(call.route.api, record.schema)
    return {"fingerprint": record.etag()} if "fingerprint" in known else {}


def _list(world: World, call: Call) -> Body:
    place = world.canonical(SERVICE, _place(call))
    found = world.store.children(SERVICE, place, _collection(call))
    return standard.paged(world, call, "items", [copy.deepcopy(one.body) for one in found])


def _patch(world: World, call: Call) -> Body:
    record = world.find(SERVICE, _name(world, call))

    def effect() -> None:
        world.store.remember(record)
        record.body |= copy.deepcopy(call.body)

    return _operation(world, call, record.name, effect)


def _delete(world: World, call: Call) -> Body:
    record = world.find(SERVICE, _name(world, call))
    for other in world.store.everything():
        links = {str(other.body.get(one, "")) for one in ("network", "subnetwork")}
        if other.service == SERVICE and any(link.endswith(record.name) for link in links):
            message = f"The resource '{record.name}' is already being used by '{other.name}'"
            raise CloudError(
                Status.FAILED_PRECONDITION, message, reason="resourceInUseByAnotherResource"
            )
    return _operation(world, call, record.name, lambda: world.store.remove(SERVICE, record.name))


def _set_labels(world: World, call: Call) -> Body:
    name = f"{_place(call)}/{_collection(call)}/{call.text('resource')}"
    record = world.find(SERVICE, name)

    def effect() -> None:
        record.body["labels"] = call.body.get("labels", {})

    return _operation(world, call, record.name, effect)


@cache
def _handlers() -> dict[str, Any]:
    verbs = {
        "insert": _insert,
        "get": _get,
        "list": _list,
        "patch": _patch,
        "update": _patch,
        "delete": _delete,
        "setLabels": _set_labels,
    }
    known = by_id(SERVICE, "v1")
    found = {
        f"{kind}.{verb}": handler
        for kind in _KINDS
        for verb, handler in verbs.items()
        if f"{kind}.{verb}" in known
    }
    looks = ("globalOperations", "regionOperations")
    return found | {f"{kind}.{verb}": _look for kind in looks for verb in ("get", "wait")}


PARTS = (
    Part(
        "networks",
        SERVICE,
        _handlers(),
        "named by place and name; a network must be there to be used, and stays while it is",
    ),
)
