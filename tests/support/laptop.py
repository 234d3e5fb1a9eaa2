"""A project on this machine, driven as a user does: by the `mlops-iac` command."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

COMMAND = str(Path(sys.executable).parent / "mlops-iac")
_INHERITED = ("HOME", "LANG", "XDG_CACHE_HOME", "TMPDIR")


@dataclass(frozen=True)
class Laptop:
    """One project folder, and the processes that belong to it."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """A clean environment: nothing of Pulumi's or ours is inherited."""
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return {**kept, "PATH": "/usr/local/bin:/usr/bin:/bin", "NO_COLOR": "1"}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start a command in a session of its own, so that it can be killed alone."""
        return subprocess.Popen(
            [COMMAND, *words],
            cwd=self.folder,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command to its end, check its exit code, and return its standard output."""
        process = self.start(*words)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, f"{words} exited {process.returncode}\n{out}\n{err}"
        return out

    def json(self, *words: str) -> Any:
        """Run a command with `--json` and return its document."""
        return json.loads(self.run(*words, "--json"))

    def json_text(self, *words: str) -> Any:
        """Run a command whose output is always JSON and return its document."""
        return json.loads(self.run(*words))

    def processes(self, marks: tuple[str, ...] = ()) -> list[psutil.Process]:
        """Return the living processes that work in or for this project."""
        return [p for p in psutil.process_iter() if self._is_ours(p, marks)]

    def _is_ours(self, process: psutil.Process, marks: tuple[str, ...]) -> bool:
        folder = str(self.folder)
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            words = " ".join(process.cmdline())
            inside = folder in words or process.cwd().startswith(folder)
            return inside and (not marks or any(mark in words for mark in marks))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return False

    def listening(self) -> list[int]:
        """Return the TCP ports that processes of this project listen on."""
        ports: list[int] = []
        for process in self.processes():
            try:
                found = process.net_connections("tcp")
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
            ports += [c.laddr.port for c in found if c.status == psutil.CONN_LISTEN]
        return ports


def eventually(check: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until `check` holds; fail when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
