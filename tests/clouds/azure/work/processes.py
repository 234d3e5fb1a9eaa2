"""What is done for each kind of run."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from tests.clouds import processes
from tests.clouds.azure.hooks import Run, RunKind
from tests.clouds.azure.work.api import RefusedError
from tests.clouds.azure.work.building import build
from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.jobs.job import do_job
from tests.clouds.azure.work.serving.deployment import Deployment
from tests.clouds.azure.work.serving.revision import Revision
from tests.clouds.azure.work.workflows.execution import follow


class Processes(processes.Processes[Run]):
    """Executes what the control plane starts."""

    known = (WorkError, RefusedError)
    serving = frozenset({RunKind.DEPLOYMENT, RunKind.APP})

    def works(self) -> Mapping[StrEnum, Callable[[Run], None]]:
        """Return what is done, by the kind of run."""
        return {
            RunKind.JOB: lambda run: do_job(run, self.interrupting),
            RunKind.DEPLOYMENT: lambda run: self.serve(run, Deployment(run)),
            RunKind.APP: lambda run: self.serve(run, Revision(run)),
            RunKind.BUILD: build,
            RunKind.WORKFLOW: follow,
        }
