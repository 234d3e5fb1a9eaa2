"""Every kind of run, executed: one thread each, and the processes that it starts."""

import shutil
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.clouds.azure.hooks import Invocation, Reply, Run, RunKind, RunState
from tests.clouds.azure.work.api import RefusedError
from tests.clouds.azure.work.building import build
from tests.clouds.azure.work.failures import CancelledError, WorkError, unknown
from tests.clouds.azure.work.jobs.job import do_job
from tests.clouds.azure.work.serving.deployment import Deployment
from tests.clouds.azure.work.serving.revision import Revision
from tests.clouds.azure.work.workflows.execution import follow

_END_SECONDS = 20.0
_KNOWN = (WorkError, RefusedError)
_SERVING = frozenset({RunKind.DEPLOYMENT, RunKind.APP})
Server = Deployment | Revision


@dataclass
class Processes:
    """Executes what the control plane starts; see `tests.clouds.azure.hooks.Work`."""

    _runs: dict[int, Run] = field(default_factory=dict[int, Run])
    _threads: dict[int, threading.Thread] = field(default_factory=dict[int, threading.Thread])
    _interrupts: dict[str, threading.Event] = field(default_factory=dict[str, threading.Event])
    _servers: dict[int, Server] = field(default_factory=dict[int, Server])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, run: Run) -> None:
        """Begin, in a thread of the run's own."""
        work = self._works().get(run.kind)
        if work is None:
            raise unknown(f"the work of `{run.kind.value}`")
        thread = threading.Thread(target=self._do, args=(work, run), daemon=True)
        with self._lock:
            self._runs[id(run)] = run
            self._threads[id(run)] = thread
        thread.start()

    def look(self, run: Run) -> None:
        """Nothing moves on by being looked at."""

    def interrupt(self, name: str) -> None:
        """Take the machines of a job away, as an eviction does; by its name or id."""
        self._interrupting(name.rpartition("/")[2]).set()

    def retire(self, run: Run) -> None:
        """Have the containers of a deployment or revision end; their thread does it."""
        run.stopping.set()

    def invoke(self, run: Run, invocation: Invocation) -> Reply:
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

    def _works(self) -> Mapping[RunKind, Callable[[Run], None]]:
        return {
            RunKind.JOB: lambda run: do_job(run, self._interrupting),
            RunKind.DEPLOYMENT: lambda run: self._serve(run, Deployment(run)),
            RunKind.APP: lambda run: self._serve(run, Revision(run)),
            RunKind.BUILD: build,
            RunKind.WORKFLOW: follow,
        }

    def _serve(self, run: Run, server: Server) -> None:
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

    def _do(self, work: Callable[[Run], None], run: Run) -> None:
        try:
            if run.kind not in _SERVING:
                # A name may come again, once the cloud was told to forget.
                shutil.rmtree(run.root, ignore_errors=True)
            run.root.mkdir(parents=True, exist_ok=True)
            work(run)
        except CancelledError:
            run.finish(RunState.CANCELLED)
        except _KNOWN as error:
            run.finish(RunState.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of the cloud must reach the test
            if not run.stopping.is_set():
                traceback.print_exc()
            run.finish(RunState.FAILED, f"Internal error: {type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._threads.pop(id(run), None)
                self._runs.pop(id(run), None)

    def _interrupting(self, job: str) -> threading.Event:
        with self._lock:
            return self._interrupts.setdefault(job, threading.Event())
