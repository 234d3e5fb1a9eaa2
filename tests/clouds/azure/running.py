"""A running test cloud, for tests: its address, its variables, its control routes."""

import json
import os
import select
import ssl
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

from tests.clouds.azure import tokens
from tests.clouds.azure.addresses import (
    ARM,
    REGION,
    SUBSCRIPTION,
    TENANT,
    USER,
    variables,
)
from tests.clouds.azure.asked import AskedClock, AskedFaults
from tests.clouds.azure.hooks import Work
from tests.clouds.azure.refused import Refused, read
from tests.clouds.azure.server import Server
from tests.clouds.azure.versions import version_of

_REPOSITORY = Path(__file__).parents[3]
_START_SECONDS = 60
_AUDIENCES: Mapping[str, str] = {
    "blob": tokens.STORAGE[0],
    "table": tokens.STORAGE[0],
    "vault": tokens.VAULT[0],
    "inference": tokens.MACHINE_LEARNING[0],
    "mlflow": tokens.MANAGEMENT[0],
    "logs": tokens.LOGS[0],
    "metrics": tokens.MONITOR[0],
    "registry": tokens.REGISTRY[0],
}
"""Whom the tokens of `Cloud.call` are for; Azure Resource Manager's by default."""


@dataclass(frozen=True)
class Cloud:
    """A test cloud and how to reach it."""

    address: str
    authority: str
    """The file of the certificate that signed the cloud's."""
    subscription: str = SUBSCRIPTION
    region: str = REGION
    tenant: str = TENANT

    @property
    def environment(self) -> Mapping[str, str]:
        """Variables that point our clients and plugins, and Azure's own, at this cloud."""
        return variables(self.address, self.authority, self.subscription)

    def environment_of(self, identity: str) -> Mapping[str, str]:
        """Return the variables of a machine that has an identity (id, client or principal id)."""
        return self.control("environment", identity=identity)

    @property
    def arm(self) -> str:
        """Where Azure Resource Manager answers."""
        return f"{self.address}/{ARM}"

    @property
    def scope(self) -> str:
        """The subscription's id, as `/subscriptions/s`."""
        return f"/subscriptions/{self.subscription}"

    @property
    def faults(self) -> AskedFaults:
        """What is to go wrong."""
        return AskedFaults(self.control)

    @property
    def clock(self) -> AskedClock:
        """The cloud's time."""
        return AskedClock(self.control)

    @property
    def tls(self) -> ssl.SSLContext:
        """What a client of this cloud speaks TLS with."""
        return ssl.create_default_context(cafile=self.authority)

    def token(self, audience: str = tokens.MANAGEMENT[0], identity: str = "") -> str:
        """Return a token of the user, or of an identity (id, client or principal id)."""
        if not identity:
            return tokens.make(USER, audience)
        return self.control("token", identity=identity, audience=audience)["token"]

    def call(
        self,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        identity: str = "",
        token: str | None = None,
    ) -> Any:
        """Call a service as any client would, as `GET`, `resourcemanager/subscriptions/s`.

        Args:
            verb: of HTTP.
            path: the service and what is below it.
            body: JSON.
            identity: who asks; the user by default.
            token: what stands in the request; one of `identity` by default, none when empty.

        Raises:
            Refused: when the cloud refuses.
        """
        return self.answer(verb, path, body, identity=identity, token=token)[1]

    def answer(
        self,
        verb: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        identity: str = "",
        token: str | None = None,
    ) -> tuple[Mapping[str, str], Any]:
        """Do as `call`; return the headers (with `status`) and the body."""
        service = path.partition("/")[0]
        if token is None:
            token = self.token(_AUDIENCES.get(service, tokens.MANAGEMENT[0]), identity)
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}/{path}", data, headers, method=verb
        )
        try:
            with urllib.request.urlopen(request, timeout=120, context=self.tls) as answer:  # noqa: S310
                told = {**answer.headers, "status": str(answer.status)}
                return told, read(answer.read())
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read()) from None

    def ask(
        self,
        verb: str,
        resource: str,
        body: Mapping[str, Any] | None = None,
        *,
        identity: str = "",
    ) -> Any:
        """Call Azure Resource Manager about a resource, collection or action, and wait for it.

        The version of its API is added; what is answered by an operation is looked at until it has
        ended, and the resource as it is then is returned (None when it is gone).

        Raises:
            Refused: when the cloud refuses, or the operation fails.
        """
        mark = "&" if "?" in resource else "?"
        path = f"{ARM}{resource}{mark}api-version={version_of(resource)}"
        headers, told = self.answer(verb, path, body, identity=identity)
        place = headers.get("Azure-AsyncOperation") or headers.get("Location")
        if not place:
            return told
        self._await(place, identity)
        if verb == "POST":
            return self._result(headers, identity)
        return None if verb == "DELETE" else self.call("GET", path, identity=identity)

    def _await(self, place: str, identity: str) -> None:
        path = place.removeprefix(f"{self.address}/")
        while True:
            headers, told = self.answer("GET", path, identity=identity)
            status = (told or {}).get("status", "")
            if status in {"Failed", "Canceled"}:
                raise Refused(400, json.dumps({"error": told["error"]}).encode())
            if headers["status"] != "202" and status in {"", "Succeeded"}:
                return

    def _result(self, headers: Mapping[str, str], identity: str) -> Any:
        place = headers.get("Location", "").removeprefix(f"{self.address}/")
        return self.call("GET", place, identity=identity) if place else None

    def control(self, what: str, **values: Any) -> Any:
        """Ask the cloud itself, at `/_cloud/<what>`; the routes are in README.md.

        Raises:
            ValueError: with the cloud's own words, when it does not do that.
        """
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.address}/_cloud/{what}", json.dumps(values).encode(), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=120, context=self.tls) as answer:  # noqa: S310
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None

    def reset(self) -> None:
        """Forget everything: resources, faults, time; running work is stopped."""
        self.control("reset")


@contextmanager
def cloud(
    *, root: Path | None = None, work: str = "simulated", subscription: str = SUBSCRIPTION
) -> Generator[Cloud]:
    """Run a test cloud in a process of its own.

    Args:
        root: where jobs and endpoints have their files; a temporary folder by default.
        work: what starting a job does: `simulated` ends it after some looks, `processes` executes.
        subscription: the one that the cloud plays.
    """
    command = [sys.executable, "-m", "tests.clouds.azure", "--subscription", subscription]
    command += ["--work", work, *(["--root", str(root)] if root else [])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_REPOSITORY), *sys.path])}
    with subprocess.Popen(
        command, cwd=_REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            address, authority = _told(process)
            yield Cloud(address, authority, subscription)
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def cloud_here(
    *, work: Work | str = "simulated", subscription: str = SUBSCRIPTION
) -> Generator[Cloud]:
    """Run a test cloud in a thread of this process, so that a test can hand it its own work."""
    with (
        tempfile.TemporaryDirectory(prefix="mlops-azure-") as root,
        Server(root=Path(root), subscription=subscription, work=work) as server,
    ):
        yield Cloud(server.address, server.world.authority, subscription)


def _told(process: "subprocess.Popen[str]") -> list[str]:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline().split() if ready else []
    if not line:
        process.kill()
        raise RuntimeError("the test cloud did not start")
    return line
