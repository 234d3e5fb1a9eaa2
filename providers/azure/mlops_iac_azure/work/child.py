"""The process that does a step's program: stopped with us, and when its time is over."""

import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mlops_iac_azure.errors import AzureError

GRACE_SECONDS = 20.0
"""What a program has after it was asked to end; Azure ML gives us 30 seconds on an eviction."""


class StepFailedError(AzureError):
    """A step has not done what it was to do."""

    code = "azure.step-failed"


def run(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, *, until: float | None
) -> int:
    """Run a program; return its exit code.

    Args:
        command: the program; `python` is this process's own.
        environment: all its variables.
        folder: where it is started.
        until: when it is stopped, in seconds since 1970; never when `None`.

    Raises:
        StepFailedError: its time is over, or this process was told to end.
    """
    words = [sys.executable if word == "python" else word for word in command]
    process = subprocess.Popen(words, env=dict(environment), cwd=folder)
    with _ended_with_us(process):
        try:
            return process.wait(None if until is None else max(0.0, until - time.time()))
        except subprocess.TimeoutExpired:
            _end(process)
            raise StepFailedError(
                "its time is over", remedy="raise `timeout`, or `spot.max_wait`; then run it again"
            ) from None


@contextmanager
def _ended_with_us(process: subprocess.Popen[Any]) -> Generator[None]:
    """End the program when this process is told to end: the run was stopped, or the machine is."""

    def stop(*_: object) -> None:
        _end(process)
        raise StepFailedError("it was stopped", remedy="run it again")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
