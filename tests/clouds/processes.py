"""Every kind of run, executed: one thread each, and the processes that it starts."""

import shutil
import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Generic, Protocol

from tests.clouds.runs import CancelledError, Invocation, R, RunState
from tests.clouds.servers import Reply

_END_SECONDS = 20.0


class Serving(Protocol):
    """The containers of a deployment or of an app's revision."""

    def start(self) -> None:
        """Come up, or fail."""
        ...

    def invoke(self, invocation: Invocation) -> Reply:
        """Answer a call."""
        ...

    def drain(self) -> None:
        """Let calls end that have begun."""
        ...

    def stop(self) -> None:
        """End the containers."""
        ...


@dataclass
class Processes(ABC, Generic[R]):
    """Executes what a control plane starts; see `tests.clouds.runs.Work`."""

    known: ClassVar[tuple[type[Exception], ...]]
    """What fails a run in the cloud's own words; anything else is a fault of the test cloud."""
    serving: ClassVar[frozenset[StrEnum]]
    """Kinds of run that serve until they are retired."""

    _runs: dict[int, R] = field(default_factory=dict[int, R])
    _threads: dict[int, threading.Thread] = field(default_factory=dict[int, threading.Thread])
    _interrupts: dict[str, threading.Event] = field(default_factory=dict[str, threading.Event])
    _servers: dict[int, Serving] = field(default_factory=dict[int, Serving])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @abstractmethod
    def works(self) -> Mapping[StrEnum, Callable[[R], None]]:
        """Return what is done, by the kind of run."""

    def start(self, run: R) -> None:
        """Begin, in a thread of the run's own."""
        work = self.works().get(run.kind)
        if work is None:
            raise NotImplementedError(f"The test cloud does not do the work of `{run.kind.value}`.")
        thread = threading.Thread(target=self._do, args=(work, run), daemon=True)
        with self._lock:
            self._runs[id(run)] = run
            self._threads[id(run)] = thread
        thread.start()

    def look(self, run: R) -> None:
        """Nothing moves on by being looked at."""

    def interrupt(self, name: str) -> None:
        """Take the machines of a job away, as a spot interruption does; by its name or id."""
        self.interrupting(name.rpartition("/")[2]).set()

    def interrupting(self, job: str) -> threading.Event:
        """Return what is set when a job's machines are taken away."""
        with self._lock:
            return self._interrupts.setdefault(job, threading.Event())

    def retire(self, run: R) -> None:
        """Have the containers of a deployment or revision end; their thread does it."""
        run.stopping.set()

    def invoke(self, run: R, invocation: Invocation) -> Reply:
        """Answer a call by a deployment or revision."""
        with self._lock:
            server = self._servers[id(run)]
        return server.invoke(invocation)

    def close(self) -> None:
        """End everything that still runs, and wait for it."""
        with self._lock:
            runs, threads = [*self._runs.values()], [*self._threads.values()]
        for run in runs:
            run.stopping.set()
        for thread in threads:
            thread.join(_END_SECONDS)

    def serve(self, run: R, server: Serving) -> None:
        """Serve until the deployment or revision is retired."""
        server.start()
        with self._lock:
            self._servers[id(run)] = server
        try:
            run.finish(RunState.SUCCEEDED)
            run.stopping.wait()
            server.drain()
        finally:
            server.stop()
            with self._lock:
                del self._servers[id(run)]

    def _do(self, work: Callable[[R], None], run: R) -> None:
        try:
            if run.kind not in self.serving:
                # A name may come again, once the cloud was told to forget.
                shutil.rmtree(run.root, ignore_errors=True)
            run.root.mkdir(parents=True, exist_ok=True)
            work(run)
        except CancelledError:
            run.finish(RunState.CANCELLED)
        except self.known as error:
            run.finish(RunState.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of the cloud must reach the test
            if not run.stopping.is_set():
                traceback.print_exc()
            run.finish(RunState.FAILED, f"Internal error: {type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._threads.pop(id(run), None)
                self._runs.pop(id(run), None)
