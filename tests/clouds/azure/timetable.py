"""What the clock sets off: whatever a module of `services/` has that is due.

Such a module holds `due(world, start, end)`, which yields moments and what to do then, and may hold
`fire(world, name)`, which answers None when the schedule is not its own.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from tests.clouds.azure.calls import Body
from tests.clouds.azure.parts import modules
from tests.clouds.azure.world import World

Due = tuple[datetime, Callable[[], Body]]


def advance(world: World, seconds: float) -> list[Body]:
    """Move time on and do all that was due meanwhile, in its order; return what was done."""
    start = world.clock.now()
    end = start + timedelta(seconds=seconds)
    world.clock.advance(seconds)
    ordered = sorted(_due(world, start, end), key=lambda one: one[0])
    return [world.holding(act) for _, act in ordered]


def _due(world: World, start: datetime, end: datetime) -> Iterator[Due]:
    for module in modules():
        if hasattr(module, "due"):
            yield from module.due(world, start, end)


def fire(world: World, name: str) -> Body:
    """Do what a schedule does, now; its id or its name.

    Raises:
        LookupError: when there is none.
    """
    for module in modules():
        found = module.fire if hasattr(module, "fire") else None
        done = world.holding(lambda act=found: act(world, name)) if found else None
        if done is not None:
            return done
    raise LookupError(f"no schedule `{name}`")
