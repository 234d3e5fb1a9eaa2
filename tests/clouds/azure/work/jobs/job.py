"""A job of a workspace, whatever its type."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from tests.clouds.azure.hooks import Run, RunState
from tests.clouds.azure.work.failures import unknown
from tests.clouds.azure.work.jobs.command import Command, execute
from tests.clouds.azure.work.jobs.pipeline import Pipeline, execute_all
from tests.clouds.azure.work.jobs.sweep import Sweep, search

Interrupting = Callable[[str], threading.Event]
"""By the name of a job, what takes its machines away."""


def do_job(run: Run, interrupting: Interrupting) -> None:
    """Do a job to its end.

    Raises:
        WorkError: it failed.
        CancelledError: it was cancelled.
    """
    run.update()
    kind = str(run.request["job"]["properties"]["jobType"])
    if kind not in _KINDS:
        raise unknown(f"jobs of the type `{kind}`")
    more = _KINDS[kind](run, interrupting)
    own = run.request["job"]["properties"].get("properties") or {}
    members: Any = {"properties": {**own, **more}} if more else {}
    run.finish(RunState.SUCCEEDED, **members)


def _command(run: Run, interrupting: Interrupting) -> dict[str, str]:
    told = run.request["job"]["properties"]
    root = run.root
    execute(Command(run=run, name=run.id, told=told, root=root, interrupting=interrupting(run.id)))
    return {}


def _sweep(run: Run, interrupting: Interrupting) -> dict[str, str]:
    job = run.request["job"]
    return search(
        Sweep(
            run=run,
            name=run.id,
            told=job["properties"],
            root=run.root,
            job=job,
            interrupting=interrupting,
        )
    )


def _pipeline(run: Run, interrupting: Interrupting) -> dict[str, str]:
    execute_all(Pipeline(run, interrupting))
    return {}


_KINDS: Mapping[str, Callable[[Run, Interrupting], dict[str, str]]] = {
    "Command": _command,
    "Sweep": _sweep,
    "Pipeline": _pipeline,
}
