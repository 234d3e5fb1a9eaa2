"""A revision of a Container App: its server, and what calling it does besides.

https://learn.microsoft.com/azure/container-apps/containers
"""

import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.clouds.azure.hooks import Invocation, Reply, Run
from tests.clouds.azure.work import images
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.container import Container, Protocol, environment
from tests.clouds.azure.work.failures import not_ready, unknown
from tests.clouds.azure.work.jobs import identity
from tests.clouds.azure.work.serving import volumes
from tests.clouds.azure.work.serving.counting import count
from tests.clouds.azure.work.serving.log import app_log
from tests.clouds.servers import ADDRESS_FILE, HOST, GoneError, ModelServer, NotReadyError

_DRAIN_SECONDS = 0.5
_PORT = 80
_JSON = "application/json"
# What of a call stands for the front of Container Apps itself, or for this connection.
_NOT_PASSED = frozenset({"host", "connection", "content-length", "accept-encoding"})
_GONE = Reply(503, b"upstream connect error or disconnect/reset before headers")
_PROBES = ("Startup", "Readiness", "Liveness")


@dataclass
class Revision:
    """The server of a revision. Limit: one replica, which is there from the start."""

    run: Run
    _server: ModelServer | None = None

    @property
    def app(self) -> Mapping[str, Any]:
        """The Container App with this revision's template."""
        return self.run.request["app"]

    @property
    def template(self) -> Mapping[str, Any]:
        """The revision as it was asked for."""
        return self.app["properties"]["template"]

    @property
    def spec(self) -> Mapping[str, Any]:
        """The container that takes the calls."""
        found: Sequence[Mapping[str, Any]] = self.template["containers"]
        if len(found) != 1:
            raise unknown("apps of several containers")
        return found[0]

    @cached_property
    def service(self) -> Api:
        """The cloud, as Container Apps itself sees it."""
        return Api.of(self.run)

    @cached_property
    def identity(self) -> Api | None:
        """The cloud, as the app's identity sees it."""
        return identity.of_resource(self.run, self.app)

    def start(self) -> None:
        """Start the server and wait until its probe is answered.

        Raises:
            WorkError: it does not come up; nothing is left then.
        """
        images.require(self.spec["image"], self.identity or self.service)
        root = Path(tempfile.mkdtemp(dir=self.run.root))
        container = self._container(root)
        log = app_log(self.run, self.service)
        self._server = ModelServer.start(container.start(), root, self._probe(), log)
        try:
            self._server.wait(self.run.stopping)
        except NotReadyError:
            self.stop()
            raise not_ready() from None

    def _probe(self) -> str:
        probes = {one.get("type"): one.get("httpGet") for one in self.spec.get("probes") or ()}
        found = next((probes[kind] for kind in _PROBES if probes.get(kind)), None)
        if found is None:
            raise unknown("apps without a probe by HTTP")
        return found.get("path") or "/"

    def _container(self, root: Path) -> Container:
        told = volumes.secrets(self.app, self.service, self.run)
        mounts = volumes.mounted(self.template, self.spec, told, root)
        ingress = (self.app["properties"].get("configuration") or {}).get("ingress") or {}
        own = {
            "CONTAINER_APP_NAME": self.app["name"],
            "CONTAINER_APP_REVISION": self.run.id,
            "CONTAINER_APP_REPLICA_NAME": f"{self.run.id}-0",
            "CONTAINER_APP_PORT": str(ingress.get("targetPort") or _PORT),
        }
        place = {
            "MLOPS_HOST": HOST,
            "MLOPS_PORT": "0",
            "MLOPS_ADDRESS_FILE": str(root / ADDRESS_FILE),
        }
        base = environment(self.identity, root, self.service.environment, Protocol.APP_SERVICE)
        return Container(
            root=root,
            folder=root,
            command=images.program(self.spec.get("command") or (), self.spec.get("args") or ()),
            environment={**_variables(self.spec, told), **own},
            base={**base, **place},
            mounts=mounts,
        )

    def invoke(self, invocation: Invocation) -> Reply:
        """Answer a call by any of the container's routes."""
        headers = {
            name: value for name, value in invocation.headers.items() if name not in _NOT_PASSED
        }
        if self._server is None:
            return _GONE
        try:
            answer = self._server.call(invocation.method, invocation.path, invocation.body, headers)
        except GoneError:
            return _GONE
        count(self.run, self.service, answer.status)
        kind = answer.headers.get("content-type", _JSON)
        return Reply(answer.status, answer.body, {"Content-Type": kind})

    def drain(self) -> None:
        """Let a call that has chosen this revision just before be answered."""
        time.sleep(_DRAIN_SECONDS)

    def stop(self) -> None:
        """End the server, and what it has written with it."""
        if self._server is not None:
            self._server.stop()
            shutil.rmtree(self._server.root, ignore_errors=True)


def _variables(spec: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a container, those of secrets with their values."""
    return {
        one["name"]: secrets[one["secretRef"]] if one.get("secretRef") else one.get("value", "")
        for one in spec.get("env") or ()
    }
