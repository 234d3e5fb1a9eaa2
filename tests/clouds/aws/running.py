"""A running test cloud, for tests: its address, its clients, its control routes."""

import json
import os
import select
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from tests.clouds.aws.hooks import Work
from tests.clouds.aws.server import ACCOUNT, Server

REGION = "eu-west-1"
_REPOSITORY = Path(__file__).parents[3]
_START_SECONDS = 60


@dataclass
class Cloud:
    """A test cloud and how to reach it. Its state is one: clouds of one process share it."""

    address: str
    account: str = ACCOUNT
    region: str = REGION
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that point any AWS SDK and our stand-in plugins at this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str | None = None) -> Any:
        """Return boto3's client of a service at this cloud; it tries each call once."""
        key = (service, region or self.region)
        if key not in self._clients:
            self._clients[key] = _client(self.address, *key)
        return self._clients[key]

    def control(self, what: str, **values: Any) -> Any:
        """Ask the cloud itself, at `/_cloud/<what>`; the routes are in README.md.

        Raises:
            ValueError: with the cloud's own words, when it does not do that.
        """
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}/_cloud/{what}", json.dumps(values).encode(), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None

    def reset(self) -> None:
        """Forget everything: resources, faults, events; running work is stopped."""
        self.control("reset")


@contextmanager
def cloud(
    *, root: Path | None = None, work: str = "instant", account: str = ACCOUNT
) -> Generator[Cloud]:
    """Run a test cloud in a process of its own.

    Args:
        root: where jobs and endpoints have their files; a temporary folder by default.
        work: what starting a job does: `instant` ends it at once, `processes` executes it.
        account: the account that the cloud plays.
    """
    command = [sys.executable, "-m", "tests.clouds.aws", "--account", account, "--work", work]
    command += ["--root", str(root)] if root else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_REPOSITORY), *sys.path])}
    with subprocess.Popen(
        command, cwd=_REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Cloud(_address(process), account)
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def cloud_here(*, work: Work | str = "instant", account: str = ACCOUNT) -> Generator[Cloud]:
    """Run a test cloud in a thread of this process, so that a test can hand it its own work.

    moto's state is one for a process: only one such cloud at a time.
    """
    with (
        tempfile.TemporaryDirectory(prefix="mlops-aws-") as root,
        Server(root=Path(root), account=account, work=work) as server,
    ):
        yield Cloud(server.address, account)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline().strip() if ready else ""
    if not line:
        process.kill()
        raise RuntimeError("the test cloud did not start")
    return line


def _client(address: str, service: str, region: str) -> Any:
    session = boto3.Session("testing", "testing", region_name=region)
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=120)
    return session.client(service, endpoint_url=address, config=config)
