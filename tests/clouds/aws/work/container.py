"""One process that stands for a container: its command, variables, output and end."""

import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.clouds.aws.work.bench import GRACE_SECONDS, end_group

_ABSOLUTE = re.compile(r"(?<![\w./-])/opt/ml(?=/|$)")


def moved(text: str, root: Path) -> str:
    """Return `text` with paths below `/opt/ml` moved below `root`."""
    return _ABSOLUTE.sub(lambda found: str(root) + found[0], text)


@dataclass
class Control:
    """How a run is stopped from outside; each run has one."""

    is_stopped: bool = False
    is_interrupted: bool = False
    """Whether the machine is taken away (spot); the run begins again."""
    _process: "subprocess.Popen[str] | None" = None
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _listeners: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def stop(self) -> None:
        """End the run, and what it waits for."""
        with self._lock:
            self.is_stopped = True
            listeners = [*self._listeners]
            self._end(signal.SIGTERM)
        for listener in listeners:
            listener()

    def interrupt(self) -> None:
        """Take the machine away at once."""
        with self._lock:
            self.is_interrupted = True
            self._end(signal.SIGKILL)

    def on_stop(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when the run is stopped, now if it is already."""
        with self._lock:
            self._listeners.append(listener)
            is_late = self.is_stopped
        if is_late:
            listener()

    def holds(self, process: "subprocess.Popen[str]") -> None:
        """Take the process that a stop is to end."""
        with self._lock:
            self._process = process
            if self.is_stopped:
                self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            end_group(self._process.pid, number)
            if number is signal.SIGTERM:
                killing = threading.Timer(
                    GRACE_SECONDS, end_group, (self._process.pid, signal.SIGKILL)
                )
                killing.daemon = True
                killing.start()


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is started."""

    root: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    """Variables besides those of the bench; paths in them are moved."""
    base: Mapping[str, str]
    """Variables of the bench."""

    def start(self) -> "subprocess.Popen[str]":
        """Start the process, in a group of its own."""
        own = {name: moved(value, self.root) for name, value in self.environment.items()}
        return subprocess.Popen(
            [moved(part, self.root) for part in self.command],
            # The bench's come last: nobody may leave the root or the server.
            env={**own, **self.base},
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def run(self, control: Control, seconds: float, tell: Callable[[str], None]) -> int | None:
        """Run to the end, return the exit code; `None` when the time was up."""
        process = self.start()
        control.holds(process)
        reader = threading.Thread(target=_drain, args=(process, tell), daemon=True)
        reader.start()
        try:
            return process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            # Also what the script left running in its group.
            end_group(process.pid, signal.SIGKILL)
            process.wait()
            reader.join()


def _drain(process: "subprocess.Popen[str]", tell: Callable[[str], None]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            tell(line.rstrip("\n"))
