"""Starts a run or a server: reads secrets itself, sets limits, keeps the log, sees to the end.

`python -m mlops_iac_local.launch run|serve PLAN.json`. The plan names secrets; their values are
read here and given to the child's environment only: never in arguments, files, state or logs.
"""

import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

from mlops_iac.errors import MlopsError
from mlops_iac.runtime import collector
from mlops_iac_local.files import read_json, utc_now, write_json
from mlops_iac_local.jobs.runs import KILLED
from mlops_iac_local.processes import clean_environment, die_with_parent, limiter
from mlops_iac_local.secrets import masked, resolved

GRACE_SECONDS = 8.0
"""What a run has to end by itself after it was asked to."""
_LOG_BYTES = 5 << 20
_LOG_BACKUPS = 3
_POLL_SECONDS = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the plan named on the command line; return the exit code."""
    mode, path = arguments or sys.argv[1:]
    plan = read_json(Path(path))
    if plan is None:
        raise FileNotFoundError(path)
    return _keep_run(plan) if mode == "run" else _serve(plan)


def _start(plan: Mapping[str, Any], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    base = clean_environment(home=plan["home"], cpu=int(plan["limits"]["cpu"]))
    return subprocess.Popen(
        plan["command"],
        cwd=plan["home"],
        env={**base, **environment, **plan["fixed"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,
        # This process has one thread when it starts its only child.
        preexec_fn=limiter(plan["limits"]),  # noqa: PLW1509
    )


def _serve(plan: Mapping[str, Any]) -> int:
    die_with_parent()
    environment, secrets = resolved(plan["environment"])
    child = _start(plan, environment)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: child.send_signal(number))
    for line in _lines(child.stdout):
        # A dead supervisor reads no more. The server is ending then, and must be let to: it
        # writes what it captured.
        with suppress(BrokenPipeError):
            sys.stdout.write(masked(line, secrets) + "\n")
            sys.stdout.flush()
    return child.wait()


def _lines(stream: IO[bytes] | None) -> "Sequence[str] | Any":
    assert stream is not None  # noqa: S101  Popen was given a pipe
    return (raw.decode(errors="replace").rstrip("\r\n") for raw in stream)


def _keep_run(plan: Mapping[str, Any]) -> int:
    status = Path(plan["status"])
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    try:
        environment, secrets = resolved(plan["environment"])
        child = _start(plan, environment)
    except (MlopsError, OSError) as error:
        _write_status(status, "failed", f"it could not be started: {error}")
        return 1
    pump = threading.Thread(target=_pump, args=(child.stdout, plan["log"], secrets), daemon=True)
    pump.start()
    state, reason = _watch(child, plan, stopped)
    _kill_group(child.pid, signal.SIGKILL)
    # A grandchild that kept the pipe is dead now, so the log ends.
    pump.join(GRACE_SECONDS)
    _write_status(status, state, masked(reason, secrets) if reason else None, child.returncode)
    if plan["finish"]:
        from mlops_iac_local.jobs.finishing import finish_by_keeper

        finish_by_keeper(Path(plan["root"]), Path(plan["folder"]))
    return 0 if state == "finished" else 1


def _watch(
    child: "subprocess.Popen[bytes]", plan: Mapping[str, Any], stopped: threading.Event
) -> tuple[str, str | None]:
    deadline = time.monotonic() + plan["timeout"]
    while child.poll() is None:
        if stopped.is_set() or (plan["attached"] and _is_abandoned()):
            _end(child)
            why = "it was stopped" if stopped.is_set() else "the command that started it ended"
            return "stopped", why
        if time.monotonic() > deadline:
            _end(child)
            return "failed", f"it took longer than its `timeout` of {plan['timeout']:g} s"
        stopped.wait(_POLL_SECONDS)
    if child.returncode == -signal.SIGKILL:
        # By a person or for want of memory: says nothing of what it did, and may be begun anew.
        return "stopped", KILLED
    return ("finished", None) if child.returncode == 0 else ("failed", _reason(child, plan))


def _is_abandoned() -> bool:
    # Standard input is a pipe that only the starter holds open: its end is the starter's end.
    readable, _, _ = select.select([0], [], [], 0)
    return bool(readable) and os.read(0, 1) == b""


def _reason(child: "subprocess.Popen[bytes]", plan: Mapping[str, Any]) -> str:
    written = read_json(Path(plan["result"])) or {}
    if written.get("error"):
        return str(written["error"])
    code = child.returncode
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return f"its process ended with {how}"


def _end(child: "subprocess.Popen[bytes]") -> None:
    _kill_group(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_group(child.pid, signal.SIGKILL)
        child.wait()


def _kill_group(group: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sign)


def _pump(stream: IO[bytes], log: str, secrets: Sequence[str]) -> None:
    handler = RotatingFileHandler(
        log, maxBytes=_LOG_BYTES, backupCount=_LOG_BACKUPS, encoding="utf-8"
    )
    for line in _lines(stream):
        handler.emit(logging.makeLogRecord({"msg": masked(line, secrets)}))
    handler.close()


def _write_status(path: Path, state: str, reason: str | None, code: int | None = None) -> None:
    write_json(path, {"state": state, "reason": reason, "exit_code": code, "ended": utc_now()})


if __name__ == "__main__":
    os.umask(0o077)
    collector.spare()
    sys.exit(main())
