"""What a container is started with: its folder, its command, its variables, its identity."""

import os
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlops_iac.container_contract import TASK
from tests.clouds.containers import Ended, Watch, start, to_the_end
from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.buckets import Mirror
from tests.clouds.gcp.work.metadata import Metadata

SLOTS = threading.Semaphore(4)
"""Jobs' processes that run at once; the rest wait for their turn."""
_ABSOLUTE = re.compile(r"(?<![\w./:-])/(gcs|tmp)(?=/)")


def moved(text: str, root: Path) -> str:
    """Return `text` with paths below `/gcs` and `/tmp` moved below `root`."""
    return _ABSOLUTE.sub(lambda found: str(root) + found[0], text)


@dataclass
class Machines:
    """What all machines of the cloud have: identities and a cache of contents."""

    _metadata: dict[str, Metadata] = field(default_factory=dict[str, Metadata])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def environment(self, api: Api, root: Path) -> dict[str, str]:
        """Return the variables that every container has: addresses, and who it is.

        No token stands in them: Google's libraries get the one of the account from the metadata
        server, as on a machine of Google's.
        """
        temporary = root / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "TMPDIR": str(temporary),
            "LANG": "C.UTF-8",
            "MLOPS_ROOT": str(root),
            **api.overrides,
            # Of google-cloud-storage: code that makes a client without saying where.
            "API_ENDPOINT_OVERRIDE": api.root("storage").rstrip("/"),
            **self._server(api).environment,
        }

    def _server(self, api: Api) -> Metadata:
        with self._lock:
            if api.account not in self._metadata:
                self._metadata[api.account] = Metadata(api)
            return self._metadata[api.account]

    def close(self) -> None:
        """End the metadata servers."""
        with self._lock:
            for server in self._metadata.values():
                server.close()
            self._metadata.clear()


def mirror(api: Api, root: Path, cache: Path) -> Mirror:
    """Return the buckets as a container with this folder sees them."""
    return Mirror(api.storage, root / "gcs", cache)


@dataclass(frozen=True, kw_only=True)
class Container:
    """What is started in the folder that stands for its `/`."""

    root: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    """What the request sets; paths in it are moved."""
    base: Mapping[str, str]
    """What every container has; it comes last, nobody may leave the folder or the cloud."""

    def start(self) -> "subprocess.Popen[str]":
        """Start the process, in a group of its own."""
        own = {name: moved(value, self.root) for name, value in self.environment.items()}
        if own.get(TASK, "").startswith("/"):
            own[TASK] = self._moved_file(Path(own[TASK]))
        # A program is this environment's, wherever that lies.
        command = [self.command[0], *(moved(part, self.root) for part in self.command[1:])]
        return start(command, {**own, **self.base}, self.root)

    def _moved_file(self, path: Path) -> str:
        """Return the path of a copy in which paths are moved: the bucket's own object stays."""
        copy = self.root / "tmp" / path.name
        copy.write_text(moved(path.read_text(encoding="utf-8"), self.root), encoding="utf-8")
        return str(copy)

    def run(self, watch: Watch, tell: Callable[[str], None]) -> Ended:
        """Run to the end; whatever it left running ends with it."""
        return to_the_end(self.start(), watch, tell)


def variables(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the variables of a container's specification.

    Google's JSON leaves empty texts out.
    """
    return {row["name"]: row.get("value", "") for row in rows}
