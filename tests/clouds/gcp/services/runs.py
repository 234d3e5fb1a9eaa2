"""Cloud Run's services: their revisions and address, and calls that the work answers.

A changed template makes a revision; one that does not come up keeps its name, and the traffic
stays. Limits: the latest revision may not be deleted on Cloud Run, here no revision may; calls by
a tag's own address are not answered.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.clouds.gcp import masks, policies, standard
from tests.clouds.gcp.calls import (
    Answer,
    Body,
    Call,
    CloudError,
    Request,
    Status,
    exists,
    invalid,
    not_found,
)
from tests.clouds.gcp.hooks import Invocation, Run, RunKind
from tests.clouds.gcp.identities import asker
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

SERVICE = "run"
ROOT = "/_run/"
"""Below it stand the addresses of services."""


def _address(world: World, name: str) -> str:
    return f"{world.address}{ROOT}{name.rpartition('/')[2]}"


def _made(world: World, name: str, number: int, traffic: list[Body]) -> Body:
    address = _address(world, name)
    return {
        "uri": address,
        "urls": [address],
        "generation": str(number),
        "observedGeneration": str(number),
        "terminalCondition": _READY,
        "conditions": [_READY],
        "reconciling": False,
        "trafficStatuses": [_status(world, name, one) for one in traffic],
    }


_READY: Body = {"type": "Ready", "state": "CONDITION_SUCCEEDED"}


def _status(world: World, name: str, target: Body) -> Body:
    tag = target.get("tag")
    return {**target, **({"uri": f"{_address(world, name)}?tag={tag}"} if tag else {})}


def _create(world: World, call: Call) -> Body:
    name = standard.new_name(world, call)
    _require_account(world, call.body)
    world.reserve(SERVICE, name)
    body = {**masks.settable(call.route.api, call.route.request, call.body)}
    made = _revise(world, call, name, body, 1)
    _judge_traffic(world, name, body.get("traffic", ()), made.name)

    def effect() -> Body:
        made.keep()
        told = _made(world, name, 1, _traffic(body, made.name))
        record = standard.add(
            world, call, call.route.request, name, {**body, **told, **made.latest()}
        )
        return standard.shown(world, record, call.route.api, call.route.request)

    return standard.done(world, call, name, call.route.request, effect, run=made.run)


def _require_account(world: World, body: Body) -> None:
    address = body.get("template", {}).get("serviceAccount", "")
    if address.endswith(f"@{world.project}.iam.gserviceaccount.com"):
        world.find("iam", f"projects/{world.project}/serviceAccounts/{address}")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A revision that a change makes."""

    name: str
    run: Run
    keep: Callable[..., None]
    """Keeps it; with the reason when it did not come up."""

    def latest(self) -> Body:
        """Return what its service says of it."""
        return {"latestReadyRevision": self.name, "latestCreatedRevision": self.name}


def _revise(world: World, call: Call, service: str, body: Body, number: int) -> Made:
    """Begin a revision: named by the template, or by its number."""
    template = body.get("template", {})
    own = service.rpartition("/")[2]
    short = template.get("revision") or f"{own}-{number:05}"
    if not short.startswith(f"{own}-"):
        raise invalid(f"`{short}` does not begin with the name of its service, `{own}-`.")
    name = f"{service}/revisions/{short}"
    if world.store.get(SERVICE, name):
        raise exists(name)

    def heard(state: Any, told: Mapping[str, Any]) -> None:
        """Pass over what is told: the operation waits for the run itself."""
        del state, told

    def keep(reason: str = "") -> None:
        failed = {"type": "Ready", "state": "CONDITION_FAILED", "message": reason}
        members = {key: value for key, value in template.items() if key in _OF_REVISION}
        whole = {**members, "service": own, "conditions": [failed if reason else _READY]}
        standard.add(world, call, _REVISION, name, whole)

    run = world.begin(RunKind.SERVICE, name, {**body, "name": service}, heard)
    return Made(name=name, run=run, keep=keep)


_REVISION = "GoogleCloudRunV2Revision"
_OF_REVISION = (
    "containers",
    "encryptionKey",
    "executionEnvironment",
    "labels",
    "maxInstanceRequestConcurrency",
    "scaling",
    "serviceAccount",
    "timeout",
    "vpcAccess",
)
_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"


def _judge_traffic(world: World, service: str, traffic: Sequence[Body], made: str) -> None:
    """Refuse a split that does not add up, or names what is not there."""
    if traffic and sum(one.get("percent", 0) for one in traffic) != 100:
        raise invalid("The sum of `traffic.percent` is not 100.")
    tags = [one["tag"] for one in traffic if "tag" in one]
    if len(set(tags)) != len(tags):
        raise invalid("A tag of `traffic` is there twice.")
    for one in traffic:
        name = f"{service}/revisions/{one.get('revision')}"
        if "revision" in one and name != made and world.store.get(SERVICE, name) is None:
            raise not_found(name)


def _traffic(body: Body, latest: str) -> list[Body]:
    """Return who gets which share: the latest revision all, when nothing is said."""
    everything = {"type": _LATEST, "percent": 100}
    short = latest.rpartition("/")[2]
    return [
        {**one, "revision": one.get("revision") or short}
        for one in body.get("traffic") or [everything]
    ]


def _patch(world: World, call: Call) -> Body:
    record = world.find(SERVICE, call.text("name"))
    schema, mask = call.route.request, call.text("updateMask")
    before = record.body
    after = masks.changed(call.route.api, schema, before, call.body, mask)
    _require_account(world, after)
    number = int(before["generation"]) + 1
    is_new = after.get("template") != before.get("template")
    made = _revise(world, call, record.name, after, number) if is_new else None
    latest = before["latestReadyRevision"] if made is None else made.name
    _judge_traffic(world, record.name, after.get("traffic", ()), latest)

    def effect() -> Body:
        if made is not None:
            made.keep()
        told = {
            **_made(world, record.name, number, _traffic(after, latest)),
            **({} if made is None else made.latest()),
        }
        standard.keep_change(world, record, {**after, **told})
        return standard.shown(world, record, call.route.api, schema)

    if made is None:
        return standard.done(world, call, record.name, schema, effect)
    # What did not come up stays, and has its name.
    undo = partial(_undone, made)
    return standard.done(world, call, record.name, schema, effect, run=made.run, undo=undo)


def _undone(made: Made) -> None:
    made.keep(made.run.reason or "The revision did not become ready.")


def _delete(world: World, call: Call) -> Body:
    name = world.find(SERVICE, call.text("name")).name

    def before() -> Body:
        for one in world.store.below(SERVICE, name):
            world.retire(one.name)
            world.store.remove(SERVICE, one.name)
        return {}

    return standard.delete(world, call, before=before)


def invoke(world: World, request: Request) -> Answer:
    """Answer a call of a service by its address.

    Raises:
        CloudError: when there is none, or the caller does not say who it is, and is to.
    """
    own, _, path = request.path.removeprefix(ROOT).partition("/")
    known = [one for one in world.store.everything() if one.service == SERVICE and one.id == own]
    found = [one for one in known if one.collection == "services"]
    if not found:
        raise CloudError(Status.NOT_FOUND, f"There is no service `{own}`.")
    if not _is_open(world, found[0].name):
        asker(request.headers.get("authorization", ""), *_audiences(world, found[0]))
    invocation = Invocation(request.verb, f"/{path}", request.body, request.headers)
    reply = world.work.invoke(world.runs[_chosen(world, found[0])], invocation)
    return Answer(reply.status, reply.body, reply.headers)


def _audiences(world: World, service: Record) -> tuple[str, str]:
    """Return a service's address, and that which is known before it."""
    region = service.name.split("/")[3]
    return service.body["uri"], f"https://{service.id}-{world.number}.{region}.run.app"


def _chosen(world: World, service: Record) -> str:
    """Return the revision that takes a call, by the split of traffic."""
    shares = {one["revision"]: one.get("percent", 0) for one in service.body["trafficStatuses"]}
    chance: random.Random = world.state("traffic", lambda: random.Random(0))
    (short,) = chance.choices([*shares], weights=[*shares.values()])
    return f"{service.name}/revisions/{short}"


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
        "a changed template makes a revision, one that fails keeps its name; traffic adds up to 100"
        " over revisions; below the address of a service the work answers those who may call it",
    ),
)
