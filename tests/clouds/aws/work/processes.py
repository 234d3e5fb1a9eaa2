"""Every kind of run, executed: one thread each, and the processes that it starts."""

import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import ClientError, ParamValidationError

from tests.clouds.aws.hooks import Answer, Invocation, Run, RunKind, RunState
from tests.clouds.aws.work.building import build
from tests.clouds.aws.work.endpoints.deployment import Deployment
from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.images import CannotPullError
from tests.clouds.aws.work.monitoring.execution import monitor
from tests.clouds.aws.work.pipelines.execution import execute
from tests.clouds.aws.work.processing import process
from tests.clouds.aws.work.training import train
from tests.clouds.aws.work.transform import transform
from tests.clouds.aws.work.tuning import tune

_END_SECONDS = 20.0
_DRAIN_SECONDS = 0.5
_KNOWN = (JobError, CannotPullError, ClientError, ParamValidationError)


@dataclass
class Processes:
    """Executes what the control plane starts; see `tests.clouds.aws.hooks.Work`."""

    _runs: dict[tuple[RunKind, str], Run] = field(default_factory=dict[tuple[RunKind, str], Run])
    _threads: dict[int, threading.Thread] = field(default_factory=dict[int, threading.Thread])
    _interrupts: dict[str, threading.Event] = field(default_factory=dict[str, threading.Event])
    _deployments: dict[int, Deployment] = field(default_factory=dict[int, Deployment])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, run: Run) -> None:
        """Begin, in a thread of the run's own."""
        work = self._works()[run.kind]
        thread = threading.Thread(target=self._do, args=(work, run), daemon=True)
        with self._lock:
            self._runs[run.kind, run.name] = run
            self._threads[id(run)] = thread
        thread.start()

    def interrupt(self, training_job: str) -> None:
        """Take the machines of a training job away, as a spot interruption does."""
        self._interrupting(training_job).set()

    def retire(self, run: Run) -> None:
        """Have the containers of an endpoint's deployment end; their thread does it."""
        del self
        run.stopping.set()

    def invoke(self, run: Run, invocation: Invocation) -> Answer:
        """Answer a call by the endpoint's deployment in service."""
        with self._lock:
            deployment = self._deployments[id(run)]
        return deployment.invoke(invocation)

    def find(self, kind: RunKind, name: str) -> Run:
        """Return a run that was started; to one that a run itself starts, it belongs."""
        with self._lock:
            return self._runs[kind, name]

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
            RunKind.TRAINING: lambda run: train(run, self._interrupting(run.name)),
            RunKind.PROCESSING: process,
            RunKind.PIPELINE: lambda run: execute(run, self.find),
            RunKind.ENDPOINT: self._serve,
            RunKind.TRANSFORM: transform,
            RunKind.TUNING: lambda run: tune(run, self.find),
            RunKind.MONITORING: lambda run: monitor(run, self.find),
            RunKind.BUILD: build,
        }

    def _serve(self, run: Run) -> None:
        """Serve until the deployment is retired."""
        deployment = Deployment(run, Path(tempfile.mkdtemp(dir=run.root)))
        deployment.start()
        with self._lock:
            self._deployments[id(run)] = deployment
        try:
            run.finish(RunState.SUCCEEDED)
            run.stopping.wait()
            # A call may have chosen this deployment just before.
            time.sleep(_DRAIN_SECONDS)
        finally:
            deployment.stop()
            with self._lock:
                del self._deployments[id(run)]

    def _do(self, work: Callable[[Run], None], run: Run) -> None:
        try:
            if run.kind is not RunKind.ENDPOINT:
                # A name may come again, once the cloud was told to forget.
                shutil.rmtree(run.root, ignore_errors=True)
            run.root.mkdir(parents=True, exist_ok=True)
            work(run)
        except _KNOWN as error:
            run.finish(RunState.FAILED, str(error))
        except Exception as error:  # noqa: BLE001 -- a fault of the cloud must reach the test
            traceback.print_exc()
            run.finish(RunState.FAILED, f"InternalServerError: {type(error).__name__}: {error}")
        finally:
            with self._lock:
                self._threads.pop(id(run), None)

    def _interrupting(self, training_job: str) -> threading.Event:
        with self._lock:
            return self._interrupts.setdefault(training_job, threading.Event())
