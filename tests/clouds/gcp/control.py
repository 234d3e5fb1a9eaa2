"""Routes for tests, under `/_cloud/`: what no client of Google Cloud can ask of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.faults import Fault, FaultKind
from tests.clouds.gcp import timetable
from tests.clouds.gcp.calls import Answer, CloudError, Request, told
from tests.clouds.gcp.world import World

ROOT = "/_cloud/"
Values = Mapping[str, Any]


def answer(world: World, request: Request) -> Answer:
    """Answer a control request; its parameters are one JSON object."""
    name = request.path.removeprefix(ROOT).strip("/")
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
    """Let a `service` have at most `limit` resources of a `collection`."""
    world.quotas[values["service"], values["collection"]] = int(values["limit"])
    return {}


def _held(world: World, values: Values) -> Values:
    """Wait until a call is held, at most `seconds`; tell whether one is."""
    return {"held": world.faults.await_hold(float(values.get("seconds", 30)))}


def _release(world: World, values: Values) -> Values:
    """Let go of held calls."""
    del values
    world.faults.release()
    return {}


def _clock(world: World, values: Values) -> list[Any]:
    """Move the cloud's time on by `seconds`; return what that set off."""
    return timetable.advance(world, float(values["seconds"]))


def _fire(world: World, values: Values) -> Values:
    """Do what a `schedule` does, now: its name or the last part of it."""
    return timetable.fire(world, values["schedule"])


def _pace(world: World, values: Values) -> Values:
    """Set an operation's looks (`operations`), a `page`'s size, an event's `copies`."""
    world.pace.update({str(kind): int(count) for kind, count in values.items()})
    return world.pace


def _interrupt(world: World, values: Values) -> Values:
    """Take the machines of a `job` away, as a spot interruption does."""
    world.work.interrupt(values["job"])
    return {}


def _calls(world: World, values: Values) -> list[Any]:
    """Return what was called, oldest first; of one `service` when it is named."""
    wanted = values.get("service")
    return [one for one in list(world.calls) if wanted in {None, one["service"]}]


def _resources(world: World, values: Values) -> list[Any]:
    """Return what there is: `service`, `name` and `body` of each."""
    wanted = values.get("service")
    return [
        {"service": one.service, "name": one.name, "body": one.body}
        for one in world.store.everything()
        if wanted in {None, one.service}
    ]


def _token(world: World, values: Values) -> Values:
    """Return the token of an `account`."""
    return {"token": world.token_of(values["account"])}


ROUTES: Mapping[str, Callable[[World, Values], Any]] = {
    "calls": _calls,
    "clock": _clock,
    "fault": _fault,
    "fire": _fire,
    "held": _held,
    "interrupt": _interrupt,
    "pace": _pace,
    "quota": _quota,
    "release": _release,
    "reset": _reset,
    "resources": _resources,
    "token": _token,
}
