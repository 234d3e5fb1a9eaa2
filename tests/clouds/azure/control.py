"""Routes for tests, under `/_cloud/`: what no client of Azure can ask of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.azure import timetable, tokens
from tests.clouds.azure.calls import Answer, CloudError, Request, told
from tests.clouds.azure.world import World
from tests.clouds.faults import Fault, FaultKind

ROOT = "_cloud/"
Values = Mapping[str, Any]


def answer(world: World, request: Request) -> Answer:
    """Answer a control request; its parameters are one JSON object."""
    name = request.path.strip("/").removeprefix(ROOT)
    route = ROUTES.get(name)
    if route is None:
        return told({"error": f"no route `{name}`; there are {sorted(ROUTES)}"}, 404)
    try:
        return told(route(world, json.loads(request.body or b"{}")))
    except (CloudError, LookupError, TypeError, ValueError) as error:
        return told({"error": f"{type(error).__name__}: {error}"}, 400)


def _reset(world: World, values: Values) -> Values:
    """Forget everything."""
    del values
    world.forget()
    return {}


def _fault(world: World, values: Values) -> Values:
    """Let the next calls go wrong: `kind`, `service`, `method`, `times`, `skip`, `seconds`."""
    rest: Any = {name: value for name, value in values.items() if name != "kind"}
    world.faults.ask(Fault(FaultKind(values["kind"]), **rest))
    return {}


def _quota(world: World, values: Values) -> Values:
    """Let there be at most `limit` resources of a `type`."""
    world.quotas[str(values["type"]).lower()] = int(values["limit"])
    return {}


def _held(world: World, values: Values) -> Values:
    """Wait until a call is held, at most `seconds`; tell whether one is."""
    return {"held": world.faults.await_hold(float(values.get("seconds", 30)))}


def _release(world: World, values: Values) -> Values:
    """Let go of held calls."""
    del values
    world.faults.release()
    return {}


def _roles(world: World, values: Values) -> Values:
    """Let role assignments decide (`decide`) who may do what, from now on."""
    world.decides = bool(values["decide"])
    return {}


def _clock(world: World, values: Values) -> list[Any]:
    """Move the cloud's time on by `seconds`; return what that set off."""
    return timetable.advance(world, float(values["seconds"]))


def _fire(world: World, values: Values) -> Values:
    """Do what a `schedule` does, now: its id or its name."""
    return timetable.fire(world, values["schedule"])


def _pace(world: World, values: Values) -> Values:
    """Set an operation's looks, refusals of `roles`, an event's `copies`, a `page`'s size."""
    world.pace.update({str(kind): int(count) for kind, count in values.items()})
    return world.pace


def _interrupt(world: World, values: Values) -> Values:
    """Take the machines of a `job` away, as an eviction of a low-priority node does."""
    world.work.interrupt(values["job"])
    return {}


def _calls(world: World, values: Values) -> list[Any]:
    """Return what was called, oldest first; of one `service` when it is named."""
    wanted = values.get("service")
    return [one for one in list(world.calls) if wanted in {None, one["service"]}]


def _resources(world: World, values: Values) -> list[Any]:
    """Return what there is, as `get` answers it; of one `type` when it is named."""
    wanted = str(values.get("type", "")).lower()
    return [one.shown() for one in world.store.everything() if wanted in {"", one.type.lower()}]


def _token(world: World, values: Values) -> Values:
    """Return the token of an `identity` (id, client or principal id) for an `audience`."""
    one = world.identities.find(values["identity"])
    audience = values.get("audience", tokens.MANAGEMENT[0])
    return {"token": tokens.make(one.principal, audience, one.client, one.resource)}


def _environment(world: World, values: Values) -> Values:
    """Return the variables of a machine that has an `identity` (or several, by commas)."""
    return dict(world.environment(values.get("identity", "")))


ROUTES: Mapping[str, Callable[[World, Values], Any]] = {
    "calls": _calls,
    "clock": _clock,
    "environment": _environment,
    "fault": _fault,
    "fire": _fire,
    "held": _held,
    "interrupt": _interrupt,
    "pace": _pace,
    "quota": _quota,
    "release": _release,
    "reset": _reset,
    "resources": _resources,
    "roles": _roles,
    "token": _token,
}
