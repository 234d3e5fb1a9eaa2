"""Where work is done: a folder, the server's address, and the processes that run now."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ACCESS_KEY = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
CONTAINERS = 4
"""Jobs' processes that run at once; the rest wait for their turn."""
GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL; SageMaker gives 120 s."""


@dataclass
class Bench:
    """One server's workshop. All of its processes end with `close`."""

    root: Path
    address: str
    """Of the server itself, which work asks for data and tells its results."""
    region: str = "eu-west-1"
    account: str = "123456789012"
    slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(CONTAINERS))
    _clients: dict[str, Any] = field(default_factory=dict[str, Any])
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def client(self, service: str) -> Any:
        """Return a client of the server itself."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = boto3.client(
                    service,
                    endpoint_url=self.address,
                    region_name=self.region,
                    config=Config(retries={"total_max_attempts": 4}, max_pool_connections=32),
                    **{name.lower(): value for name, value in ACCESS_KEY.items()},
                )
            return self._clients[service]

    def folder(self, kind: str, name: str) -> Path:
        """Return a new, empty folder that stands for a container's `/`."""
        parent = self.root / kind
        parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))

    def environment(self, root: Path, *, isolated: bool) -> dict[str, str]:
        """Return the variables of a container; an isolated one has no way to AWS."""
        temporary = root / "tmp"
        temporary.mkdir(exist_ok=True)
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(root),
            "TMPDIR": str(temporary),
            "LANG": "C.UTF-8",
            "MLOPS_ROOT": str(root),
        }
        return own if isolated else {**own, **self._ways_out()}

    def _ways_out(self) -> Mapping[str, str]:
        return {
            **ACCESS_KEY,
            "AWS_ENDPOINT_URL": self.address,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def arn(self, resource: str) -> str:
        """Return the ARN of something of SageMaker's."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{resource}"


def discard(root: Path) -> None:
    """Remove a container's folder; what a script made unreadable stays."""
    shutil.rmtree(root, ignore_errors=True)


def end_group(number: int, signal_number: signal.Signals) -> None:
    """Send a signal to a process and all that it started."""
    try:
        os.killpg(number, signal_number)
    except ProcessLookupError:
        return
