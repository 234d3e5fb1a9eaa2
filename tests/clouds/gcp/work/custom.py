"""Custom jobs."""

import threading

from tests.clouds.containers import Ended, Why
from tests.clouds.gcp.hooks import Run, RunState
from tests.clouds.gcp.work.container import Machines
from tests.clouds.gcp.work.failures import WorkError
from tests.clouds.gcp.work.pools import Job, output_of, run_job


def train(run: Run, machines: Machines, interrupting: threading.Event) -> None:
    """Do a custom job to its end; `interrupting` takes its machines away, once each time."""
    run.update()
    spec = run.request["jobSpec"]
    job = Job(
        run=run,
        machines=machines,
        spec=spec,
        root=run.root,
        output=output_of(spec),
        interrupting=interrupting,
    )
    finish(run, run_job(job))


def finish(run: Run, ended: Ended) -> None:
    """Tell how a job has ended.

    Raises:
        WorkError: its time was over.
    """
    if ended.is_success:
        run.finish(RunState.SUCCEEDED)
    elif ended.why is Why.STOPPED:
        run.finish(RunState.CANCELLED, "The job was cancelled.")
    else:
        raise WorkError("DEADLINE_EXCEEDED: the job ran longer than its timeout.")
