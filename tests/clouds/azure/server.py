"""The test cloud's server: `app`, behind TLS."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.clouds.azure import app, certificates
from tests.clouds.azure.addresses import SUBSCRIPTION
from tests.clouds.azure.calls import Request
from tests.clouds.azure.hooks import Simulated, Work
from tests.clouds.azure.world import World
from tests.clouds.listening import Listening


def _processes() -> Work:
    from tests.clouds.azure.work import Processes

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
        subscription: str = SUBSCRIPTION,
        port: int = 0,
    ) -> None:
        chosen = WORKS[work]() if isinstance(work, str) else work
        self.world = world = World(root, chosen, subscription)
        world.authority = str(certificates.make(root / "certificates"))
        super().__init__(
            world,
            lambda *told: app.answer(world, Request(*told)),
            certificates.HOST,
            port,
            tls=certificates.context(root / "certificates"),
        )
