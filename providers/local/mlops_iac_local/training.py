"""Runs of training jobs: started once per key, supervised, adopted after a crash.

A run lies in `runs/<key>/<attempt>/`. While its keeper (`launch.py`) lives it holds the lock of
`alive.lock`, so nobody mistakes another process with the same number for it. An attached run ends
with the process that started it: a killed `up` leaves no orphan, and the next `up` starts anew.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac_local import store, tracking
from mlops_iac_local.errors import RunFailedError
from mlops_iac_local.files import FILE_MODE, locked, make_folder, read_json, utc_now, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.processes import supervisor_environment
from mlops_iac_local.secrets import require_secrets

DEFINITION = "definition.json"
RECORD = "record.json"
STATUS = "status.json"
RESULT = "result.json"
LOG = "run.log"
_ALIVE = "alive.lock"
_STOP_SECONDS = 20.0

RUNNING, FINISHED, FAILED, STOPPED = "running", "finished", "failed", "stopped"
_MLFLOW_STATUS = {FINISHED: "FINISHED", FAILED: "FAILED", STOPPED: "KILLED"}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A training definition as it lies in its job's folder."""

    job: str
    key: str
    script: str
    """Name of the script in the code archive."""
    code: str
    """Digest of the code archive."""
    data: Mapping[str, str]
    """Dataset versions by the name under which the script finds each."""
    model: str | None
    framework: str
    hyperparameters: Mapping[str, Any]
    metrics: Sequence[str]
    limits: Mapping[str, float]
    timeout: float
    """Seconds."""
    environment: Mapping[str, Any]
    python: str
    """The interpreter, with the job's requirements."""
    experiment: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def definition(layout: Layout, job: str) -> Definition:
    """Return the definition of a job.

    Raises:
        OperationError: there is none in this stack.
    """
    document = read_json(layout.job(job) / DEFINITION)
    if document is None:
        raise OperationError(
            f"there is no training job `{job}` in this stack",
            remedy="run `mlops-iac up` first, and name a `TrainingJob` of the declaration",
        )
    return Definition(**document)


def write_definition(layout: Layout, made: Definition) -> None:
    """Keep a definition in its job's folder."""
    write_json(layout.job(made.job) / DEFINITION, asdict(made))


def attempts(layout: Layout, key: str) -> list[Path]:
    """Return the folders of a key's attempts, newest first."""
    folder = layout.runs / key
    numbers = (path for path in folder.iterdir() if path.name.isdigit()) if folder.is_dir() else ()
    return sorted(numbers, key=lambda path: int(path.name), reverse=True)


def newest(layout: Layout, key: str) -> Run | None:
    """Return the newest attempt of a key that was started."""
    return next((run for run in map(read_run, attempts(layout, key)) if run is not None), None)


def runs_of(layout: Layout, job: str) -> list[Run]:
    """Return the runs of a job, newest first."""
    keys = [path.name for path in layout.runs.iterdir()] if layout.runs.is_dir() else []
    found = (read_run(folder) for key in keys for folder in attempts(layout, key))
    mine = [run for run in found if run is not None and run.job == job]
    return sorted(mine, key=lambda run: run.started, reverse=True)


def run_folder(layout: Layout, run: Run) -> Path:
    """Return the folder of a run."""
    for folder in attempts(layout, run.key):
        if (read_json(folder / RECORD) or {}).get("run_id") == run.id:
            return folder
    raise OperationError(f"there is no run `{run.id}` of key `{run.key}` here")


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
        job=record["job"],
        id=record["run_id"],
        key=record["key"],
        status=state,
        started=record["started"],
        ended=result.get("ended") or (read_json(folder / STATUS) or {}).get("ended"),
        metrics=result.get("metrics", {}),
        model_version=result.get("model_version"),
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
    return STOPPED, "its process was killed"


def is_running(folder: Path) -> bool:
    """Whether the keeper of the run in `folder` lives."""
    try:
        handle = os.open(folder / _ALIVE, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@dataclass(frozen=True, kw_only=True)
class Started:
    """A run that was started, or found."""

    folder: Path
    keeper: "subprocess.Popen[bytes] | None"
    """The keeper of an attached run; it stops the run when this process lets go of it."""


def start(
    layout: Layout,
    made: Definition,
    *,
    again: bool = False,
    attached: bool,
    note: Callable[..., None] = lambda *_, **__: None,
) -> Started:
    """Start a run of a definition, or return the one that its key has.

    A finished or running run of the key is returned as it is. A stopped one is started anew. A
    failed one stays failed unless `again`.

    Args:
        layout: the stack's folders.
        made: what to run.
        again: start another attempt whatever became of the last one.
        attached: whether the run ends with this process.
        note: the journal, told before the run is made.

    Raises:
        RunFailedError: the last run of this key failed.
        OperationError: `again`, and a run of this key is running.
    """
    require_secrets(made.environment)
    with locked(layout.lock(f"run-{made.key}")):
        last = newest(layout, made.key)
        if last is not None and (found := _settled(layout, made, last, again=again)) is not None:
            return Started(folder=found, keeper=None)
        number = 1 + int(attempts(layout, made.key)[0].name) if last is not None else 1
        folder = make_folder(layout.runs / made.key / str(number))
        note("start-run", key=made.key, attempt=number)
        return _launch(layout, made, folder, attached=attached)


def _settled(layout: Layout, made: Definition, last: Run, *, again: bool) -> Path | None:
    if again and last.status == RUNNING:
        raise OperationError(
            f"run `{last.id}` of job `{made.job}` is running", remedy="wait for it, or stop it"
        )
    if last.status == FAILED and not again:
        raise failure(last)
    is_settled = last.status in {RUNNING, FINISHED} and not again
    return run_folder(layout, last) if is_settled else None


def failure(run: Run) -> RunFailedError:
    """Return the error that says why a run failed, and what its key means."""
    return RunFailedError(
        f"the run of job `{run.job}` failed under key `{run.key}`: {run.reason}",
        remedy=f"see `mlops-iac logs {run.job}`; a change of code, data or parameters is a new "
        f"run, `mlops-iac run {run.job} --again` repeats this one",
    )


def _launch(layout: Layout, made: Definition, folder: Path, *, attached: bool) -> Started:
    experiment = tracking.experiment(layout, made.experiment)
    run_id = tracking.adopt_or_create_run(layout, experiment, _run_tags(made, folder))
    plan = _plan(layout, made, folder, run_id, attached=attached)
    write_json(folder / "plan.json", plan)
    alive = os.open(folder / _ALIVE, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        # The lock belongs to the open file, which the keeper inherits: no moment without it.
        fcntl.flock(alive, fcntl.LOCK_EX)
        keeper = subprocess.Popen(
            [sys.executable, "-m", "mlops_iac_local.launch", "run", str(folder / "plan.json")],
            stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=supervisor_environment(),
            pass_fds=(alive,),
            start_new_session=True,
            umask=0o077,
        )
        write_json(
            folder / RECORD,
            {"job": made.job, "key": made.key, "run_id": run_id, "started": utc_now(),
             "model": made.model, "metrics": list(made.metrics), "pid": keeper.pid},
        )  # fmt: skip
    finally:
        os.close(alive)
    return Started(folder=folder, keeper=keeper)


def _run_tags(made: Definition, folder: Path) -> dict[str, str]:
    return {
        **made.tags,
        "mlops-iac.job": made.job,
        "mlops-iac.key": made.key,
        "mlops-iac.attempt": f"{made.key}/{folder.name}",
    }


def _plan(
    layout: Layout, made: Definition, folder: Path, run_id: str, *, attached: bool
) -> dict[str, Any]:
    code = make_folder(folder / "work")
    _copy_code(store.stored(layout, "code", made.code), code)
    output = make_folder(folder / "output")
    write_json(folder / "hyperparameters.json", made.hyperparameters)
    inputs = {
        contract.INPUT + contract.input_suffix(name): str(store.stored(layout, "data", version))
        for name, version in made.data.items()
    }
    fixed = {
        **inputs,
        contract.PLATFORM: "mlops-iac",
        contract.HYPERPARAMETERS: str(folder / "hyperparameters.json"),
        contract.MODEL_DIR: str(folder / "model"),
        contract.OUTPUT_DIR: str(output),
        contract.METRICS: ",".join(made.metrics),
        contract.EXPECTS_MODEL: contract.flag(value=made.model is not None),
        "MLFLOW_TRACKING_URI": layout.tracking_uri,
        "MLFLOW_RUN_ID": run_id,
    }
    return {
        "command": [made.python, "-m", "mlops_iac.runtime.train", str(code / made.script)],
        "home": str(code),
        "fixed": fixed,
        "environment": dict(made.environment),
        "limits": dict(made.limits),
        "timeout": made.timeout,
        "attached": attached,
        # Who waits finishes: it has MLflow in memory. Nobody waits for a detached run.
        "finish": not attached,
        "log": str(folder / LOG),
        "status": str(folder / STATUS),
        "result": str(output / "run.json"),
        "root": str(layout.root),
        "folder": str(folder),
    }


def _copy_code(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            make_folder(copy.parent)
            copy.write_bytes(path.read_bytes())


def stop(layout: Layout, run: Run) -> None:
    """Stop a run and wait until its processes are gone; nothing when it has ended."""
    folder = run_folder(layout, run)
    deadline = time.monotonic() + _STOP_SECONDS
    if is_running(folder):
        os.kill(int((read_json(folder / RECORD) or {})["pid"]), signal.SIGTERM)
    while is_running(folder):
        if time.monotonic() > deadline:
            raise OperationError(f"run `{run.id}` does not end", remedy="stop it again")
        time.sleep(0.05)


def let_go(started: Started) -> None:
    """Close the pipe to an attached run's keeper and wait: a run that still runs is stopped."""
    if started.keeper is None:
        return
    if started.keeper.stdin is not None:
        started.keeper.stdin.close()
    started.keeper.wait()


def mlflow_status(state: str) -> str:
    """Return MLflow's word for the end of a run."""
    return _MLFLOW_STATUS[state]
