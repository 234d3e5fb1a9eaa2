"""A revision of a Cloud Run service: its server, and what calling it does besides.

https://cloud.google.com/run/docs/container-contract
"""

import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.clouds.gcp.hooks import Invocation, Reply, Run
from tests.clouds.gcp.work import images
from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.container import Container, Machines, variables
from tests.clouds.gcp.work.failures import not_ready, unknown
from tests.clouds.gcp.work.logs import revision_stream
from tests.clouds.gcp.work.mounts import Mount, mounted
from tests.clouds.gcp.work.serving import records
from tests.clouds.servers import ADDRESS_FILE, HOST, GoneError, ModelServer, NotReadyError

_DRAIN_SECONDS = 0.5
_PORT = 8080
_JSON = "application/json"
# What of a call stands for the front of Cloud Run itself, or for this connection.
_NOT_PASSED = frozenset({"host", "connection", "content-length", "accept-encoding"})


@dataclass
class Revision:
    """The server of a revision. Limit: one instance, which is there from the start."""

    run: Run
    machines: Machines
    _server: ModelServer | None = None
    _mounts: Sequence[Mount] = ()

    @property
    def template(self) -> Mapping[str, Any]:
        """The revision as it was asked for."""
        return self.run.request["template"]

    @property
    def service(self) -> str:
        """The service's own name."""
        return self.run.name.split("/")[5]

    @cached_property
    def api(self) -> Api:
        """The cloud, as the revision's account sees it."""
        return Api.of(self.run, self.template.get("serviceAccount", ""))

    @property
    def spec(self) -> Mapping[str, Any]:
        """The container that takes the calls."""
        found = self.template["containers"]
        if len(found) != 1:
            raise unknown("services of several containers")
        return found[0]

    def start(self) -> None:
        """Start the server and wait until its startup probe is answered.

        Raises:
            WorkError: it does not come up; nothing is left then.
        """
        root = Path(tempfile.mkdtemp(dir=self.run.root))
        container = self._container(root)
        self._mounts = [
            mounted(self.template, one, self.api, root) for one in self.spec.get("volumeMounts", ())
        ]
        stream = revision_stream(self.api, self.service, self.run.id)
        self._server = ModelServer.start(container.start(), root, self._probe(), stream)
        try:
            self._server.wait(self.run.stopping)
        except NotReadyError:
            self.stop()
            raise not_ready() from None

    def _probe(self) -> str:
        probe = self.spec.get("startupProbe", {}).get("httpGet")
        if probe is None:
            raise unknown("startup probes but by HTTP")
        return probe.get("path", "/")

    def _container(self, root: Path) -> Container:
        command = images.command(
            self.spec["image"], self.api, self.spec.get("command", ()), self.spec.get("args", ())
        )
        ports = self.spec.get("ports") or [{"containerPort": _PORT}]
        told = {
            "PORT": str(ports[0]["containerPort"]),
            "K_SERVICE": self.service,
            "K_REVISION": self.run.id,
            "K_CONFIGURATION": self.service,
        }
        place = {
            "MLOPS_HOST": HOST,
            "MLOPS_PORT": "0",
            "MLOPS_ADDRESS_FILE": str(root / ADDRESS_FILE),
        }
        return Container(
            root=root,
            command=command,
            environment={**variables(self.spec.get("env", ())), **told},
            base={**self.machines.environment(self.api, root), **place},
        )

    def invoke(self, invocation: Invocation) -> Reply:
        """Answer a call by any of the container's routes; count it."""
        headers = {
            name: value for name, value in invocation.headers.items() if name not in _NOT_PASSED
        }
        try:
            assert self._server is not None
            for mount in self._mounts:
                mount.pull()
            answer = self._server.call(invocation.method, invocation.path, invocation.body, headers)
            for mount in self._mounts:
                mount.push()
        except GoneError:
            answer = Reply(503, json.dumps({"error": "The container does not answer."}).encode())
        records.count_service(self.api, self.service, self.run.id, answer.status)
        return Reply(
            answer.status, answer.body, {"Content-Type": answer.headers.get("content-type", _JSON)}
        )

    def drain(self) -> None:
        """Let a call that has chosen this revision just before be answered."""
        time.sleep(_DRAIN_SECONDS)

    def stop(self) -> None:
        """End the server, and what it has written with it."""
        if self._server is not None:
            self._server.stop()
            shutil.rmtree(self._server.root, ignore_errors=True)
