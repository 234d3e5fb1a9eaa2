"""What the clock sets off: schedules that are due."""

from typing import Any

from tests.clouds.gcp.world import World


def advance(world: World, seconds: float) -> list[Any]:
    """Move time on; return what that set off."""
    world.clock.advance(seconds)
    return []
