"""The methods that nearly every resource has: create, get, list, patch, delete, as documented.

What they do is https://google.aip.dev/131 to 135; names, ids, filters, masks and whether there is
an operation are read from the documents.
"""

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.clouds.faults import FaultKind
from tests.clouds.gcp import filters, masks
from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid, not_found, precondition
from tests.clouds.gcp.judging import pruned
from tests.clouds.gcp.operations import EMPTY, Operation, message, metadata, place
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World
from tests.contract.walkers import discovery

Effect = Callable[[], Body]

# What a service sets when the resource is made.
_MADE: Mapping[tuple[str, str], Body] = {
    ("aiplatform", "featureOnlineStores"): {"state": "STABLE"},
    ("aiplatform", "featurestores"): {"state": "STABLE"},
    ("aiplatform", "schedules"): {"state": "ACTIVE"},
    ("cloudscheduler", "jobs"): {"state": "ENABLED"},
    ("dataplex", "dataScans"): {"state": "ACTIVE"},
    ("workflows", "workflows"): {"state": "ACTIVE", "revisionId": "000001-000"},
    ("cloudtasks", "queues"): {"state": "RUNNING"},
    ("pubsub", "topics"): {"state": "ACTIVE"},
    ("pubsub", "subscriptions"): {"state": "ACTIVE"},
}
# What goes with the resource that it is in; anything else keeps it from being deleted.
CASCADING = frozenset(
    {"artifacts", "contexts", "dockerImages", "evaluations", "executions", "experiments"}
    | {"featureViewSyncs", "jobs", "metadataSchemas", "packages", "revisions", "runs", "snapshots"}
    | {"tags", "timeSeries", "versions"}
)


def create(world: World, call: Call, *, made: Body | None = None, name: str = "") -> Body:
    """Make a resource.

    Args:
        world: the cloud.
        call: the request; its body is the resource.
        made: what the service sets itself.
        name: the resource's name, where the request does not say it in the usual way.
    """
    name = name or new_name(world, call)
    require_parent(world, call.service, name)
    world.reserve(call.service, name)
    schema = call.route.request
    body = {**masks.settable(call.route.api, schema, call.body), **(made or {})}

    def effect() -> Body:
        record = add(world, call, schema, name, body)
        return shown(world, record, call.route.api, schema)

    return done(world, call, name, schema, effect)


def add(world: World, call: Call, schema: str, name: str, body: Body) -> Record:
    """Keep a new resource, with what its service sets."""
    record = Record(call.service, name, schema, copy.deepcopy(body))
    record.body |= _MADE.get((call.service, record.collection), {})
    known = masks.members(call.route.api, schema)
    stamp = world.clock.stamp()
    own = {"name": name, "createTime": stamp, "updateTime": stamp, "uid": world.store.number()}
    # Some resources are named by the caller; these keep what was written.
    record.body = {**{key: own[key] for key in own if key in known}, **record.body}
    if "name" in known and call.service not in _NAMED_BY_CALLER:
        record.body["name"] = name
    return world.store.add(record)


_NAMED_BY_CALLER = frozenset({"logging"})


def done(
    world: World,
    call: Call,
    target: str,
    schema: str,
    effect: Effect,
    *,
    answers: str = "",
    told: Body | None = None,
    **more: Any,
) -> Body:
    """Do something now, or by an operation where the document says that one is answered.

    Args:
        world: the cloud.
        call: the request.
        target: the resource that is made or changed.
        schema: its schema, which names the operation's metadata.
        effect: what is done; it answers the response.
        answers: the full name of the response's message; the resource's own by default.
        told: more members of the metadata.
        more: what else the operation is told (`run`, `undo`).
    """
    if not is_operation(call.route.api, call.route.response):
        return effect()
    number = world.store.number()
    operation = Operation(
        call.service,
        place(call, target, number),
        target,
        effect,
        answers or message(call.route.api, schema),
        {**metadata(call, schema, world.clock.stamp()), **(told or {})},
        world.pace["operations"],
        **more,
    )
    return world.start(operation)


@cache
def is_operation(api: str, schema: str) -> bool:
    """Tell whether a method answers an operation."""
    return schema.endswith("Operation") and "done" in masks.members(api, schema)


def shown(world: World, record: Record, api: str, schema: str) -> Body:
    """Return a resource as one version of an API answers it."""
    body = record.body
    if world.fault is not None and world.fault.kind is FaultKind.STALE:
        body = world.store.stale(record)
        if body is None:
            raise not_found(record.name)
    told = copy.deepcopy(body)
    if "etag" in masks.members(api, schema):
        told["etag"] = record.etag()
    return pruned(api, schema, told)


def get(world: World, call: Call) -> Body:
    """Answer a resource."""
    record = world.find(call.service, named(call))
    return shown(world, record, call.route.api, call.route.response)


def list_(world: World, call: Call) -> Body:
    """Answer a page of a collection."""
    member, schema = listed(call)
    parent = world.canonical(call.service, _first(call, "parent", "name", "project", "projectId"))
    require_parent(world, call.service, f"{parent}/-/-")
    records = world.store.children(call.service, parent, collection(call))
    return paged(world, call, member, _visible(world, call, schema, [*records]))


def _visible(world: World, call: Call, schema: str, records: list[Record]) -> list[Body]:
    stale = world.fault is not None and world.fault.kind is FaultKind.STALE
    return [
        shown(world, record, call.route.api, schema)
        for record in records
        if not stale or world.store.stale(record) is not None
    ]


def paged(world: World, call: Call, member: str, items: list[Body]) -> Body:
    """Answer the page that a request asks for, filtered and ordered as it says."""
    kept = filters.keep(items, call.text("filter"))
    kept = filters.ordered(kept, call.text("orderBy"))
    size = int(call.params.get("pageSize") or call.params.get("maxResults") or 0)
    if size < 0:
        raise invalid("`pageSize` must not be negative.")
    some, after = filters.page(kept, size, call.text("pageToken"), world.pace.get("page", 100))
    return {**({member: some} if some else {}), **({"nextPageToken": after} if after else {})}


def patch(world: World, call: Call) -> Body:
    """Change a resource."""
    record = world.find(call.service, named(call))
    schema = call.route.request
    mask = call.text("updateMask")
    require_etag(record, call.body)
    after = masks.changed(call.route.api, schema, record.body, call.body, mask)

    def effect() -> Body:
        keep_change(world, record, after)
        return shown(world, record, call.route.api, schema)

    return done(world, call, record.name, schema, effect)


def keep_change(world: World, record: Record, after: Body) -> None:
    """Let a resource be what it is after a change."""
    world.store.remember(record)
    if "updateTime" in record.body:
        after["updateTime"] = world.clock.stamp()
    record.body = after


def require_etag(record: Record, body: Body) -> None:
    """Refuse a change that was made from another state.

    Raises:
        CloudError: ABORTED.
    """
    asked = body.get("etag")
    if asked and asked != record.etag():
        raise CloudError(Status.ABORTED, f"The etag of `{record.name}` is not `{asked}`.")


def delete(world: World, call: Call, *, before: Effect | None = None) -> Body:
    """Delete a resource that holds nothing, or everything with `force`."""
    record = world.find(call.service, named(call))
    holds = [
        one.name
        for one in world.store.below(call.service, record.name)
        if one.collection not in CASCADING
    ]
    if holds and not call.params.get("force"):
        raise precondition(f"`{record.name}` still holds `{holds[0]}`; delete it first.")

    def effect() -> Body:
        if before is not None:
            before()
        world.store.remove(call.service, record.name)
        drop_policies(world, call.service, record.name)
        return {}

    return done(world, call, record.name, record.schema, effect, answers=EMPTY)


def drop_policies(world: World, service: str, name: str) -> None:
    """Forget who may use a resource and what is in it."""
    for key in [key for key in world.policies if key[0] == service]:
        if key[1] == name or key[1].startswith(f"{name}/"):
            del world.policies[key]


def named(call: Call) -> str:
    """Return the name of the resource that a request is about."""
    return call.text(call.route.names[0])


def _first(call: Call, *names: str) -> str:
    return next((call.text(name) for name in names if name in call.params), "")


def collection(call: Call) -> str:
    """Return the collection that a request is about, as `endpoints`."""
    return call.route.id.rpartition(".")[0].rpartition(".")[2]


def new_name(world: World, call: Call) -> str:
    """Return the name of the resource that a request makes."""
    template = call.route.template
    if template.endswith("{+name}") or call.route.http == "PUT":
        return world.canonical(call.service, named(call))
    parent = world.canonical(call.service, _first(call, *call.route.names))
    return f"{parent}/{collection(call)}/{new_id(world, call)}"


# Query parameters that do not name what is made.
_NO_IDS = frozenset({"projectId", "requestId"})


def new_id(world: World, call: Call) -> str:
    """Return the id that a request gives, or one of the service's."""
    wanted = [
        name
        for name, node in call.route.parameters.items()
        if node.get("location") == "query" and name.endswith("Id") and name not in _NO_IDS
    ]
    for name in wanted:
        if name in call.params:
            return call.text(name)
        if call.route.parameters[name].get("required") or _is_required(call, name):
            raise invalid(f"`{name}` is required.")
    given = str(call.body.get("name") or "").rpartition("/")[2]
    schema = call.route.request
    if given and not masks.set_by_service(call.route.api, schema, "name"):
        return given
    return world.store.number()


def _is_required(call: Call, name: str) -> bool:
    return call.route.parameters[name].get("description", "").startswith("Required.")


def require_parent(world: World, service: str, name: str) -> None:
    """Refuse what is in something that is not there. Projects and places are always there.

    Raises:
        CloudError: NOT_FOUND.
    """
    parent = name.rsplit("/", 2)[0]
    parts = parent.split("/")
    if len(parts) > (4 if parts[2:3] == ["locations"] else 2) and "-" not in parts:
        world.find(service, parent)


def listed(call: Call) -> tuple[str, str]:
    """Return the member of a list's answer that holds the resources, and their schema."""
    schemas = discovery.document(call.route.api)["schemas"]
    members: Mapping[str, Any] = schemas[call.route.response]["properties"]
    return next(
        (name, node["items"]["$ref"])
        for name, node in members.items()
        if node.get("type") == "array" and "$ref" in node.get("items", {})
    )


VERBS: Mapping[str, Callable[[World, Call], Body]] = {
    "create": create,
    "get": get,
    "list": list_,
    "patch": patch,
    "update": patch,
    "delete": delete,
}
