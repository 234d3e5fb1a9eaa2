"""The test cloud's server, before `app`."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.clouds.gcp import app
from tests.clouds.gcp.addresses import PROJECT
from tests.clouds.gcp.calls import Request
from tests.clouds.gcp.hooks import Simulated, Work
from tests.clouds.gcp.world import World
from tests.clouds.listening import Listening


def _processes() -> Work:
    from tests.clouds.gcp.work import Processes

    return Processes()


WORKS: Mapping[str, Callable[[], Work]] = {"simulated": Simulated, "processes": _processes}
"""What starting a job does, by name."""


class Server(Listening):
    """A test cloud; a context manager."""

    def __init__(
        self,
        *,
        root: Path,
        work: Work | str = "simulated",
        project: str = PROJECT,
        port: int = 0,
    ) -> None:
        chosen = WORKS[work]() if isinstance(work, str) else work
        self.world = world = World(root, chosen, project)
        super().__init__(world, lambda *told: app.answer(world, Request(*told)), "127.0.0.1", port)
