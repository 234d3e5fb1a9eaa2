"""Routes for tests, under `/_cloud/`: what no client of Google Cloud can ask of it."""

from typing import Any

from tests.clouds.control import COMMON, Routes, Values, done
from tests.clouds.gcp import timetable
from tests.clouds.gcp.calls import Answer, Request, told
from tests.clouds.gcp.world import World

ROOT = "/_cloud/"


def answer(world: World, request: Request) -> Answer:
    """Answer a control request."""
    return told(*done(ROUTES, world, request.path.removeprefix(ROOT).strip("/"), request.body))


def _quota(world: World, values: Values) -> Values:
    """Let a `service` have at most `limit` resources of a `collection`."""
    world.quotas[values["service"], values["collection"]] = int(values["limit"])
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


ROUTES: Routes = {
    **COMMON,
    "clock": _clock,
    "fire": _fire,
    "pace": _pace,
    "quota": _quota,
    "resources": _resources,
    "token": _token,
}
