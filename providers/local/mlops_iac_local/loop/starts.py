"""Starting a run once: the mark of who asked for it stands in its record."""

from mlops_iac.operations import Run
from mlops_iac_local.files import locked
from mlops_iac_local.jobs.definition import definition
from mlops_iac_local.jobs.runs import RUNNING, is_over, read_run, run_folder, runs_of
from mlops_iac_local.layout import Layout


def started_by(layout: Layout, component: str, mark: str) -> Run | None:
    """Return the run that was started for `mark`, or `None`."""
    return next((run for run in runs_of(layout, component) if run.parent == mark), None)


def start_once(layout: Layout, component: str, mark: str) -> Run | None:
    """Start a run of a component for `mark`, or return the one that was; it outlives this process.

    Returns `None` when another run of the component is under way: then nothing is started.
    """
    from mlops_iac_local.jobs.starting import Request, start

    with locked(layout.lock(f"start-{component}")):
        if (known := started_by(layout, component, mark)) is not None:
            return known
        if is_under_way(layout, component):
            return None
        # Data and traffic may have changed although the declaration did not.
        asked = Request(again=True, parent=mark)
        started = start(layout, definition(layout, component), asked, attached=False)
    return read_run(started.folder)


def is_under_way(layout: Layout, component: str) -> bool:
    """Whether a run of a component is under way; one that only lacks its end is given it."""
    running = [run for run in runs_of(layout, component) if run.status == RUNNING]
    return any(_ended(layout, run).status == RUNNING for run in running)


def _ended(layout: Layout, run: Run) -> Run:
    from mlops_iac_local.jobs.finishing import finish

    folder = run_folder(layout, run)
    # Its keeper died after the program ended and before it drew the consequences.
    return finish(layout, folder) if is_over(folder) else run
