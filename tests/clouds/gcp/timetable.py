"""What the clock sets off: schedules that are due."""

from datetime import datetime, timedelta

from tests.clouds.gcp.calls import Body
from tests.clouds.gcp.services import schedules
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World


def advance(world: World, seconds: float) -> list[Body]:
    """Move time on and do all that was due meanwhile, in its order; return what was done."""
    start = world.clock.now()
    end = start + timedelta(seconds=seconds)
    world.clock.advance(seconds)
    due = sorted(schedules.due(world, start, end), key=lambda one: one[0])
    return [_fired(world, record, moment) for moment, record in due]


def fire(world: World, name: str) -> Body:
    """Do what a schedule does, now; its name or the last part of it."""
    found = [one for one in world.store.everything() if one.collection == "schedules"]
    for record in found:
        if name in {record.name, record.id}:
            return _fired(world, record, world.clock.now())
    raise LookupError(f"no schedule `{name}`")


def _fired(world: World, record: Record, moment: datetime) -> Body:
    return world.holding(lambda: schedules.fire(world, record, moment))
