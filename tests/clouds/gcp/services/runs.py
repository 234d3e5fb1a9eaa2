"""Cloud Run's services: their address, and calls that the work answers."""

from collections.abc import Mapping
from typing import Any

from tests.clouds.gcp import masks, policies, standard
from tests.clouds.gcp.calls import Answer, Body, Call, CloudError, Request, Status
from tests.clouds.gcp.hooks import Invocation, Run, RunKind
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.world import World

SERVICE = "run"
ROOT = "/_run/"
"""Below it stand the addresses of services."""


def _made(world: World, name: str, number: int) -> Body:
    address = f"{world.address}{ROOT}{name.rpartition('/')[2]}"
    revision = f"{name}/revisions/{name.rpartition('/')[2]}-{number:05}"
    ready = {"type": "Ready", "state": "CONDITION_SUCCEEDED"}
    return {
        "uri": address,
        "urls": [address],
        "generation": str(number),
        "observedGeneration": str(number),
        "latestReadyRevision": revision,
        "latestCreatedRevision": revision,
        "terminalCondition": ready,
        "conditions": [ready],
        "reconciling": False,
    }


def _create(world: World, call: Call) -> Body:
    name = standard.new_name(world, call)
    _require_account(world, call.body)
    world.reserve(SERVICE, name)
    run = _begin(world, name, call.body)
    body = {**masks.settable(call.route.api, call.route.request, call.body)}

    def effect() -> Body:
        whole = {**body, **_made(world, name, 1)}
        record = standard.add(world, call, call.route.request, name, whole)
        return standard.shown(world, record, call.route.api, call.route.request)

    return standard.done(world, call, name, call.route.request, effect, run=run)


def _require_account(world: World, body: Body) -> None:
    address = body.get("template", {}).get("serviceAccount", "")
    if address.endswith(f"@{world.project}.iam.gserviceaccount.com"):
        world.find("iam", f"projects/{world.project}/serviceAccounts/{address}")


def _begin(world: World, name: str, body: Body) -> Run:
    def heard(state: Any, told: Mapping[str, Any]) -> None:
        """Pass over what is told: the operation waits for the run itself."""
        del state, told

    return world.begin(RunKind.SERVICE, name, {**body, "name": name}, heard)


def _patch(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    schema, mask = call.route.request, call.text("updateMask")
    after = masks.changed(call.route.api, schema, record.body, call.body, mask)
    _require_account(world, after)
    world.retire(record.name)
    run = _begin(world, record.name, after)

    def effect() -> Body:
        number = int(record.body["generation"]) + 1
        standard.keep_change(world, record, {**after, **_made(world, record.name, number)})
        return standard.shown(world, record, call.route.api, schema)

    return standard.done(world, call, record.name, schema, effect, run=run)


def _delete(world: World, call: Call) -> Body:
    name = world.find(SERVICE, call.text("name")).name

    def before() -> Body:
        world.retire(name)
        return {}

    return standard.delete(world, call, before=before)


def invoke(world: World, request: Request) -> Answer:
    """Answer a call of a service by its address.

    Raises:
        CloudError: when there is none, or the caller has no token and needs one.
    """
    own, _, path = request.path.removeprefix(ROOT).partition("/")
    found = [one for one in world.store.everything() if one.service == SERVICE and one.id == own]
    if not found:
        raise CloudError(Status.NOT_FOUND, f"There is no service `{own}`.")
    if not _is_open(world, found[0].name):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        world.caller(token if scheme.lower() == "bearer" else "")
    invocation = Invocation(request.verb, f"/{path}", request.body, request.headers)
    reply = world.work.invoke(world.runs[found[0].name], invocation)
    return Answer(reply.status, reply.body, reply.headers)


def _is_open(world: World, name: str) -> bool:
    bindings = policies.read(world, SERVICE, name).get("bindings", [])
    return any(
        one["role"] == "roles/run.invoker" and "allUsers" in one["members"] for one in bindings
    )


PARTS = (
    Part(
        "Cloud Run",
        SERVICE,
        {
            "projects.locations.services.create": _create,
            "projects.locations.services.patch": _patch,
            "projects.locations.services.delete": _delete,
        },
        "a service has an address, below which the work answers those who may call it",
    ),
)
