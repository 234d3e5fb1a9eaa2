"""One process that stands for a container: its folder, command, variables, output and end."""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from tests.clouds.aws.hooks import Run

GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL; SageMaker gives 120 s."""
LIMIT_SECONDS = 900.0
"""A job has no more, whatever it asks for: what hangs is to end before its test does."""
SLOTS = threading.Semaphore(4)
"""Jobs' processes that run at once; the rest wait for their turn."""
_LOOK_SECONDS = 0.05
_ABSOLUTE = re.compile(r"(?<![\w./-])/opt/ml(?=/|$|[^\w])")


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


def moved(text: str, root: Path) -> str:
    """Return `text` with paths below `/opt/ml` moved below `root`."""
    return _ABSOLUTE.sub(lambda found: str(root) + found[0], text)


def base_environment(run: Run, root: Path, *, isolated: bool) -> dict[str, str]:
    """Return the variables that every container has; an isolated one has no way to AWS."""
    temporary = root / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    own = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "MLOPS_ROOT": str(root),
    }
    return own if isolated else {**own, **run.environment}


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is started in the folder that stands for its `/`."""

    root: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    """What the request sets; paths in it are moved."""
    base: Mapping[str, str]
    """What every container has; it comes last, nobody may leave the folder or the server."""

    def start(self) -> "subprocess.Popen[str]":
        """Start the process, in a group of its own."""
        own = {name: moved(value, self.root) for name, value in self.environment.items()}
        return subprocess.Popen(
            [moved(part, self.root) for part in self.command],
            env={**own, **self.base},
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def run(self, watch: "Watch", tell: Callable[[str], None]) -> Ended:
        """Run to the end; whatever it left running ends with it."""
        with SLOTS:
            process = self.start()
            reader = drain(process, tell)
            try:
                why = watch.over(process)
            finally:
                end(process)
                reader.join()
        return Ended(why, process.returncode)


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
