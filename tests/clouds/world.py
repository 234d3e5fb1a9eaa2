"""The state of one cloud, and how many threads change it."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic

from tests.clouds.clock import Clock
from tests.clouds.faults import Fault, FaultKind, Faults
from tests.clouds.runs import R, RunState, Work

_LONGEST_NAME = 200
"""Of a folder; file systems take 255 bytes."""
Heard = Callable[[RunState, Mapping[str, Any]], None]


class Locked:
    """A state under a lock; what must not be done under it is done once it is free."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._due = threading.local()

    def later(self, action: Callable[[], None]) -> None:
        """Do something once this thread has let go of the lock."""
        self._queue().append(action)

    def holding(self, action: Callable[[], Any]) -> Any:
        """Do something under the lock, then what it left for later."""
        try:
            with self.lock:
                return action()
        finally:
            self._drain()

    def _drain(self) -> None:
        # Inner calls leave their rest to the outermost, which holds no lock any more.
        if self.lock._is_owned():  # pyright: ignore[reportAttributeAccessIssue]
            return
        queue = self._queue()
        while queue:
            queue.pop(0)()

    def _queue(self) -> list[Callable[[], None]]:
        if not hasattr(self._due, "queue"):
            self._due.queue = []
        return self._due.queue


class World(Locked, Generic[R]):
    """What the clouds that we have written ourselves have in common."""

    def __init__(
        self,
        root: Path,
        work: Work[R],
        refusals: Mapping[FaultKind, Callable[[], Exception]],
    ) -> None:
        super().__init__()
        self.root = root
        self.work = work
        self.address = ""
        self.faults = Faults(refusals)
        self.fresh()

    def fresh(self) -> None:
        """Have nothing but what a new cloud has."""
        self.clock = Clock()
        self.pace = {"operations": 2}
        self.calls: list[dict[str, Any]] = []
        self.runs: dict[str, R] = {}
        self.services: dict[str, Any] = {}
        self.fault: Fault | None = None

    def state(self, name: str, make: Callable[[], Any]) -> Any:
        """Return a service's own state beside the store, made when first used."""
        return self.services.setdefault(name, make())

    @staticmethod
    def key(name: str) -> str:
        """Return what a run is found by."""
        return name

    def folder(self, kind: str, name: str) -> Path:
        """Return the folder of a run; a name that no file system takes is told by its hash."""
        told = name.strip("/").replace("/", "-")
        if len(told) > _LONGEST_NAME:
            told = hashlib.sha256(told.encode()).hexdigest()
        return self.root / kind / told

    def launch(self, run: R) -> R:
        """Keep a run, and start it once the lock is free."""
        self.runs[self.key(run.name)] = run
        self.later(lambda: self._start(run))
        return run

    def _start(self, run: R) -> None:
        try:
            self.work.start(run)
        except Exception as error:  # noqa: BLE001 - it is the run's failure, whatever it is
            run.finish(RunState.FAILED, f"{type(error).__name__}: {error}")

    def look(self, name: str) -> None:
        """Tell the work that somebody asked how it stands."""
        run = self.runs.get(self.key(name))
        if run is not None:
            self.work.look(run)

    def retire(self, name: str) -> None:
        """End what runs or serves under a name."""
        run = self.runs.pop(self.key(name), None)
        if run is not None:
            run.stopping.set()
            self.later(lambda: self.work.retire(run))

    def forget(self) -> None:
        """Become as new; running work is stopped."""
        for run in list(self.runs.values()):
            run.stopping.set()
            self.work.retire(run)
        with self.lock:
            self.faults.clear()
            self.fresh()
