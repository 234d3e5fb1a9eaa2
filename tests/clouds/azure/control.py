"""Routes for tests, under `/_cloud/`: what no client of Azure can ask of it."""

from typing import Any

from tests.clouds.azure import timetable, tokens
from tests.clouds.azure.calls import Answer, Request, told
from tests.clouds.azure.world import World
from tests.clouds.control import COMMON, Routes, Values, done

ROOT = "_cloud/"


def answer(world: World, request: Request) -> Answer:
    """Answer a control request."""
    return told(*done(ROUTES, world, request.path.strip("/").removeprefix(ROOT), request.body))


def _quota(world: World, values: Values) -> Values:
    """Let there be at most `limit` resources of a `type`."""
    world.quotas[str(values["type"]).lower()] = int(values["limit"])
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


ROUTES: Routes = {
    **COMMON,
    "clock": _clock,
    "environment": _environment,
    "fire": _fire,
    "pace": _pace,
    "quota": _quota,
    "resources": _resources,
    "roles": _roles,
    "token": _token,
}
