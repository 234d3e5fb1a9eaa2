"""Faults on demand: what goes wrong with the next calls of a method."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HOLD_SECONDS = 240


class FaultKind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    """Refused as one of too many; nothing happens."""
    ERROR = "error"
    """Refused as the cloud's own error; nothing happens."""
    UNAVAILABLE = "unavailable"
    """Refused as out of service; nothing happens."""
    TIMEOUT = "timeout"
    """Refused as one that took too long; nothing happens."""
    DENIED = "denied"
    """Refused as of somebody who may not; nothing happens."""
    DROP = "drop"
    """The connection dies before the effect."""
    LOST = "lost"
    """The effect happens and the connection dies before the answer."""
    SLOW = "slow"
    """The answer comes `seconds` later."""
    HOLD = "hold"
    """The call waits before its effect until `release`."""
    HOLD_ANSWER = "hold-answer"
    """The effect happens, the answer waits until `release`."""
    OPERATION = "operation"
    """The call is taken; its operation fails."""
    STALE = "stale"
    """A `get` or `list` answers as before the newest write."""


@dataclass
class Fault:
    """One that was asked for."""

    kind: FaultKind
    service: str = ""
    """Any service when empty."""
    method: str = ""
    """The method or its end, as `jobs.create`; any when empty."""
    times: int = 1
    """For how many calls."""
    skip: int = 0
    """After how many that go well."""
    seconds: float = 0.0

    def takes(self, service: str, method: str) -> bool:
        """Tell whether this call is hit, counting it."""
        if self.service not in {"", service} or not self._is(method):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0

    def _is(self, method: str) -> bool:
        have, asked = f"/{method}".lower(), self.method.lower()
        return not asked or have.endswith((f"/{asked}", f".{asked}"))


@dataclass
class Faults:
    """Those that are still to come. Safe in threads."""

    refusals: Mapping[FaultKind, Callable[[], Exception]]
    """How the cloud refuses."""
    _asked: list[Fault] = field(default_factory=list[Fault])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)
    _holding: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ask(self, fault: Fault) -> None:
        """Let a fault come."""
        with self._lock:
            self._asked.append(fault)
            self._released.clear()

    def of(self, service: str, method: str) -> Fault | None:
        """Return what goes wrong with a call."""
        with self._lock:
            found = next((one for one in self._asked if one.takes(service, method)), None)
            self._asked = [one for one in self._asked if one.times > 0]
            return found

    def before(self, fault: Fault | None) -> None:
        """Let a fault hit before the effect.

        Raises:
            Exception: as the cloud would refuse.
            ConnectionAbortedError: when the connection is to die.
        """
        if fault is None:
            return
        refusal = self.refusals.get(fault.kind)
        if refusal is not None:
            raise refusal()
        if fault.kind is FaultKind.DROP:
            raise ConnectionAbortedError("the connection dies, as was asked for")
        if fault.kind is FaultKind.SLOW:
            time.sleep(fault.seconds)
        if fault.kind is FaultKind.HOLD:
            self._hold()

    def after(self, fault: Fault | None) -> None:
        """Let a fault hit after the effect.

        Raises:
            ConnectionAbortedError: when the answer is to be lost.
        """
        if fault is None:
            return
        if fault.kind is FaultKind.HOLD_ANSWER:
            self._hold()
        if fault.kind is FaultKind.LOST:
            raise ConnectionAbortedError("the answer is lost, as was asked for")

    def _hold(self) -> None:
        self._holding.release()
        self._released.wait(HOLD_SECONDS)

    def await_hold(self, seconds: float) -> bool:
        """Wait until a call is held; tell whether one was."""
        return self._holding.acquire(timeout=seconds)

    def release(self) -> None:
        """Let go of every held call."""
        self._released.set()

    def clear(self) -> None:
        """Have no more faults, and hold nothing."""
        with self._lock:
            self._asked.clear()
        self.release()
