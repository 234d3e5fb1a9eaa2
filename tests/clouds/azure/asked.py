"""What a test lets go wrong, and the time that it lets pass."""

from dataclasses import dataclass
from typing import Any, Protocol


class Control(Protocol):
    """A control route of a cloud."""

    def __call__(self, what: str, **values: Any) -> Any:
        """Ask the cloud itself."""
        ...


@dataclass(frozen=True)
class AskedFaults:
    """What is to go wrong with a cloud's next calls."""

    control: Control
    """Asks the cloud itself."""

    def ask(
        self,
        kind: str,
        method: str = "",
        *,
        service: str = "",
        times: int = 1,
        skip: int = 0,
        seconds: float = 0.0,
    ) -> None:
        """Let the next calls of a method (or the end of it) go wrong; see `FaultKind`."""
        hit = {"service": service, "method": method, "times": times, "skip": skip}
        self.control("fault", kind=kind, seconds=seconds, **hit)

    def quota(self, type_: str, limit: int) -> None:
        """Let there be at most so many resources of a type."""
        self.control("quota", type=type_, limit=limit)

    def held(self, seconds: float = 30) -> bool:
        """Wait until a call is held; tell whether one is."""
        return self.control("held", seconds=seconds)["held"]

    def release(self) -> None:
        """Let go of held calls."""
        self.control("release")


@dataclass(frozen=True)
class AskedClock:
    """A cloud's time."""

    control: Control
    """Asks the cloud itself."""

    def advance(self, seconds: float) -> list[Any]:
        """Move time on; return what that set off."""
        return self.control("clock", seconds=seconds)
