"""What the server captures is what a check reads: names of requests, inputs, predictions.

In this process, over ASGI, with a model that needs no library.
"""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from mlops_iac.runtime.model import LoadedModel
from mlops_iac.runtime.monitor.captured import answers_to, inputs_of, newest_rows, predictions_of
from mlops_iac.runtime.serve import build_server
from mlops_iac.runtime.server.deployment import Deployment
from mlops_iac.runtime.server.host import Serving
from mlops_iac.runtime.server.settings import read_settings
from mlops_iac.runtime.signature import Column, Signature

DIGEST = "sha256:" + "0" * 64
ROWS = [{"age": 31.0, "city": "Graz"}, {"age": None, "city": "Bonn"}]


def asked(folder: Path, *headers: dict[str, str]) -> list[httpx.Response]:
    environment = {"AIP_HTTP_PORT": "1", "MLOPS_CAPTURE_DIR": str(folder)}
    server = build_server(read_settings(environment), environment)
    columns = (
        Column(name="age", type="double", is_required=False),
        Column(name="city", type="string"),
    )
    server.host.serving = Serving(
        deployment=Deployment(location="", digest=DIGEST, version="7"),
        model=LoadedModel(
            predict=lambda data: [[0.25, 0.75]] * len(data),
            signature=Signature(columns=columns),
            digest=DIGEST,
            serialization="skops",
        ),
    )

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=server.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://model") as client:
            return [await client.post("/predict", json=ROWS, headers=one) for one in headers]

    answers = asyncio.run(ask())
    assert server.capture is not None
    server.capture.close()
    return answers


@pytest.mark.parametrize(
    ("header", "value", "is_kept"),
    [
        ("X-Request-Id", "order-17", True),
        ("X-Amzn-SageMaker-Inference-Id", "order-17", True),
        ("X-Request-Id", "a" * 129, False),
        ("X-Request-Id", "two words", False),
    ],
)
def test_a_request_keeps_the_name_that_its_caller_gives(
    tmp_path: Path, header: str, value: str, *, is_kept: bool
) -> None:
    [answer] = asked(tmp_path, {header: value})

    told = answer.headers["x-request-id"]
    assert (told == value) is is_kept
    [file] = tmp_path.glob("*.parquet")
    assert answers_to(tmp_path, [file.name], [told])["row"].tolist() == [0, 1]


def test_captured_rows_are_read_as_they_were_asked_and_answered(tmp_path: Path) -> None:
    asked(tmp_path, {"X-Request-Id": "first"}, {"X-Request-Id": "second"})
    [file] = tmp_path.glob("*.parquet")

    rows: Any = newest_rows(tmp_path, [file.name], 3)

    assert rows["request_id"].tolist() == ["first", "second", "second"]
    assert rows["model_version"].tolist() == ["7"] * 3
    inputs = inputs_of(rows)
    assert inputs["city"].tolist() == ["Bonn", "Graz", "Bonn"]
    assert inputs["age"].isna().tolist() == [True, False, True]
    assert predictions_of(rows) == [[0.25, 0.75]] * 3
