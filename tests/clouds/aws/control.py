"""Routes for tests, under `/_cloud/`: what no client of AWS can ask of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.moto_api._internal import moto_api_backend

from tests.clouds.aws.calls import Answer, CloudError, Environ
from tests.clouds.aws.faults import Fault, FaultKind
from tests.clouds.aws.world import World

ROOT = "/_cloud/"
Values = Mapping[str, Any]


def answer(world: World, environ: Environ) -> Answer:
    """Answer a control request; its parameters are one JSON object."""
    name = environ["PATH_INFO"].removeprefix(ROOT).strip("/")
    route = ROUTES.get(name)
    if route is None:
        return _told({"error": f"no route `{name}`; there are {sorted(ROUTES)}"}, 404)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        return _told(route(world, json.loads(body or b"{}")))
    except (CloudError, LookupError, TypeError, ValueError) as error:
        return _told({"error": f"{type(error).__name__}: {error}"}, 400)


def _told(value: object, status: int = 200) -> Answer:
    body = json.dumps(value, default=str).encode()
    return Answer(status, body, {"Content-Type": "application/json"})


def _reset(world: World, values: Values) -> Values:
    """Forget everything."""
    del values
    world.forget()
    moto_api_backend.reset()
    return {}


def _fault(world: World, values: Values) -> Values:
    """Let the next calls go wrong: `kind`, `service`, `operation`, `times`, `skip`, `seconds`."""
    world.faults.ask(Fault(**{**values, "kind": FaultKind(values["kind"])}))
    return {}


def _held(world: World, values: Values) -> Values:
    """Wait until a call is held, at most `seconds`; tell whether one is."""
    return {"held": world.faults.await_hold(float(values.get("seconds", 30)))}


def _release(world: World, values: Values) -> Values:
    """Let go of held calls."""
    del values
    world.faults.release()
    return {}


def _pace(world: World, values: Values) -> Values:
    """Set for how many descriptions a passing state is shown: `{"Endpoint": 3}`."""
    world.pace.update({str(kind): int(count) for kind, count in values.items()})
    return world.pace


def _calls(world: World, values: Values) -> list[Any]:
    """Return what was called, oldest first; of one `service` when it is named."""
    wanted = values.get("service")
    return [one for one in list(world.calls) if wanted in {None, one["service"]}]


def _events(world: World, values: Values) -> list[Any]:
    """Return the events that were sent and where they went; set `copies` of later ones."""
    world.copies = int(values.get("copies", world.copies))
    return [{**one.message, "deliveries": one.deliveries} for one in list(world.events)]


ROUTES: Mapping[str, Callable[[World, Values], Any]] = {
    "calls": _calls,
    "events": _events,
    "fault": _fault,
    "held": _held,
    "pace": _pace,
    "release": _release,
    "reset": _reset,
}
