"""What happens while the engine works, as small records for whoever shows progress."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pulumi.automation import EngineEvent

_TWICE = "an unhandled error occurred: "
_INLINE = "python inline source runtime error: "


class Status(StrEnum):
    """How far a step is."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ResourceStep:
    """One resource being made, changed, read or removed."""

    urn: str
    type: str
    name: str
    op: str
    """Pulumi's word: `create`, `update`, `delete`, `replace`, `same`, `refresh`, …"""
    status: Status
    seconds: float
    """Seconds between start and end of the step; 0 at its start."""


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the engine, a provider or the program."""

    severity: str
    """`info`, `warning` or `error`."""
    urn: str
    """Resource that it is about; empty for the whole stack."""
    message: str


Event = ResourceStep | Diagnostic
OnEvent = Callable[[Event], None]


class EventStream:
    """Turns engine events into records, and remembers what the summary and errors need."""

    def __init__(self, on_event: OnEvent | None = None) -> None:
        self._report = on_event
        self._started: dict[str, float] = {}
        self.errors: list[Diagnostic] = []
        """Diagnostics of severity `error`, each once."""
        self.changes: dict[str, int] = {}
        """Number of resources by operation, from the engine's own summary."""
        self.failure: Exception | None = None
        """What the callback raised first; Pulumi would turn it into a warning."""

    def __call__(self, event: EngineEvent) -> None:
        """Take one engine event."""
        for record in self._records(event):
            self._emit(record)
        if event.summary_event is not None:
            counts = event.summary_event.resource_changes or {}
            self.changes = {_word(op): count for op, count in counts.items()}

    def _records(self, event: EngineEvent) -> list[Event]:
        if event.resource_pre_event is not None:
            return [self._step(event.resource_pre_event.metadata, Status.STARTED)]
        if event.res_outputs_event is not None:
            return [self._step(event.res_outputs_event.metadata, Status.DONE)]
        if event.res_op_failed_event is not None:
            return [self._step(event.res_op_failed_event.metadata, Status.FAILED)]
        return self._diagnostics(event)

    def _step(self, metadata: "object", status: Status) -> ResourceStep:
        urn: str = getattr(metadata, "urn", "")
        now = time.monotonic()
        if status is Status.STARTED:
            self._started[urn] = now
        return ResourceStep(
            urn=urn,
            type=getattr(metadata, "type", ""),
            name=urn.rsplit("::", 1)[-1],
            op=_word(getattr(metadata, "op", "")),
            status=status,
            seconds=round(now - self._started.get(urn, now), 3),
        )

    def _diagnostics(self, event: EngineEvent) -> list[Event]:
        raw = event.diagnostic_event
        if raw is None or raw.severity == "debug" or raw.ephemeral:
            return []
        # The engine repeats every error of an inline program under this heading.
        message = raw.message.strip()
        if message.startswith(_TWICE):
            return []
        severity = "info" if raw.severity.startswith("info") else raw.severity
        message = message.removeprefix(_INLINE)
        record = Diagnostic(severity=severity, urn=raw.urn or "", message=message)
        if severity == "error":
            self.errors.append(record)
        return [record]

    def _emit(self, record: Event) -> None:
        if self._report is None or self.failure is not None:
            return
        try:
            self._report(record)
        except Exception as error:  # noqa: BLE001 - kept, and raised when the engine has ended
            self.failure = error


def _word(op: object) -> str:
    return str(getattr(op, "value", op))
