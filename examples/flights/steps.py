"""The steps of a demonstration: the commands a user would type, each with its seconds."""

import json
import os
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

COMMAND = Path(sys.executable).with_name("mlops-iac")
WIDTH = 100
"""Columns that everything printed fits into."""


class StepError(Exception):
    """A step did not do what it is there to show."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(message)
        self.step = step


class Steps:
    """Runs steps one after the other in one folder, and tells about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.began = time.monotonic()
        self._name = "start"

    @contextmanager
    def step(self, name: str, title: str) -> Generator[None]:
        """Show a step and its seconds; what goes wrong inside is blamed on it."""
        self._name = name
        print(f"\n── {title} {'─' * (WIDTH - len(title) - 4)}", flush=True)
        before = time.monotonic()
        try:
            yield
        except (OSError, ValueError, KeyError) as error:
            raise StepError(name, f"{type(error).__name__}: {error}") from error
        print(f"   {time.monotonic() - before:.1f} s", flush=True)

    def require(self, condition: object, message: str) -> None:
        """Fail the present step when `condition` does not hold."""
        if not condition:
            raise StepError(self._name, message)

    def command(self, *words: str, show: bool = True, fails: bool = False) -> str:
        """Run `mlops-iac` as a user would, and return what it printed.

        With `fails` it must exit with 1, and what it says about that is returned.
        """
        print(shortened(f"$ mlops-iac {shlex.join(words)}"), flush=True)
        done = subprocess.run(
            [COMMAND, *words],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if fails else None,
            text=True,
            check=False,
        )
        is_right = done.returncode == (1 if fails else 0)
        self.require(is_right, f"`mlops-iac {words[0]}` exits {done.returncode}\n{done.stdout}")
        if show:
            print(wrapped(done.stdout), flush=True)
        return done.stdout

    def document(self, *words: str) -> Any:
        """Run a command and return what it printed as JSON."""
        return json.loads(self.command(*words, show=False))

    def status(self, component: str) -> dict[str, Any]:
        """Return how a component is now."""
        found = self.document("status", "--json")
        return next(item for item in found if item["component"] == component)

    def ports(self) -> list[int]:
        """Return the ports of the stack's servers."""
        urls = (item["details"].get("url") for item in self.document("status", "--json"))
        ports = (urlsplit(str(url)).port for url in urls if url)
        return [port for port in ports if port]


def shortened(line: str) -> str:
    """Return `line` cut to the width."""
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def wrapped(text: str) -> str:
    """Return `text` with long lines broken at the width, indented under their beginning."""
    lines: list[str] = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        lines += textwrap.wrap(line, WIDTH, subsequent_indent=indent) or [""]
    return "\n".join(lines)
