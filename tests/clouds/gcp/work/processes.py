"""What is done for each kind of run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tests.clouds import processes
from tests.clouds.gcp.hooks import Run, RunKind
from tests.clouds.gcp.work.api import RefusedError
from tests.clouds.gcp.work.building import build
from tests.clouds.gcp.work.container import Machines
from tests.clouds.gcp.work.custom import train
from tests.clouds.gcp.work.failures import WorkError
from tests.clouds.gcp.work.pipelines.execution import execute
from tests.clouds.gcp.work.serving.deployment import Deployment
from tests.clouds.gcp.work.serving.revision import Revision
from tests.clouds.gcp.work.tuning import tune
from tests.clouds.gcp.work.workflows.execution import follow


@dataclass
class Processes(processes.Processes[Run]):
    """Executes what the control plane starts."""

    known = (WorkError, RefusedError)
    serving = frozenset({RunKind.DEPLOYMENT, RunKind.SERVICE})

    _machines: Machines = field(default_factory=Machines)

    def close(self) -> None:
        """End everything that still runs, and wait for it."""
        super().close()
        self._machines.close()

    def works(self) -> Mapping[StrEnum, Callable[[Run], None]]:
        """Return what is done, by the kind of run."""
        machines = self._machines
        return {
            RunKind.CUSTOM_JOB: lambda run: train(run, machines, self.interrupting(run.id)),
            RunKind.TUNING: lambda run: tune(run, machines),
            RunKind.PIPELINE: lambda run: execute(run, machines),
            RunKind.DEPLOYMENT: lambda run: self.serve(run, Deployment(run, machines)),
            RunKind.SERVICE: lambda run: self.serve(run, Revision(run, machines)),
            RunKind.BUILD: build,
            RunKind.WORKFLOW: follow,
        }
