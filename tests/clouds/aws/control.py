"""Routes for tests, under `/_cloud/`: what no client of AWS can ask of it."""

import json
from datetime import datetime
from typing import Any

from moto.moto_api._internal.models import moto_api_backend

from tests.clouds.aws import feature_records, monitoring, schedules
from tests.clouds.aws.calls import Answer, Environ
from tests.clouds.aws.faults import Fault, FaultKind
from tests.clouds.aws.world import World
from tests.clouds.control import COMMON, Routes, Values, done

ROOT = "/_cloud/"


def answer(world: World, environ: Environ) -> Answer:
    """Answer a control request."""
    name = environ["PATH_INFO"].removeprefix(ROOT).strip("/")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    value, status = done(ROUTES, world, name, body)
    told = json.dumps(value, default=str).encode()
    return Answer(status, told, {"Content-Type": "application/json"})


def _reset(world: World, values: Values) -> Values:
    """Forget everything."""
    del values
    world.forget()
    moto_api_backend.reset()
    return {}


def _fault(world: World, values: Values) -> Values:
    """Let the next calls go wrong: `kind`, `service`, `operation`, `times`, `skip`, `seconds`."""
    rest: Any = {name: value for name, value in values.items() if name != "kind"}
    world.faults.ask(Fault(FaultKind(values["kind"]), **rest))
    return {}


def _clock(world: World, values: Values) -> list[Any]:
    """Move the schedules' time on by `seconds`; return what that set off."""
    return schedules.advance(world, float(values["seconds"]))


def _fire(world: World, values: Values) -> Values:
    """Do what a `schedule` does, now: `group/name`, or a monitoring schedule's name."""
    return schedules.fire(world, values["schedule"])


def _monitor(world: World, values: Values) -> Values:
    """Run a monitoring `schedule` for the traffic from `start` to `end` (ISO times)."""
    start, end = (datetime.fromisoformat(values[name]) for name in ("start", "end"))
    region, name = values["region"], values["schedule"]
    record = world.holding(lambda: monitoring.execute(world, region, name, start, end))
    return {"ProcessingJobArn": record.arn}


def _offline(world: World, values: Values) -> Values:
    """Hold back what is put into feature groups (`hold`), or write it; tell how many rows."""
    world.holds_offline = bool(values.get("hold", False))
    if world.holds_offline:
        return {"rows": 0}
    return {"rows": world.holding(lambda: feature_records.flush(world))}


def _pace(world: World, values: Values) -> Values:
    """Set for how many descriptions a passing state is shown: `{"Endpoint": 3}`."""
    world.pace.update({str(kind): int(count) for kind, count in values.items()})
    return world.pace


def _events(world: World, values: Values) -> list[Any]:
    """Return the events that were sent and where they went; set `copies` of later ones."""
    world.copies = int(values.get("copies", world.copies))
    return [{**one.message, "deliveries": one.deliveries} for one in list(world.events)]


def _resources(world: World, values: Values) -> list[Any]:
    """Return what is kept beside moto: `kind`, `name`, `arn`, `status` and `tags` of each."""
    del values
    return [
        {
            "kind": one.kind.name,
            "name": one.key,
            "arn": one.arn,
            "status": one.status,
            "tags": one.tags,
        }
        for one in world.store.everything()
    ]


def _roles(world: World, values: Values) -> Values:
    """Say whether roles given to SageMaker are `judged`: there, and trusting it."""
    world.judges_roles = bool(values["judged"])
    return {}


ROUTES: Routes = {
    **COMMON,
    "clock": _clock,
    "events": _events,
    "fault": _fault,
    "fire": _fire,
    "monitor": _monitor,
    "offline": _offline,
    "pace": _pace,
    "reset": _reset,
    "resources": _resources,
    "roles": _roles,
}
