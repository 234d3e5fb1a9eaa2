"""Proves that the server answers requests that lie in a folder, once, and tells the queue so."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.runtime.test_app import Model, calling, server_of


def told(name: str, **attributes: str) -> dict[str, Any]:
    """Return a message as Pub/Sub pushes it."""
    return {"message": {"attributes": {"request": name, **attributes}, "messageId": "1"}}


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "one").write_text("[[1.0], [2.0]]")
    return tmp_path


def tell(box: Path, model: Model | None, *messages: Any, **variables: str) -> list[int]:
    """Tell the server of requests, one after the other; return what the queue hears."""

    async def story() -> list[int]:
        server = server_of(model, MLOPS_MAILBOX=str(box), **variables)
        async with calling(server) as client:
            return [(await _told(client, one)).status_code for one in messages]

    return asyncio.run(story())


async def _told(client: httpx.AsyncClient, message: Any) -> httpx.Response:
    return await client.post("/predict-stored", json=message)


def test_a_request_is_answered_beside_it_and_not_again_when_the_queue_tells_twice(
    box: Path,
) -> None:
    model = Model()

    heard = tell(box, model, told("one"), told("one"))

    assert heard == [204, 204]
    assert json.loads((box / "answers" / "one").read_text()) == {"predictions": [1, 1]}
    assert model.calls == 1


def test_csv_is_read_as_such(box: Path) -> None:
    (box / "requests" / "rows").write_text("a\n1\n2\n3\n")

    assert tell(box, Model(), told("rows", content_type="text/csv; charset=utf-8")) == [204]

    assert json.loads((box / "answers" / "rows").read_text()) == {"predictions": [1, 1, 1]}


def test_before_there_is_a_model_the_queue_is_to_tell_again(box: Path) -> None:
    assert tell(box, None, told("one")) == [503]

    assert [path.name for path in box.iterdir()] == ["requests"]


def test_a_model_that_fails_leaves_a_failure_and_is_counted_once(box: Path) -> None:
    model = Model()

    def fail(_: Any) -> list[int]:
        raise ValueError

    model.predict = fail  # type: ignore[method-assign]  # a model of another kind

    assert tell(box, model, told("one"), told("one")) == [500, 204]
    assert json.loads((box / "failures" / "one").read_text())["error"] == "the model failed"
    assert not (box / "answers").exists()


@pytest.mark.parametrize(
    ("name", "content", "limit", "said"),
    [
        ("rubbish", "{", "1000", "JSON"),
        ("large", "[[1.0]]" + " " * 2000, "1000", "larger than 1000 bytes"),
        ("absent", None, "1000", "no request `absent`"),
    ],
)
def test_a_request_that_is_no_good_leaves_a_failure_and_is_done(
    box: Path, name: str, content: str | None, limit: str, said: str
) -> None:
    if content is not None:
        (box / "requests" / name).write_text(content)

    assert tell(box, Model(), told(name), MLOPS_BODY_LIMIT=limit) == [204]

    assert said in json.loads((box / "failures" / name).read_text())["error"]


@pytest.mark.parametrize(
    "message", [told("../requests/one"), told(""), {"message": {"data": "e30="}}, [], "text"]
)
def test_a_notice_of_nothing_is_dropped_and_touches_no_file(box: Path, message: Any) -> None:
    assert tell(box, Model(), message) == [204]

    assert [path.name for path in box.rglob("*") if path.is_file()] == ["one"]


def test_without_a_mailbox_there_is_no_such_route() -> None:
    async def story() -> int:
        async with calling(server_of(Model())) as client:
            return (await _told(client, told("one"))).status_code

    assert asyncio.run(story()) == 404
