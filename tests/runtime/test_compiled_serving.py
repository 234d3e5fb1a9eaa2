"""Proves that a server answers, refuses and captures the same with a compiled model and without."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest

from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.serve import build_server
from mlops_iac.runtime.server.app import ModelServer
from mlops_iac.runtime.server.deployment import Deployment
from mlops_iac.runtime.server.host import Serving, load
from mlops_iac.runtime.server.settings import read_settings

ROW = {"a": 1.0, "b": 2}
BODIES = [
    json.dumps(document)
    for document in (
        [ROW], {"instances": [[0, 1], [3.5, 0]]}, {"inputs": {"b": [1], "a": [2]}},
        {"dataframe_split": {"columns": ["b", "a"], "data": [[1, 2.5]]}},
        {"instances": [ROW, ROW] * 700}, {"instances": [{**ROW, "c": "x"}]},
        {"instances": [{"a": "1.5", "b": True}]}, {"instances": [{"a": None, "b": 1}]},
        {"instances": [{"a": 1}]}, {"instances": [[1]]}, {"instances": []}, {}, 1,
        {"instances": [{"a": "x", "b": 1}]}, {"instances": [[1, float("nan")]]},
        {"dataframe_split": {"columns": ["a", "a", "b"], "data": [[1, 2, 3]]}},
        {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 2]}]},
    )
] + ["{", '{"instances": [[1, 1e999]]}']  # fmt: skip


@pytest.fixture(scope="module")
def serving(models: Path) -> Serving:
    folder = models / "sklearn"
    return load(Deployment(location=str(folder), digest=tree_digest(folder), version="1"))


def server_of(serving: Serving, capture: Path) -> ModelServer:
    environment = {"AIP_HTTP_PORT": "1", "MLOPS_CAPTURE_DIR": str(capture)}
    server = build_server(read_settings(environment), environment)
    server.host.serving = serving
    return server


async def ask(server: ModelServer, bodies: list[str]) -> list[tuple[int, Any]]:
    transport = httpx.ASGITransport(app=server.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://model") as client:
        answers = [await client.post("/invocations", content=body) for body in bodies]
    return [
        (answer.status_code, {**answer.json(), "request_id": None, "id": None})
        for answer in answers
    ]


def captured(server: ModelServer, folder: Path) -> pd.DataFrame:
    assert server.capture is not None
    server.capture.close()
    files = sorted(folder.glob("*.parquet"))
    return pd.concat([pd.read_parquet(file) for file in files]).drop(
        columns=["timestamp", "request_id"]
    )


@pytest.mark.parametrize("is_quick", [True, False])
def test_answers_refusals_and_captured_rows_are_the_same(
    serving: Serving, tmp_path: Path, is_quick: bool
) -> None:
    assert serving.compiled is not None
    compiled = replace(serving, compiled=replace(serving.compiled, is_quick=is_quick))
    plain = replace(serving, compiled=None, reader=None)
    servers = [server_of(compiled, tmp_path / "ours"), server_of(plain, tmp_path / "plain")]
    ours, theirs = (asyncio.run(ask(server, BODIES)) for server in servers)

    assert ours == theirs
    assert {status for status, _ in ours} == {200, 400, 500}
    rows = [captured(servers[0], tmp_path / "ours"), captured(servers[1], tmp_path / "plain")]
    pd.testing.assert_frame_equal(rows[0], rows[1])


@pytest.mark.parametrize(
    ("change", "status"),
    [(lambda found: found, 200), (lambda found: replace(found, is_quick=False), 500)],
    ids=["quick", "slow"],
)
def test_only_a_quick_model_is_asked_without_a_thread(
    serving: Serving, tmp_path: Path, change: Callable[[Any], Any], status: int
) -> None:
    quick = replace(serving.compiled, is_quick=True)  # type: ignore[type-var]  # it is compiled
    server = server_of(replace(serving, compiled=change(quick)), tmp_path)

    async def refuse(_: Any) -> Any:
        raise RuntimeError

    server.host.run = refuse  # type: ignore[method-assign]  # a thread that takes no work

    assert asyncio.run(ask(server, BODIES[:1]))[0][0] == status
