"""One process that stands for a container, whichever cloud it is of: started, watched, ended."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL; the clouds give more."""
LIMIT_SECONDS = 900.0
"""A job has no more, whatever it asks for: what hangs is to end before its test does."""
_LOOK_SECONDS = 0.05


class Why(StrEnum):
    """What ended a process."""

    EXITED = "exited"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    TIME_IS_UP = "time is up"


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    why: Why
    code: int

    @property
    def is_success(self) -> bool:
        """Whether it came to its end by itself, and well."""
        return self.why is Why.EXITED and self.code == 0


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What may end a process before its time."""

    stopping: threading.Event
    seconds: float = LIMIT_SECONDS
    interrupting: threading.Event = field(default_factory=threading.Event)
    """Set when the machine is taken away (spot)."""

    def over(self, process: "subprocess.Popen[str]") -> Why:
        """Wait until the process ends, or end it; return why."""
        deadline = time.monotonic() + min(self.seconds, LIMIT_SECONDS)
        while process.poll() is None:
            if self.stopping.wait(_LOOK_SECONDS):
                terminate(process)
                return Why.STOPPED
            if self.interrupting.is_set():
                return Why.INTERRUPTED
            if time.monotonic() > deadline:
                terminate(process)
                return Why.TIME_IS_UP
        return Why.EXITED


def start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> "subprocess.Popen[str]":
    """Start a process in a folder, in a group of its own; its output is one stream."""
    return subprocess.Popen(
        [*command],
        env={**environment},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def to_the_end(
    process: "subprocess.Popen[str]", watch: Watch, tell: Callable[[str], None]
) -> Ended:
    """Wait for a process's end; whatever it left running ends with it."""
    reader = drain(process, tell)
    try:
        why = watch.over(process)
    finally:
        end(process)
        reader.join()
    return Ended(why, process.returncode)


def drain(process: "subprocess.Popen[str]", tell: Callable[[str], None]) -> threading.Thread:
    """Hand over each line of a process's output, in a thread that ends with it."""

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                tell(line.rstrip("\n"))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return reader


def terminate(process: "subprocess.Popen[str]") -> None:
    """Ask a process to end, and wait as long as a container is given."""
    _signal(process, signal.SIGTERM)
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """End a process and all that it started, at once."""
    _signal(process, signal.SIGKILL)
    process.wait()


def _signal(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
