"""Requests that lie in a folder: a queue tells of one, its answer goes beside it.

The folder is a bucket, mounted. A queue tells of a request at least once, and again until it hears
that it was done; what is answered already is not predicted again.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import JSONResponse, Response

from mlops_iac.runtime.errors import PayloadError

REQUESTS, ANSWERS, FAILURES = "requests", "answers", "failures"
"""Folders of the mailbox; a request has the same name in each."""
_NAME = re.compile(r"[\w-]{1,128}")
_NOT_READY, _REFUSED, _FAULT = 503, 400, 500

Predict = Callable[[bytes, str], Awaitable[Response]]
"""Answers a body of a content type."""


@dataclass(frozen=True)
class Notice:
    """What a queue tells of one request."""

    name: str
    content_type: str


def read_notice(body: bytes) -> Notice:
    """Return what a message of Pub/Sub, as it is pushed, tells of a request.

    https://cloud.google.com/pubsub/docs/push#receive_push

    Raises:
        PayloadError: it tells of none.
    """
    try:
        attributes: Any = json.loads(body)["message"]["attributes"]
        name, content_type = attributes["request"], attributes.get("content_type", "")
    except (ValueError, TypeError, KeyError) as error:
        raise PayloadError("a message without the attribute `request`") from error
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PayloadError("the attribute `request` is not the name of a request")
    return Notice(name, str(content_type))


@dataclass(frozen=True)
class Mailbox:
    """The folder of one endpoint."""

    folder: Path
    limit: int
    """Most bytes of a request."""

    async def answer(self, notice: Notice, predict: Predict) -> Response:
        """Predict, write answer or failure, return what the queue is to hear.

        2xx: it is done, also when the request was refused. 503: not yet, tell again. Another 5xx:
        the model failed; the failure is written, so that the queue's next try is done at once, and
        whoever counts answers sees it.
        """
        if await asyncio.to_thread(self._is_done, notice.name):
            return Response(status_code=204)
        content = await asyncio.to_thread(self._read, notice.name)
        if isinstance(content, Response):
            response = content
        else:
            response = await predict(content, notice.content_type)
        if response.status_code == _NOT_READY:
            return response
        folder = ANSWERS if response.status_code < _REFUSED else FAILURES
        await asyncio.to_thread(self._write, folder, notice.name, bytes(response.body))
        return Response(status_code=204 if response.status_code < _FAULT else response.status_code)

    def _is_done(self, name: str) -> bool:
        return any((self.folder / folder / name).is_file() for folder in (ANSWERS, FAILURES))

    def _read(self, name: str) -> bytes | Response:
        path = self.folder / REQUESTS / name
        try:
            if path.stat().st_size > self.limit:
                return JSONResponse({"error": f"larger than {self.limit} bytes"}, 413)
            return path.read_bytes()
        except FileNotFoundError:
            return JSONResponse({"error": f"there is no request `{name}`"}, 404)

    def _write(self, folder: str, name: str, content: bytes) -> None:
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        # Closing makes it an object, whole: a bucket shows no half of one.
        (self.folder / folder / name).write_bytes(content)
