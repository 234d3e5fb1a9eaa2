"""Faults on demand: what goes wrong with the next calls of an operation."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.clouds.aws.calls import Call, CloudError

HOLD_SECONDS = 120


class FaultKind(StrEnum):
    """What goes wrong."""

    THROTTLE = "throttle"
    """ThrottlingException; nothing happens."""
    ERROR = "error"
    """Status 500; nothing happens."""
    DENIED = "denied"
    """AccessDeniedException; nothing happens."""
    LOST = "lost"
    """The effect happens and the connection drops before the answer."""
    SLOW = "slow"
    """The answer comes `seconds` later."""
    HOLD = "hold"
    """The call waits before its effect until `release`."""
    HOLD_ANSWER = "hold-answer"
    """The effect happens, the answer waits until `release`."""


_ERRORS: Mapping[FaultKind, CloudError] = {
    FaultKind.THROTTLE: CloudError("ThrottlingException", "Rate exceeded", 400),
    FaultKind.ERROR: CloudError("InternalFailure", "The request processing has failed", 500),
    FaultKind.DENIED: CloudError("AccessDeniedException", "User is not authorized", 400),
}


@dataclass
class Fault:
    """One that was asked for."""

    kind: FaultKind
    service: str = ""
    """Any service when empty."""
    operation: str = ""
    """Any operation when empty."""
    times: int = 1
    """For how many calls."""
    skip: int = 0
    """After how many that go well."""
    seconds: float = 0.0

    def takes(self, service: str, operation: str) -> bool:
        """Tell whether this call is hit, counting it."""
        if self.service not in {"", service} or self.operation not in {"", operation}:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0


@dataclass
class Faults:
    """Those that are still to come. Safe in threads."""

    _asked: list[Fault] = field(default_factory=list[Fault])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _released: threading.Event = field(default_factory=threading.Event)
    _holding: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def ask(self, fault: Fault) -> None:
        """Let a fault come."""
        with self._lock:
            self._asked.append(fault)
            self._released.clear()

    def of(self, call: Call) -> Fault | None:
        """Return what goes wrong with a call."""
        with self._lock:
            found = next(
                (one for one in self._asked if one.takes(call.service, call.operation)), None
            )
            self._asked = [one for one in self._asked if one.times > 0]
            return found

    def before(self, fault: Fault | None) -> None:
        """Let a fault hit before the effect.

        Raises:
            CloudError: as the cloud would answer.
        """
        if fault is None:
            return
        if fault.kind in _ERRORS:
            raise _ERRORS[fault.kind]
        if fault.kind is FaultKind.SLOW:
            time.sleep(fault.seconds)
        if fault.kind is FaultKind.HOLD:
            self._hold()

    def after(self, fault: Fault | None) -> None:
        """Let a fault hit after the effect."""
        if fault is not None and fault.kind is FaultKind.HOLD_ANSWER:
            self._hold()

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
