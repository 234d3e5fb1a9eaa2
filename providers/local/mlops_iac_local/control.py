"""A run that starts other runs, as its own process sees it: pipelines and searches."""

import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac.operations import Run
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs import finishing, starting
from mlops_iac_local.jobs.definition import Definition
from mlops_iac_local.jobs.runs import KILLED, OUTPUT, RECORD, STOPPED
from mlops_iac_local.layout import Layout

_POLL_SECONDS = 0.1
_RECORD_SECONDS = 30.0
_ATTEMPTS = 3
"""How often a run that is killed is begun."""


class StoppedError(MlopsError):
    """The run was asked to stop, or its time is over."""

    code = "local.stopped"


@dataclass(kw_only=True)
class Control:
    """The run of this process."""

    layout: Layout
    folder: Path
    record: Mapping[str, Any]
    task: Mapping[str, Any]
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when nothing more may be started, and what runs is to be stopped."""

    @property
    def run_id(self) -> str:
        """Id of this run."""
        return str(self.record["run_id"])

    @property
    def output(self) -> Path:
        """Folder with what this run leaves."""
        return self.folder / OUTPUT

    def perform(self, made: Definition, request: starting.Request) -> tuple[Run, bool]:
        """Run a definition to its end; return the run, and whether it was there before.

        The run ends with this process. One that is killed is begun anew, a few times.

        Raises:
            StoppedError: this run is stopping; so was the other.
            RunFailedError: the key's last run failed.
        """
        for _ in range(_ATTEMPTS - 1):
            run, is_found = self._perform(made, request)
            # One that was found was dying with whoever had started it: a killed predecessor.
            if run.status != STOPPED or not (is_found or run.reason == KILLED):
                return run, is_found
        return self._perform(made, request)

    def _perform(self, made: Definition, request: starting.Request) -> tuple[Run, bool]:
        if self.stopping.is_set():
            raise StoppedError("it was stopped before its turn")
        started = starting.start(self.layout, made, request, attached=True)
        is_found = started.keeper is None
        try:
            return finishing.complete(self.layout, started, self._tick), is_found
        except StoppedError:
            if not is_found:
                finishing.finish(self.layout, started.folder)
            raise

    def wait(self, seconds: float) -> None:
        """Wait some seconds.

        Raises:
            StoppedError: this run is stopping.
        """
        if self.stopping.wait(seconds):
            raise StoppedError("it was stopped")

    def _tick(self) -> None:
        self.wait(_POLL_SECONDS)


def control_of(arguments: Sequence[str]) -> Control:
    """Return the run whose root and folder the arguments name; `SIGTERM` sets `stopping`."""
    root, folder = (Path(argument) for argument in arguments)
    made = Control(
        layout=Layout(root),
        folder=folder,
        record=_await_record(folder),
        task=read_json(folder / "task.json") or {},
    )
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: made.stopping.set())
    return made


def _await_record(folder: Path) -> dict[str, Any]:
    # Whoever started this run writes its record a moment after the process is there.
    deadline = time.monotonic() + _RECORD_SECONDS
    while (record := read_json(folder / RECORD)) is None:
        if time.monotonic() > deadline:
            raise MlopsError(f"`{folder / RECORD}` is missing: nobody started this run")
        time.sleep(_POLL_SECONDS / 10)
    return record
