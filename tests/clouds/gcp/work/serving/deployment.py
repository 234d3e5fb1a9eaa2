"""A deployed model in service: its server, and what calling it does besides."""

import json
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.clouds.gcp.hooks import Invocation, Reply, Run
from tests.clouds.gcp.work import images
from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.container import Container, Machines, variables
from tests.clouds.gcp.work.failures import not_ready
from tests.clouds.gcp.work.logs import endpoint_stream
from tests.clouds.gcp.work.pools import stamp
from tests.clouds.gcp.work.serving import records
from tests.clouds.servers import ADDRESS_FILE, HOST, GoneError, ModelServer, NotReadyError

_DRAIN_SECONDS = 0.5
_PORT = 8080
_JSON = {"content-type": "application/json"}
_PASSED = ("content-type", "accept")


@dataclass
class Deployment:
    """The server of a deployed model. Limit: one process, whatever its count of replicas."""

    run: Run
    machines: Machines
    draw: random.Random = field(default_factory=lambda: random.Random(0))
    _server: ModelServer | None = None

    @property
    def deployed(self) -> Any:
        """The deployed model; `status` is told in it."""
        return self.run.request["deployedModel"]

    @property
    def spec(self) -> Mapping[str, Any]:
        """How the model is served."""
        return self.run.request["model"]["containerSpec"]

    @property
    def endpoint(self) -> Mapping[str, Any]:
        """The endpoint as it is now."""
        return self.run.request["endpoint"]

    @cached_property
    def api(self) -> Api:
        """The cloud, as the deployment's account sees it."""
        return Api.of(self.run, self.deployed.get("serviceAccount", ""))

    @property
    def routes(self) -> tuple[str, str]:
        """Health and prediction."""
        own = f"/v1/endpoints/{self._endpoint_id}/deployedModels/{self.deployed['id']}"
        return self.spec.get("healthRoute", own), self.spec.get("predictRoute", f"{own}:predict")

    @property
    def _endpoint_id(self) -> str:
        return self.run.name.split("/")[5]

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            WorkError: it does not come up; nothing is left then.
        """
        root = Path(tempfile.mkdtemp(dir=self.run.root))
        container = self._container(root)
        stream = endpoint_stream(self.api, self._endpoint_id)
        self._server = ModelServer.start(container.start(), root, self.routes[0], stream)
        try:
            self._server.wait(self.run.stopping)
        except NotReadyError:
            self.stop()
            raise not_ready() from None
        sizes = self.deployed.get("dedicatedResources") or self.deployed["automaticResources"]
        count = max(int(sizes.get("minReplicaCount", 0)), 1)
        self.deployed["status"] = {"availableReplicaCount": count, "lastUpdateTime": stamp()}

    def _container(self, root: Path) -> Container:
        command = images.command(
            self.spec["imageUri"],
            self.api,
            self.spec.get("command", ()),
            self.spec.get("args", ()),
        )
        place = {
            "MLOPS_HOST": HOST,
            "MLOPS_PORT": "0",
            "MLOPS_ADDRESS_FILE": str(root / ADDRESS_FILE),
        }
        return Container(
            root=root,
            command=command,
            environment={**variables(self.spec.get("env", ())), **self._contract()},
            base={**self.machines.environment(self.api, root), **place},
        )

    def _contract(self) -> dict[str, str]:
        """Return https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements.

        The port is told and not used: a free one stands for it, by the runtime's own variables.
        """
        health, predict = self.routes
        ports = self.spec.get("ports") or [{"containerPort": _PORT}]
        told = {
            "AIP_HTTP_PORT": str(ports[0]["containerPort"]),
            "AIP_HEALTH_ROUTE": health,
            "AIP_PREDICT_ROUTE": predict,
            "AIP_MODE": "PREDICTION",
            "AIP_DEPLOYED_MODEL_ID": self.deployed["id"],
            "AIP_ENDPOINT_ID": self._endpoint_id,
            "AIP_PROJECT_NUMBER": self.run.name.split("/")[1],
        }
        uri = self.run.request["model"].get("artifactUri")
        return {**told, **({"AIP_STORAGE_URI": uri.rstrip("/")} if uri else {})}

    def invoke(self, invocation: Invocation) -> Reply:
        """Answer a call; count it, and keep it when the endpoint logs it."""
        headers = {name: invocation.headers[name] for name in _PASSED if name in invocation.headers}
        try:
            assert self._server is not None
            answer = self._server.call("POST", self.routes[1], invocation.body, headers)
        except GoneError:
            answer = _refusal(503, "The model server does not answer.")
        records.count(self.api, self._endpoint_id, self.deployed["id"], answer.status)
        if answer.status < 400:
            self._keep(invocation, answer)
        elif invocation.method == "predict":
            return _refusal(answer.status, answer.body.decode(errors="replace"))
        return Reply(answer.status, answer.body, _passed_back(answer))

    def _keep(self, invocation: Invocation, answer: Reply) -> None:
        logging = self.endpoint.get("predictRequestResponseLoggingConfig", {})
        if logging.get("enabled") and self.draw.random() < logging.get("samplingRate", 1.0):
            row = {
                "endpoint": self._endpoint_id,
                "deployed_model_id": self.deployed["id"],
                "logging_time": stamp(),
                "request_id": str(self.draw.getrandbits(60)),
                "request_payload": [invocation.body.decode()],
                "response_payload": [answer.body.decode()],
            }
            records.keep(self.api, logging["bigqueryDestination"]["outputUri"], row)

    def drain(self) -> None:
        """Let a call that has chosen this deployment just before be answered."""
        time.sleep(_DRAIN_SECONDS)

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.stop()


def _passed_back(answer: Reply) -> dict[str, str]:
    return {"Content-Type": answer.headers.get("content-type", _JSON["content-type"])}


def _refusal(status: int, message: str) -> Reply:
    """Return an error in Google's shape."""
    word = "INVALID_ARGUMENT" if status < 500 else "INTERNAL"
    error = {"code": status, "message": message, "status": word}
    return Reply(
        status, json.dumps({"error": error}).encode(), {"Content-Type": "application/json"}
    )
