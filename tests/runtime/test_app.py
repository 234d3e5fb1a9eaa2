"""Proves the server's limits on time, its health routes and the count of lost rows.

In this process, over ASGI, with a model that waits as long as a test wants it to.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mlops_iac.runtime.model import LoadedModel
from mlops_iac.runtime.serve import build_server
from mlops_iac.runtime.server.app import ModelServer
from mlops_iac.runtime.server.deployment import Deployment
from mlops_iac.runtime.server.host import Serving
from mlops_iac.runtime.server.settings import read_settings
from mlops_iac.runtime.signature import Signature

DIGEST = "sha256:" + "0" * 64


class Model:
    def __init__(self) -> None:
        self.calls = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def predict(self, data: Any) -> list[int]:
        self.calls += 1
        assert self.may_answer.wait(20)
        return [1] * len(data)


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.may_answer.set()


def server_of(model: Model | None, **variables: str) -> ModelServer:
    environment = {"AIP_HTTP_PORT": "1", "AIP_HEALTH_ROUTE": "/alive", **variables}
    server = build_server(read_settings(environment), environment)
    if model is not None:
        loaded = LoadedModel(
            predict=model.predict, signature=Signature(), digest=DIGEST, serialization="skops"
        )
        deployment = Deployment(location="", digest=DIGEST, version="1")
        server.host.serving = Serving(deployment=deployment, model=loaded)
    return server


@contextlib.asynccontextmanager
async def calling(server: ModelServer) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=server.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://model") as client:
        yield client


def test_health_follows_the_model(model: Model) -> None:
    async def ask(server: ModelServer) -> list[int]:
        async with calling(server) as client:
            return [(await client.get(path)).status_code for path in ("/alive", "/ping", "/live")]

    assert asyncio.run(ask(server_of(None))) == [503, 503, 200]
    assert asyncio.run(ask(server_of(model))) == [200, 200, 200]


def test_a_prediction_that_takes_too_long_is_504_and_the_next_is_served(model: Model) -> None:
    async def story() -> list[int]:
        server = server_of(model, MLOPS_TIMEOUT_SECONDS="0.2")
        async with calling(server) as client:
            model.may_answer.clear()
            late = [client.post("/predict", json=[[1.0]]) for _ in range(3)]
            codes = [answer.status_code for answer in await asyncio.gather(*late)]
            model.may_answer.set()
            # Whoever waits for the running one to end is in time again.
            await server.host.run(lambda: None)
            codes.append((await client.post("/predict", json=[[1.0]])).status_code)
            metrics = (await client.get("/metrics")).text
        assert 'mlops_requests_total{code="504"} 3.0' in metrics
        return codes

    assert asyncio.run(story()) == [504, 504, 504, 200]
    # The two that only waited for their turn were never computed.
    assert model.calls == 2


def test_a_model_that_itself_times_out_is_500(model: Model) -> None:
    def fail(_: Any) -> list[int]:
        raise TimeoutError

    model.predict = fail  # type: ignore[method-assign]  # a model of another kind

    async def story() -> int:
        async with calling(server_of(model)) as client:
            return (await client.post("/predict", json=[[1.0]])).status_code

    assert asyncio.run(story()) == 500


def test_a_slow_body_is_408(model: Model) -> None:
    async def body(ended: asyncio.Event) -> AsyncIterator[bytes]:
        yield b"[[1"
        await ended.wait()

    async def story() -> tuple[int, str]:
        async with calling(server_of(model, MLOPS_BODY_SECONDS="0.1")) as client:
            answer = await client.post("/predict", content=body(asyncio.Event()))
            return answer.status_code, answer.headers["connection"]

    assert asyncio.run(story()) == (408, "close")
    assert model.calls == 0


def test_captured_rows_that_are_lost_are_counted(model: Model, tmp_path: Path) -> None:
    (tmp_path / "capture").write_text("a file where the folder is to be")

    async def story() -> str:
        server = server_of(model, MLOPS_CAPTURE_DIR=str(tmp_path / "capture"))
        async with calling(server) as client:
            rows = [[1.0], [2.0]]
            assert (await client.post("/predict", json=rows)).json() == {"predictions": [1, 1]}
            assert server.capture is not None
            server.capture.close()
            return (await client.get("/metrics")).text

    assert "mlops_capture_lost_rows_total 2.0" in asyncio.run(story())
