"""Routes for tests, under `/_cloud/`, that every test cloud has: what no client can ask of it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.faults import Fault, FaultKind

Values = Mapping[str, Any]
Routes = Mapping[str, Callable[[Any, Values], Any]]
"""By name; each is called with the cloud's world and the request's parameters."""


def done(routes: Routes, world: object, name: str, body: bytes) -> tuple[Any, int]:
    """Do a control request, whose parameters are one JSON object; return answer and status."""
    route = routes.get(name)
    if route is None:
        return {"error": f"no route `{name}`; there are {sorted(routes)}"}, 404
    try:
        return route(world, json.loads(body or b"{}")), 200
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is told
        return {"error": f"{type(error).__name__}: {error}"}, 400


def _reset(world: Any, values: Values) -> Values:
    """Forget everything."""
    del values
    world.forget()
    return {}


def _fault(world: Any, values: Values) -> Values:
    """Let the next calls go wrong: `kind`, `service`, `method`, `times`, `skip`, `seconds`."""
    rest: Any = {name: value for name, value in values.items() if name != "kind"}
    world.faults.ask(Fault(FaultKind(values["kind"]), **rest))
    return {}


def _held(world: Any, values: Values) -> Values:
    """Wait until a call is held, at most `seconds`; tell whether one is."""
    return {"held": world.faults.await_hold(float(values.get("seconds", 30)))}


def _release(world: Any, values: Values) -> Values:
    """Let go of held calls."""
    del values
    world.faults.release()
    return {}


def _interrupt(world: Any, values: Values) -> Values:
    """Take the machines of a `job` away, as a spot interruption does."""
    world.work.interrupt(values["job"])
    return {}


def _calls(world: Any, values: Values) -> list[Any]:
    """Return what was called, oldest first; of one `service` when it is named."""
    wanted = values.get("service")
    return [one for one in list(world.calls) if wanted in {None, one["service"]}]


COMMON: Routes = {
    "calls": _calls,
    "fault": _fault,
    "held": _held,
    "interrupt": _interrupt,
    "release": _release,
    "reset": _reset,
}
