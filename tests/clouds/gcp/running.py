"""A running test cloud, for tests: its address, its variables, its control routes."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clouds.gcp.addresses import NUMBER, PROJECT, REGION, TOKEN, variables
from tests.clouds.gcp.hooks import Work
from tests.clouds.gcp.server import Server

_REPOSITORY = Path(__file__).parents[3]
_START_SECONDS = 60


@dataclass(frozen=True)
class Cloud:
    """A test cloud and how to reach it."""

    address: str
    project: str = PROJECT
    number: str = NUMBER
    """The project's number, which Vertex AI writes into every name."""
    region: str = REGION
    token: str = TOKEN

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that point our clients and plugins at this cloud."""
        return variables(self.address, self.project, self.token)

    @property
    def location(self) -> str:
        """As `projects/p/locations/r`."""
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def faults(self) -> "AskedFaults":
        """What is to go wrong."""
        return AskedFaults(self)

    @property
    def clock(self) -> "AskedClock":
        """The cloud's time."""
        return AskedClock(self)

    def call(
        self, verb: str, path: str, body: Mapping[str, Any] | None = None, token: str = TOKEN
    ) -> Any:
        """Call a service as any client would, as `GET`, `pubsub/v1/projects/p/topics`.

        Raises:
            Refused: when the cloud refuses.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}/{path}", data, headers, method=verb
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise Refused(json.loads(error.read())["error"]) from None

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
        """Forget everything: resources, faults, time; running work is stopped."""
        self.control("reset")


class Refused(Exception):  # noqa: N818 - it is what the cloud did
    """A refusal, as Google's JSON has it."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error['code']} {error['status']}: {error['message']}")
        self.code: int = error["code"]
        self.status: str = error["status"]


@dataclass(frozen=True)
class AskedFaults:
    """What is to go wrong with a cloud's next calls."""

    cloud: Cloud

    def ask(
        self,
        kind: str,
        method: str = "",
        *,
        service: str = "",
        times: int = 1,
        skip: int = 0,
        seconds: float = 0.0,
    ) -> None:
        """Let the next calls of a method (its id, or the end of it) go wrong; see `FaultKind`."""
        hit = {"service": service, "method": method, "times": times, "skip": skip}
        self.cloud.control("fault", kind=kind, seconds=seconds, **hit)

    def quota(self, service: str, collection: str, limit: int) -> None:
        """Let there be at most so many resources of a collection."""
        self.cloud.control("quota", service=service, collection=collection, limit=limit)

    def held(self, seconds: float = 30) -> bool:
        """Wait until a call is held; tell whether one is."""
        return self.cloud.control("held", seconds=seconds)["held"]

    def release(self) -> None:
        """Let go of held calls."""
        self.cloud.control("release")


@dataclass(frozen=True)
class AskedClock:
    """A cloud's time."""

    cloud: Cloud

    def advance(self, seconds: float) -> list[Any]:
        """Move time on; return what that set off."""
        return self.cloud.control("clock", seconds=seconds)


@contextmanager
def cloud(
    *, root: Path | None = None, work: str = "simulated", project: str = PROJECT
) -> Generator[Cloud]:
    """Run a test cloud in a process of its own.

    Args:
        root: where jobs and endpoints have their files; a temporary folder by default.
        work: what starting a job does: `simulated` ends it after some looks, `processes` executes.
        project: the project that the cloud plays.
    """
    command = [sys.executable, "-m", "tests.clouds.gcp", "--project", project, "--work", work]
    command += ["--root", str(root)] if root else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_REPOSITORY), *sys.path])}
    with subprocess.Popen(
        command, cwd=_REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Cloud(_address(process), project)
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def cloud_here(*, work: Work | str = "simulated", project: str = PROJECT) -> Generator[Cloud]:
    """Run a test cloud in a thread of this process, so that a test can hand it its own work."""
    with (
        tempfile.TemporaryDirectory(prefix="mlops-gcp-") as root,
        Server(root=Path(root), project=project, work=work) as server,
    ):
        yield Cloud(server.address, project)


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline().strip() if ready else ""
    if not line:
        process.kill()
        raise RuntimeError("the test cloud did not start")
    return line
