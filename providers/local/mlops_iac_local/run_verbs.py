"""Verbs on runs: start, wait, stop, list, read the log."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac_local import endpoints, supervisor, trackers
from mlops_iac_local.jobs import finishing, starting
from mlops_iac_local.jobs.definition import definition, require_parameters
from mlops_iac_local.jobs.runs import LOG, is_over, is_running, read_run, run_folder, runs_of
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop import control, policies

_POLL_SECONDS = 0.2


def run(layout: Layout, component: str, *, again: bool, parameters: Mapping[str, Any]) -> Run:
    """Start a run of a job's present definition, or return the one that its key has."""
    made = definition(layout, component)
    if made.kind not in starting.SETTLERS:
        require_parameters(made, parameters)
    request = starting.Request(again=again, overrides=parameters)
    started = starting.start(layout, made, request, attached=False)
    found = read_run(started.folder)
    assert found is not None  # noqa: S101  it was started just now
    return found


def wait(layout: Layout, run: Run) -> Run:
    """Wait until a run has ended; finish it when its keeper could not."""
    folder = run_folder(layout, run)
    while not is_over(folder):
        time.sleep(_POLL_SECONDS)
    return finishing.finish(layout, folder)


def stop(layout: Layout, run: Run) -> Run:
    """Stop a run."""
    starting.stop(layout, run)
    return finishing.finish(layout, run_folder(layout, run))


def runs(layout: Layout, component: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    definition(layout, component)
    return runs_of(layout, component)


def logs(layout: Layout, component: str, *, follow: bool) -> Iterator[str]:
    """Return the lines of a job's newest run, of a component's server, or a policy's decisions.

    Raises:
        OperationError: the component has no log.
    """
    if (program := _program(layout, component)) is not None:
        path = supervisor.log_file(layout, program)
        return _lines(path, lambda: follow and supervisor.is_alive(layout))
    if component in control.policy_names(layout):
        return policies.decisions(layout, component, is_growing=lambda: follow)
    history = runs_of(layout, component)
    if not history:
        raise OperationError(
            f"`{component}` has no log",
            remedy="name a job that ran, an endpoint, a tracking server, or a retraining policy",
        )
    folder = run_folder(layout, history[0])
    return _lines(folder / LOG, lambda: follow and is_running(folder))


def _program(layout: Layout, component: str) -> str | None:
    if (layout.endpoint(component) / endpoints.FRAME).exists():
        return endpoints.frame(layout, component).program
    known = trackers.server(layout, component)
    return None if known is None else known.program


def _lines(path: Path, is_growing: Callable[[], bool]) -> Iterator[str]:
    position, rest, inode = 0, "", None
    while True:
        # Asked before the read: what is written before the end is still read.
        goes_on = is_growing()
        if path.exists():
            now = path.stat()
            if now.st_ino != inode or now.st_size < position:
                position, rest, inode = 0, "", now.st_ino
            with path.open(encoding="utf-8", errors="replace") as file:
                file.seek(position)
                *whole, rest = (rest + file.read()).split("\n")
                position = file.tell()
            yield from whole
        if not goes_on:
            break
        time.sleep(_POLL_SECONDS)
    if rest:
        yield rest
