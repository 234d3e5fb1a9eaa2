"""The routes of every platform over one model."""

import asyncio
import contextlib
import logging
import re
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from mlops_iac.runtime.errors import PayloadError
from mlops_iac.runtime.server import answers
from mlops_iac.runtime.server.capture import Capture
from mlops_iac.runtime.server.front import Front
from mlops_iac.runtime.server.guard import BodyError, Guard, read_body
from mlops_iac.runtime.server.host import ModelHost, Serving
from mlops_iac.runtime.server.prediction import Prediction, predict, predict_at_once
from mlops_iac.runtime.server.settings import Settings
from mlops_iac.runtime.server.stored import Mailbox, read_notice
from mlops_iac.runtime.server.telemetry import Telemetry

_LOG = logging.getLogger(__name__)
_JSON_TYPES = frozenset({"", "application/json", "application/x-json", "application/octet-stream"})
_CSV_TYPES = frozenset({"text/csv", "application/csv"})
_READY_ROUTES = ("/ping", "/health", "/ready", "/readiness", "/v2/health/ready")
_LIVE_ROUTES = ("/", "/live", "/liveness", "/v2/health/live")
_PREDICT_ROUTES = ("/invocations", "/predict", "/score")
STORED_ROUTE = "/predict-stored"
"""Told by a queue of requests that lie in the mailbox; only where there is one."""
# The second is the header of SageMaker's `InferenceId`.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
_REQUEST_HEADERS = ("x-request-id", "x-amzn-sagemaker-inference-id")
_REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}")

_Answer = Callable[[Request, str], Awaitable[Response]]


@dataclass(kw_only=True)
class ModelServer:
    """Answers requests; owns the model, the captured rows and the numbers."""

    settings: Settings
    host: ModelHost
    capture: Capture | None
    telemetry: Telemetry

    def app(self) -> ASGIApp:
        """Return the ASGI application."""
        name, options = self.settings.name, self.settings
        ready = (*_READY_ROUTES, *options.health_routes,
                 f"/v1/models/{name}", f"/v2/models/{name}/ready")  # fmt: skip
        predict = (*_PREDICT_ROUTES, *options.predict_routes,
                   f"/v1/models/{name}:predict", f"/v2/models/{name}/infer")  # fmt: skip
        routes = [
            *(Route(path, self.ready) for path in ready),
            *(Route(path, self.live) for path in _LIVE_ROUTES),
            *(Route(path, self.predict, methods=["POST"]) for path in predict),
            Route(f"/v2/models/{name}", self.describe),
            Route("/metrics", self.metrics),
            Route("/admin/status", self.status),
            Route("/admin/reload", self.reload, methods=["POST"]),
        ]
        if options.mailbox is not None:
            routes.append(Route(STORED_ROUTE, self.predict_stored, methods=["POST"]))
        router = Starlette(routes=routes, lifespan=self.lifespan)
        front = Front(router, self.predict, frozenset(predict))
        return Guard(front, options, frozenset({*ready, *_LIVE_ROUTES}))

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Starlette) -> AsyncGenerator[None, None]:
        """Watch the deployment while the server runs; write captured rows when it stops."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
            await asyncio.to_thread(self.host.close)
            if self.capture is not None:
                await asyncio.to_thread(self.capture.close)

    async def ready(self, _: Request) -> Response:
        """Say whether predictions can be asked for."""
        if self.host.serving is None:
            return JSONResponse({"name": self.settings.name, "ready": "False"}, 503)
        return JSONResponse({"name": self.settings.name, "ready": "True"})

    async def live(self, _: Request) -> Response:
        """Say that the process answers, with or without a model."""
        return JSONResponse({"live": True})

    async def describe(self, _: Request) -> Response:
        """Return KServe's description of the model."""
        serving = self.host.serving
        versions = [serving.deployment.version] if serving else []
        return JSONResponse(
            {"name": self.settings.name, "versions": versions, "platform": "mlflow"}
        )

    async def status(self, _: Request) -> Response:
        """Tell which version is in service, and what keeps the newest from it."""
        serving = self.host.serving
        return JSONResponse(
            {
                "name": self.settings.name,
                "state": "serving" if serving else ("failed" if self.host.error else "waiting"),
                "version": serving.deployment.version if serving else None,
                "digest": serving.deployment.digest if serving else None,
                "error": self.host.error,
            }
        )

    async def reload(self, request: Request) -> Response:
        """Read the deployment now; only where a token guards it."""
        if self.settings.token is None:
            return JSONResponse({"error": "without a token there is no administration"}, 403)
        await self._refresh(retry=True)
        answer = await self.status(request)
        answer.status_code = 409 if self.host.error else 200
        return answer

    async def metrics(self, _: Request) -> Response:
        """Return the numbers for Prometheus."""
        return Response(self.telemetry.exposition(), media_type="text/plain; version=0.0.4")

    async def predict(self, request: Request) -> Response:
        """Answer one request for predictions."""
        return await self._noted(request, _request_id(request), self._answer)

    async def predict_stored(self, request: Request) -> Response:
        """Answer a request that lies in the mailbox; a queue tells of it."""
        return await self._noted(request, _request_id(request), self._answer_stored)

    async def _noted(self, request: Request, request_id: str, answer: _Answer) -> Response:
        """Answer, and leave it in the log and in the numbers."""
        started = time.perf_counter()
        response = await answer(request, request_id)
        response.headers["x-request-id"] = request_id
        elapsed = time.perf_counter() - started
        self.telemetry.requests.labels(str(response.status_code)).inc()
        self.telemetry.latency.observe(elapsed)
        _LOG.info(
            "request",
            extra={
                "path": request.url.path,
                "status": response.status_code,
                "milliseconds": round(elapsed * 1000, 2),
                "request_id": request_id,
            },
        )
        return response

    async def _answer(self, request: Request, request_id: str) -> Response:
        content_type = _media_type(request.headers.get("content-type", ""))
        if content_type not in _JSON_TYPES | _CSV_TYPES:
            return JSONResponse({"error": f"`{content_type}` is neither JSON nor CSV"}, 415)
        try:
            body = await read_body(request, self.settings)
        except BodyError as error:
            return JSONResponse(
                {"error": str(error)}, error.status, headers={"connection": "close"}
            )
        return await self._answer_body(body, content_type, request_id)

    async def _answer_stored(self, request: Request, request_id: str) -> Response:
        folder = self.settings.mailbox
        assert folder is not None  # noqa: S101  else there is no such route
        mailbox = Mailbox(folder, self.settings.body_limit)
        try:
            notice = read_notice(await read_body(request, self.settings))
        except (BodyError, PayloadError) as error:
            # Refused, the queue would tell it for hours; nobody waits for an answer to it.
            _LOG.error("a notice is dropped: %s", error, extra={"request_id": request_id})
            return Response(status_code=204)
        return await mailbox.answer(
            notice, lambda body, kind: self._answer_body(body, _media_type(kind), notice.name)
        )

    async def _answer_body(self, body: bytes, content_type: str, request_id: str) -> Response:
        serving = self.host.serving
        if serving is None:
            return JSONResponse({"error": "no model is in service yet"}, 503)
        return await self._predicted(serving, body, content_type in _CSV_TYPES, request_id)

    async def _predicted(
        self, serving: Serving, body: bytes, is_csv: bool, request_id: str
    ) -> Response:
        limit = asyncio.timeout(self.settings.predict_seconds)
        try:
            found = None if is_csv else predict_at_once(serving, body)
            if found is not None:
                content = self._content(serving, found, request_id)
            else:
                async with limit:
                    content = await self.host.run(
                        lambda: self._content(
                            serving, predict(serving, body, is_csv=is_csv), request_id
                        )
                    )
        except PayloadError as error:
            return JSONResponse({"error": error.message, "hint": error.remedy}, 400)
        except Exception:  # noqa: BLE001 -- logged whole; the caller sees no internals
            if limit.expired():
                # What is being computed cannot be stopped; what still waited for its turn is.
                took = f"the prediction took more than {self.settings.predict_seconds:g} s"
                return JSONResponse({"error": took, "request_id": request_id}, 504)
            _LOG.exception("prediction failed", extra={"request_id": request_id})
            return JSONResponse({"error": "the model failed", "request_id": request_id}, 500)
        return Response(content, media_type="application/json")

    def _content(self, serving: Serving, found: Prediction, request_id: str) -> bytes:
        deployed = serving.deployment
        if self.capture is not None:
            model = {
                "model_name": deployed.name or self.settings.name,
                "model_version": deployed.version,
                "model_digest": deployed.digest,
            }
            self.capture.add(request_id, model, found.inputs, found.values)
        if found.is_v2:
            name, version = self.settings.name, deployed.version
            return answers.v2_body(found.values, name=name, version=version, id=found.id)
        return answers.v1_body(found.values)

    async def _watch(self) -> None:
        while True:
            await self._refresh()
            if self.capture is not None:
                self.capture.flush_when_old()
            await asyncio.sleep(self.settings.poll_seconds)

    async def _refresh(self, *, retry: bool = False) -> None:
        await self.host.refresh(retry=retry)
        if serving := self.host.serving:
            deployed = serving.deployment
            self.telemetry.show_model(self.settings.name, deployed.version, deployed.digest)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _request_id(request: Request) -> str:
    """Return the caller's own name for a request, by which truth may come later, or a new one."""
    given = (request.headers.get(name, "") for name in _REQUEST_HEADERS)
    return next(filter(_REQUEST_ID.fullmatch, given), str(uuid.uuid4()))
