"""The records of runs: read from the folders, as each run is now.

A run lies in `runs/<key>/<attempt>/`. While its keeper (`launch.py`) lives it holds the lock of
`alive.lock`, so nobody mistakes another process with the same number for it.
"""

import fcntl
import os
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac_local.files import read_json
from mlops_iac_local.layout import Layout

RECORD = "record.json"
STATUS = "status.json"
RESULT = "result.json"
OUTPUT = "output"
"""Folder with what the run itself wrote."""
LOG = "run.log"
ALIVE = "alive.lock"

RUNNING, FINISHED, FAILED, STOPPED = "running", "finished", "failed", "stopped"
KILLED = "its process was killed"
"""Reason of a stopped run that nobody asked to stop."""


def attempts(layout: Layout, key: str) -> list[Path]:
    """Return the folders of a key's attempts, newest first."""
    folder = layout.runs / key
    numbers = (path for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else ()
    return sorted(numbers, key=lambda path: int(path.name), reverse=True)


def newest(layout: Layout, key: str) -> Run | None:
    """Return the newest attempt of a key that was started."""
    return next((run for run in map(read_run, attempts(layout, key)) if run is not None), None)


def all_runs(layout: Layout) -> list[Run]:
    """Return the runs of every job, newest first."""
    keys = [path.name for path in layout.runs.iterdir()] if layout.runs.is_dir() else []
    found = (read_run(folder) for key in keys for folder in attempts(layout, key))
    return sorted(
        (run for run in found if run is not None), key=lambda run: run.started, reverse=True
    )


def runs_of(layout: Layout, component: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    return [run for run in all_runs(layout) if run.component == component]


def run_folder(layout: Layout, run: Run) -> Path:
    """Return the folder of a run."""
    for folder in attempts(layout, run.key):
        if (read_json(folder / RECORD) or {}).get("run_id") == run.id:
            return folder
    raise OperationError(f"there is no run `{run.id}` of key `{run.key}` here")


def read_record(folder: Path) -> dict[str, Any]:
    """Return what was kept of the run in `folder` when it was started."""
    return read_json(folder / RECORD) or {}


def read_run(folder: Path) -> Run | None:
    """Return the run in `folder` as it is now; `None` when it was never started."""
    record = read_json(folder / RECORD)
    if record is None:
        return None
    result = read_json(folder / RESULT) or {}
    state, reason = result.get("state"), result.get("reason")
    if state is None:
        state, reason = _unfinished(folder)
    return Run(
        component=record["component"],
        kind=record["kind"],
        id=record["run_id"],
        key=record["key"],
        status=state,
        started=record["started"],
        ended=result.get("ended") or (read_json(folder / STATUS) or {}).get("ended"),
        metrics=result.get("metrics", {}),
        model_version=result.get("model_version"),
        outputs=result.get("outputs", {}),
        reports=tuple(str(folder / OUTPUT / name) for name in result.get("reports", ())),
        parent=record["parent"],
        reason=reason,
    )


def _unfinished(folder: Path) -> tuple[str, str | None]:
    # The keeper's life is asked first: it writes the status just before it ends.
    is_alive = is_running(folder)
    status = read_json(folder / STATUS)
    if status is not None and status["state"] != FINISHED:
        return status["state"], status["reason"]
    if is_alive or status is not None:
        return RUNNING, None
    return STOPPED, KILLED


def is_running(folder: Path) -> bool:
    """Whether the keeper of the run in `folder` lives."""
    try:
        handle = os.open(folder / ALIVE, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def is_over(folder: Path) -> bool:
    """Whether a run has ended, finished or not."""
    return (folder / RESULT).exists() or not is_running(folder)
