"""An endpoint's frame, and asking its server: name, port, token, address."""

import http.client
import json
import socket
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_local import tokens
from mlops_iac_local.files import read_json, write_json
from mlops_iac_local.layout import Layout

HOST = "127.0.0.1"
FRAME = "endpoint.json"
TOKEN = "token"  # noqa: S105  a file's name
DEPLOYMENT = "deployment.json"
HISTORY = "history.json"
SERVER = "server.json"
RUNNING = "running.json"
"""The settings that the server was last started with."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What of an endpoint stays while versions come and go."""

    component: str
    program: str
    """Name under the supervisor."""
    model: str
    """Component of the model, which is also the name in the URL."""
    port: int

    @property
    def url(self) -> str:
        """Address that answers predictions."""
        return f"http://{HOST}:{self.port}/v1/models/{self.model}:predict"


def frame(layout: Layout, endpoint: str) -> Frame:
    """Return the frame of an endpoint.

    Raises:
        OperationError: there is no such endpoint in this stack.
    """
    document = read_json(layout.endpoint(endpoint) / FRAME)
    if document is None:
        raise OperationError(
            f"there is no endpoint `{endpoint}` in this stack",
            remedy="run `mlops-iac up` first, and name a `ModelEndpoint` of the declaration",
        )
    return Frame(**document)


def write_frame(layout: Layout, made: Frame) -> None:
    """Keep a frame in its endpoint's folder."""
    write_json(layout.endpoint(made.component) / FRAME, asdict(made))


def token_file(layout: Layout, endpoint: str) -> Path:
    """Return the file that holds the token callers must show."""
    return layout.endpoint(endpoint) / TOKEN


def make_token(layout: Layout, endpoint: str) -> str:
    """Write a new random token; return its SHA-256, which may stand in state."""
    return tokens.make_token(token_file(layout, endpoint))


def token_mark(layout: Layout, endpoint: str) -> str | None:
    """Return the SHA-256 of the token; `None` when it is missing or others may read it."""
    return tokens.token_mark(token_file(layout, endpoint))


def free_port(preferred: int | None = None) -> int:
    """Return a port that nobody listens on, `preferred` when it is free."""
    for port in (preferred, 0):
        if port is None:
            continue
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OperationError(f"no port of {HOST} is free")


def ask(  # noqa: PLR0913
    layout: Layout,
    endpoint: Frame,
    method: str,
    path: str,
    *,
    body: str | None = None,
    content_type: str = "application/json",
    timeout: float = 5.0,
) -> tuple[int, Any]:
    """Ask an endpoint's server with the token; return the status and the JSON (or text) answer.

    Raises:
        OSError: nobody listens, or no answer came in time.
    """
    token = token_file(layout, endpoint.component).read_text(encoding="utf-8")
    headers: Mapping[str, str] = {
        "Authorization": f"Bearer {token}",
        **({"Content-Type": content_type} if body is not None else {}),
    }
    with closing(http.client.HTTPConnection(HOST, endpoint.port, timeout=timeout)) as connection:
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text
