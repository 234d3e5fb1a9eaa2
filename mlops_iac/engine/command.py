"""The Pulumi CLI as a child process: private files, and signals that reach it exactly once."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import IO

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from mlops_iac.engine.cli import pulumi_version
from mlops_iac.engine.files import PRIVATE_UMASK

_FORWARDED = (signal.SIGINT, signal.SIGTERM)
_Output = Callable[[str], object]


class Command(PulumiCommand):
    """Runs the CLI with umask 077 and in a process group of its own.

    Pulumi writes its state world-readable otherwise. In our group the terminal would send Ctrl-C
    to the CLI as well as to us, and Pulumi takes a second one as the order to die at once.
    """

    def __init__(self, path: Path) -> None:
        """Take the CLI at `path`; its version has been checked by whoever found it."""
        self.command = str(path)
        self.version = VersionInfo(*pulumi_version(path))
        self.signals = 0
        """Signals forwarded so far; more than none explains why the CLI failed."""

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: _Output | None = None,
        on_error: _Output | None = None,
    ) -> CommandResult:
        """Run one command; raises what Pulumi's own class raises when it fails."""
        result = self.call(args, cwd, additional_env, on_output=on_output, on_error=on_error)
        if result.code != 0:
            raise create_command_error(result)
        return result

    def call(  # noqa: PLR0913 - what Pulumi's `run` takes, and the input
        self,
        args: list[str],
        cwd: str,
        environment: Mapping[str, str],
        *,
        on_output: _Output | None = None,
        on_error: _Output | None = None,
        text: str | None = None,
    ) -> CommandResult:
        """Run one command with `text` on its standard input, and return whatever it answers."""
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **environment, "PULUMI_AUTOMATION_API": "true"},
            encoding="utf-8",
            umask=PRIVATE_UMASK,
            process_group=0,
        )
        with process, self._forwarding(process):
            stdout, stderr = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
            if text is not None and process.stdin is not None:
                process.stdin.write(text)
                process.stdin.close()
            code = process.wait()
            return CommandResult(stdout.text(), stderr.text(), code)

    @contextmanager
    def _forwarding(self, process: "subprocess.Popen[str]") -> Generator[None, None, None]:
        """Send the signals that end a program on to the CLI, which then ends by itself."""
        if threading.current_thread() is not threading.main_thread():
            # Only the main thread may install handlers; there, Python's own stay in force.
            yield
            return

        def forward(_number: int, _frame: FrameType | None) -> None:
            self.signals += 1
            process.send_signal(signal.SIGINT)

        before = {number: signal.signal(number, forward) for number in _FORWARDED}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Reader:
    """Collects the lines of one stream in a thread of its own."""

    def __init__(self, stream: IO[str] | None, report: _Output | None) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, report), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, report: _Output | None) -> None:
        for line in stream or ():
            self._lines.append(line.rstrip())
            if report is not None:
                report(self._lines[-1])

    def text(self) -> str:
        self._thread.join()
        return "\n".join(self._lines)
