"""Starting and stopping runs: once per key, supervised, adopted after a crash.

An attached run ends with the process that started it: a killed `up` leaves no orphan, and the
next `up` starts anew.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.provider import load
from mlops_iac_local import tracking
from mlops_iac_local.errors import RunFailedError
from mlops_iac_local.files import FILE_MODE, locked, make_folder, utc_now, write_json
from mlops_iac_local.jobs.definition import Definition, changed, reading
from mlops_iac_local.jobs.models import read_version
from mlops_iac_local.jobs.plans import Given, make_plan, resolved_inputs
from mlops_iac_local.jobs.runs import (
    ALIVE,
    FAILED,
    FINISHED,
    RECORD,
    RUNNING,
    attempts,
    is_running,
    newest,
    read_record,
    run_folder,
)
from mlops_iac_local.layout import Layout
from mlops_iac_local.processes import supervisor_environment
from mlops_iac_local.secrets import require_secrets

_STOP_SECONDS = 20.0
PLAN = "plan.json"
"""What the keeper is told; its only argument, so that it can be found by it."""
SETTLERS: Mapping[str, str] = {
    "ModelMonitor": "mlops_iac_local.monitors.checks:request",
    "Pipeline": "mlops_iac_local.pipelines.present:request",
}
"""Kinds of which only the start of a run settles what it is of: on which data, beside whom."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one run is to be, beside its definition."""

    overrides: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Other values of parameters; part of the key."""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other data, as digests by the name of the input; part of the key."""
    features: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other versions of feature groups, by the name of the group; part of the key."""
    again: bool = False
    """Start another attempt whatever became of the last one."""
    registers: bool = True
    """Whether the model becomes a version at the end; else by `finishing.register`, if ever."""
    parent: str | None = None
    """Id of the run that asked for this one."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """A run that was started, or found."""

    folder: Path
    keeper: "subprocess.Popen[bytes] | None"
    """The keeper of an attached run; it stops the run when this process lets go of it."""


def start(
    layout: Layout,
    declared: Definition,
    request: Request | None = None,
    *,
    attached: bool,
    note: Callable[..., None] = lambda *_, **__: None,
) -> Started:
    """Start a run of a definition, or return the one that its key has.

    A finished or running run of the key is returned as it is. A stopped one is started anew. A
    failed one stays failed unless asked for again.

    Args:
        layout: the stack's folders.
        declared: what to run.
        request: what this run has of its own.
        attached: whether the run ends with this process.
        note: the journal, told before the run is made.

    Raises:
        RunFailedError: the last run of this key failed.
        OperationError: a run of this key is running and another is asked for; or another job has
            not yet made what this one reads.
    """
    asked = request or Request()
    if (settler := SETTLERS.get(declared.kind)) is not None:
        asked = load(settler)(layout, declared, asked)
    require_secrets(declared.environment)
    model = read_version(layout, declared)
    made = reading(
        changed(declared, asked.overrides, asked.inputs, asked.features),
        None if model is None else model.digest,
    )
    with locked(layout.lock(f"run-{made.key}")):
        last = newest(layout, made.key)
        if last is not None and (found := _settled(layout, made, last, asked)) is not None:
            return Started(folder=found, keeper=None)
        number = 1 + int(attempts(layout, made.key)[0].name) if last is not None else 1
        given = Given(inputs=resolved_inputs(layout, made), model=model)
        folder = make_folder(layout.runs / made.key / str(number))
        note("start-run", key=made.key, attempt=number)
        run_id = _run_id(layout, made, asked, folder)
        write_json(
            folder / PLAN,
            make_plan(layout, made, given, folder, run_id, attached=attached),
        )
        record = _record(made, asked, given, declared.key, run_id)
        return Started(folder=folder, keeper=_launch(folder, record, attached=attached))


def _settled(layout: Layout, made: Definition, last: Run, asked: Request) -> Path | None:
    if asked.again and last.status == RUNNING:
        raise OperationError(
            f"run `{last.id}` of job `{made.component}` is running",
            remedy="wait for it, or stop it",
        )
    if last.status == FAILED and not asked.again:
        raise failure(last)
    if last.status not in {RUNNING, FINISHED} or asked.again:
        return None
    folder = run_folder(layout, last)
    if asked.registers and not read_record(folder)["registers"]:
        # Somebody wants the version that another left open; `finish` sees to it.
        write_json(folder / RECORD, {**read_record(folder), "registers": True})
    return folder


def failure(run: Run) -> RunFailedError:
    """Return the error that says why a run failed, and what its key means."""
    return RunFailedError(
        f"the run of job `{run.component}` failed under key `{run.key}`: {run.reason}",
        remedy=f"see `mlops-iac logs {run.component}`; a change of code, data or parameters is a "
        f"new run, `mlops-iac run {run.component} --again` repeats this one",
    )


def _run_id(layout: Layout, made: Definition, asked: Request, folder: Path) -> str:
    attempt = f"{made.key}-{folder.name}"
    if made.experiment is None:
        return attempt
    tags = {
        **made.tags,
        "mlops-iac.job": made.component,
        "mlops-iac.key": made.key,
        "mlops-iac.attempt": attempt,
    }
    if asked.parent is not None:
        tags[tracking.PARENT_TAG] = asked.parent
    experiment = tracking.experiment(layout, made.experiment)
    return tracking.adopt_or_create_run(layout, experiment, tags)


def _record(
    made: Definition, asked: Request, given: Given, declared: str, run_id: str
) -> dict[str, Any]:
    return {
        "component": made.component,
        "kind": made.kind,
        "key": made.key,
        "declared": declared,
        "run_id": run_id,
        "started": utc_now(),
        "model": made.model,
        "registers": asked.registers,
        "parent": asked.parent,
        "again": asked.again,
        "is_tracked": made.experiment is not None,
        "parameters": dict(made.hyperparameters),
        "overrides": dict(asked.overrides),
        "features": dict(asked.features),
        "inputs": dict(given.inputs),
        "read_version": None if given.model is None else given.model.version,
    }


def _launch(
    folder: Path, record: Mapping[str, Any], *, attached: bool
) -> "subprocess.Popen[bytes]":
    alive = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        # The lock belongs to the open file, which the keeper inherits: no moment without it.
        fcntl.flock(alive, fcntl.LOCK_EX)
        # Before there is a keeper: no death of this process leaves one that nobody knows of.
        write_json(folder / RECORD, {**record, "pid": None})
        keeper = subprocess.Popen(
            [sys.executable, "-m", "mlops_iac_local.launch", "run", str(folder / PLAN)],
            stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=supervisor_environment(),
            pass_fds=(alive,),
            start_new_session=True,
            umask=0o077,
        )
        write_json(folder / RECORD, {**record, "pid": keeper.pid})
    finally:
        os.close(alive)
    return keeper


def stop(layout: Layout, run: Run) -> None:
    """Stop a run and wait until its processes are gone; nothing when it has ended."""
    folder = run_folder(layout, run)
    deadline = time.monotonic() + _STOP_SECONDS
    if is_running(folder) and (keeper := _keeper(folder)) is not None:
        os.kill(keeper, signal.SIGTERM)
    while is_running(folder):
        if time.monotonic() > deadline:
            raise OperationError(f"run `{run.id}` does not end", remedy="stop it again")
        time.sleep(0.05)


def _keeper(folder: Path) -> int | None:
    """Return the process number of a run's keeper; its starter may have died before it knew."""
    if (known := read_record(folder)["pid"]) is not None:
        return int(known)
    import psutil

    plan = str(folder / PLAN)
    processes = psutil.process_iter(["cmdline"])
    return next((one.pid for one in processes if plan in (one.info["cmdline"] or [])), None)


def let_go(started: Started) -> None:
    """Close the pipe to an attached run's keeper and wait: a run that still runs is stopped."""
    if started.keeper is None:
        return
    if started.keeper.stdin is not None:
        started.keeper.stdin.close()
    started.keeper.wait()
