"""Progress of the engine: a line per step, with seconds, and signs of life on long ones."""

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from mlops_iac.cli.console import note, style

if TYPE_CHECKING:
    from mlops_iac.engine.automation import Summary
    from mlops_iac.engine.events import Event

_SIGNS: Mapping[str, tuple[str, str]] = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("±", "yellow"),
    "create-replacement": ("+", "yellow"),
    "delete": ("-", "red"),
    "delete-replaced": ("-", "yellow"),
    "read": ("<", "cyan"),
    "refresh": ("<", "cyan"),
}
_ALIVE_SECONDS = 5.0
_OWN_PLUGIN = "using pulumi-resource-mlops-iac from $PATH"
"""What the engine says whenever it finds our plugin; no news to anybody."""


class Progress:
    """Prints engine events on standard error; nothing when quiet."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self._running: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._show_life, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def __call__(self, event: "Event") -> None:
        """Show one event."""
        from mlops_iac.engine.events import Diagnostic

        if isinstance(event, Diagnostic):
            self._show_message(event)
        else:
            self._show_step(event)

    def _show_message(self, event: Any) -> None:
        if event.severity == "error" or event.message.startswith(_OWN_PLUGIN):
            return  # errors are raised at the end, with their remedy
        for line in event.message.splitlines():
            note(f"    {line}", quiet=self.quiet)

    def _show_step(self, event: Any) -> None:
        if event.op in {"same", ""} or event.type.startswith(("pulumi:", "mlops-iac:index:")):
            return
        label = f"{event.name} ({event.type.rsplit(':', 1)[-1]})"
        with self._lock:
            if event.status == "started":
                self._running[event.urn] = (f"{event.op} {label}", time.monotonic())
                return
            self._running.pop(event.urn, None)
        sign, colour = _SIGNS.get(event.op, ("·", "white"))
        failed = style(" failed", "red") if event.status == "failed" else ""
        line = f"  {style(sign, colour)} {event.op} {label}{failed}  {event.seconds:.1f} s"
        note(line, quiet=self.quiet)

    def _show_life(self) -> None:
        while not self._ended.wait(_ALIVE_SECONDS):
            with self._lock:
                running = list(self._running.values())
            for label, began in running:
                seconds = time.monotonic() - began
                if seconds >= _ALIVE_SECONDS:
                    note(f"    … {label}  {seconds:.0f} s", quiet=self.quiet)


def summary_lines(verb: str, summary: "Summary") -> list[str]:
    """Return what an operation did, for a person."""
    counts = ", ".join(f"{count} {op}" for op, count in sorted(summary.changes.items()))
    headline = counts if summary.changed else "no changes"
    return [f"{verb}: {headline or 'nothing to do'} in {summary.seconds:.1f} s"]


def summary_document(verb: str, summary: "Summary") -> dict[str, Any]:
    """Return what an operation did, as JSON; secrets stay hidden."""
    return {
        "operation": verb,
        "changes": dict(summary.changes),
        "seconds": summary.seconds,
        "outputs": {
            name: "[secret]" if item.secret else item.value
            for name, item in summary.outputs.items()
        },
    }
