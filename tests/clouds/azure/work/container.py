"""What a container is started with: its folder, its command, its variables, its identity."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.clouds.azure.work.api import Api
from tests.clouds.containers import Ended, Watch, start, to_the_end

SLOTS = threading.Semaphore(4)
"""Jobs' processes that run at once; the rest wait for their turn."""
_TEMPORARY = "/tmp"  # noqa: S108  a container's own


class Protocol(Enum):
    """How a machine's identity endpoint is spoken to; the values are variables."""

    MACHINE_LEARNING = ("MSI_ENDPOINT", "MSI_SECRET")
    APP_SERVICE = ("IDENTITY_ENDPOINT", "IDENTITY_HEADER")


def moved(text: str, root: Path, mounts: Sequence[str] = ()) -> str:
    """Return `text` with paths below `/tmp` and below mounts moved below `root`."""
    every = "|".join(re.escape(one) for one in (_TEMPORARY, *mounts))
    # What is below `root` already stays.
    absolute = re.compile(rf"(?<![\w./:-])(?!{re.escape(str(root))})(?:{every})(?=/)")
    return absolute.sub(lambda found: str(root) + found[0], text)


def environment(
    api: Api | None,
    root: Path,
    cloud: Mapping[str, str],
    protocol: Protocol = Protocol.MACHINE_LEARNING,
) -> dict[str, str]:
    """Return the variables that every container has: addresses, and who it is.

    No token stands in them: azure-identity gets the one of the identity from the machine's
    endpoint, as on a machine of Azure ML's.

    Args:
        api: the calls of the identity; None for a container that has none.
        root: what stands for its `/`.
        cloud: the variables that point anybody at the cloud.
        protocol: how it asks for its tokens.
    """
    temporary = root / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    of_cloud = Protocol.MACHINE_LEARNING.value
    known = {name: value for name, value in cloud.items() if name not in of_cloud}
    own = [api.environment[name] for name in of_cloud] if api else []
    identity = dict(zip(protocol.value, own, strict=False))
    return {
        **known,
        **identity,
        # `python` in a container is this one.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(root),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "MLOPS_ROOT": str(root),
    }


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is started in the folder that stands for its `/`."""

    root: Path
    folder: Path
    """Where it is started."""
    command: Sequence[str]
    environment: Mapping[str, str]
    """What the request sets; paths in it are moved."""
    base: Mapping[str, str]
    """What every container has; it comes last, nobody may leave the folder or the cloud."""
    mounts: Sequence[str] = ()
    """Further paths that are moved."""

    def start(self) -> "subprocess.Popen[str]":
        """Start the process, in a group of its own."""
        own = {
            name: moved(value, self.root, self.mounts) for name, value in self.environment.items()
        }
        # A program is this environment's, wherever that lies.
        command = [
            self.command[0],
            *(moved(part, self.root, self.mounts) for part in self.command[1:]),
        ]
        return start(command, {**own, **self.base}, self.folder)

    def run(self, watch: Watch, tell: Callable[[str], None]) -> Ended:
        """Run to the end; whatever it left running ends with it."""
        return to_the_end(self.start(), watch, tell)
