"""A managed online deployment in service: its server, and what calling it does besides.

https://learn.microsoft.com/azure/machine-learning/how-to-deploy-custom-container
"""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.clouds.azure.hooks import Invocation, Reply, Run
from tests.clouds.azure.work import images, mounts
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.container import Container, environment
from tests.clouds.azure.work.data import Data
from tests.clouds.azure.work.failures import not_ready, unknown
from tests.clouds.azure.work.jobs import identity
from tests.clouds.azure.work.mounts import Cache
from tests.clouds.azure.work.serving.collector import Collector
from tests.clouds.azure.work.serving.log import endpoint_log
from tests.clouds.servers import ADDRESS_FILE, HOST, GoneError, ModelServer, NotReadyError

_DRAIN_SECONDS = 0.5
_MODELS = "var/azureml-app/azureml-models"
_SCORE = "/score"
_ROUTES = {"livenessRoute": "/", "readinessRoute": "/", "scoringRoute": _SCORE}
_GONE = Reply(503, b'{"error": "The container does not answer."}')
_NOT_PASSED = frozenset({"host", "connection", "content-length", "accept-encoding"})


@dataclass
class Deployment:
    """The server of a deployment. Limit: one process, whatever its count of instances."""

    run: Run
    _server: ModelServer | None = None

    @property
    def told(self) -> Mapping[str, Any]:
        """The deployment's properties."""
        return self.run.request["deployment"]["properties"]

    @property
    def data(self) -> Data:
        """What the workspace knows."""
        return Data(self.run, self.run.request["workspace"])

    @cached_property
    def service(self) -> Api:
        """The cloud, as Azure ML itself sees it."""
        return Api.of(self.run)

    @cached_property
    def identity(self) -> Api | None:
        """The cloud, as the endpoint's identity sees it."""
        return identity.of_resource(self.run, self.run.request["endpoint"])

    @cached_property
    def image(self) -> Mapping[str, Any]:
        """The environment's version."""
        return images.environment(
            self.data, self.told.get("environmentId") or "", self.identity or self.service
        )

    @cached_property
    def collector(self) -> Collector:
        """What keeps calls and answers."""
        return Collector(self.run, self.data, self.identity or self.service)

    def route(self, name: str) -> str:
        """Return the path of a route of the environment's inference configuration."""
        told = (self.image.get("inferenceConfig") or {}).get(name) or {}
        return told.get("path") or _ROUTES[name]

    def start(self) -> None:
        """Start the server and wait until its readiness route answers.

        Raises:
            WorkError: it does not come up; nothing is left then.
        """
        if self.told.get("codeConfiguration"):
            raise unknown("scoring scripts: an image serves by itself")
        root = Path(tempfile.mkdtemp(dir=self.run.root))
        container = self._container(root)
        log = endpoint_log(self.run, self.service)
        self._server = ModelServer.start(container.start(), root, self.route("readinessRoute"), log)
        try:
            self._server.wait(self.run.stopping)
        except NotReadyError:
            self.stop()
            raise not_ready() from None

    def _container(self, root: Path) -> Container:
        place = {
            "MLOPS_HOST": HOST,
            "MLOPS_PORT": "0",
            "MLOPS_ADDRESS_FILE": str(root / ADDRESS_FILE),
        }
        given: Mapping[str, Any] = self.told.get("environmentVariables") or {}
        base = environment(self.identity, root, self.service.environment)
        return Container(
            root=root,
            folder=root,
            command=images.program(),
            environment={**self._model(root), **{n: str(v) for n, v in given.items()}},
            base={**base, **place},
        )

    def _model(self, root: Path) -> dict[str, str]:
        """Lay out the model; return what tells where it is: the folder above its own."""
        reference = self.told.get("model")
        if not reference:
            return {}
        known = self.data.asset(reference, "models")
        parts = str(known["id"]).split("/")
        mount = (self.told.get("modelMountPath") or _MODELS).strip("/")
        folder = root / mount / parts[-3] / parts[-1]
        spot = self.data.spot(known["properties"]["modelUri"], "models")
        own = folder / (spot.path.rpartition("/")[2] or "model")
        api = self.identity or self.service
        found = mounts.read(api, spot, own, Cache(self.run.root.parents[0] / "contents"))
        if found.is_file():
            # A file lies in the version's folder itself.
            found.rename(folder / f"{found.name}.own")
            own.rmdir()
            (folder / f"{found.name}.own").rename(folder / found.name)
        return {"AZUREML_MODEL_DIR": str(folder)}

    def invoke(self, invocation: Invocation) -> Reply:
        """Answer a call; keep both when the deployment collects them."""
        headers = {
            name: value for name, value in invocation.headers.items() if name not in _NOT_PASSED
        }
        path, mark, query = invocation.path.partition("?")
        path = self.route("scoringRoute") if path in {"/", _SCORE} else path
        if self._server is None:
            return _GONE
        try:
            answer = self._server.call(
                invocation.method, f"{path}{mark}{query}", invocation.body, headers
            )
        except GoneError:
            return _GONE
        self.collector.keep(invocation, answer)
        kind = answer.headers.get("content-type", "application/json")
        return Reply(answer.status, answer.body, {"Content-Type": kind})

    def drain(self) -> None:
        """Let a call that has chosen this deployment just before be answered."""
        time.sleep(_DRAIN_SECONDS)

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.stop()
