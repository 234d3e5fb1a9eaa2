"""One process that stands for a container: its folder, command and variables."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.clouds.aws.hooks import Run
from tests.clouds.containers import Ended, Watch, Why, drain, end, start, terminate, to_the_end

__all__ = ["Container", "Ended", "Watch", "Why", "drain", "end", "terminate"]

SLOTS = threading.Semaphore(4)
"""Jobs' processes that run at once; the rest wait for their turn."""
_ABSOLUTE = re.compile(r"(?<![\w./-])/opt/ml(?=/|$|[^\w])")


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
        command = [moved(part, self.root) for part in self.command]
        return start(command, {**own, **self.base}, self.root)

    def run(self, watch: Watch, tell: Callable[[str], None]) -> Ended:
        """Run to the end; whatever it left running ends with it."""
        with SLOTS:
            return to_the_end(self.start(), watch, tell)
