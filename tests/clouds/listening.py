"""The server of a test cloud: one thread for each connection."""

import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.clouds.servers import Reply
from tests.clouds.world import World

Ask = Callable[..., Reply]
"""Answers a request: its verb, path, query, headers (names in lower case) and body.

`ConnectionAbortedError` lets the connection die.
"""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers go out in one piece, at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    ask: Ask

    def _serve(self) -> None:
        asked = urlsplit(self.path)
        query = parse_qsl(asked.query, keep_blank_values=True)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            self._send(self.ask(self.command, asked.path, query, headers, self._body()))
        except ConnectionAbortedError:
            self._drop()

    # The base calls a method by the verb.
    do_DELETE = do_GET = do_HEAD = do_MERGE = do_OPTIONS = do_PATCH = _serve  # noqa: N815
    do_POST = do_PUT = _serve  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        chunk = self.rfile.read(int(self.rfile.readline().partition(b";")[0], 16))
        self.rfile.readline()
        return chunk

    def _send(self, answer: Reply) -> None:
        self.send_response(answer.status)
        length = {"Content-Length": str(len(answer.body))}
        for name, value in {**length, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and answer.status not in {204, 304}:
            self.wfile.write(answer.body)

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's own name
        """Keep a test's output readable."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Pass over connections that died; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class Listening:
    """A test cloud that answers; a context manager."""

    def __init__(
        self, world: World[Any], ask: Ask, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> None:
        handler = type("Handler", (_Handler,), {"ask": staticmethod(ask)})
        self._server = _Server((host, port), handler)
        if tls is not None:
            # Each connection's own thread shakes hands.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if tls is not None else "http"
        self.address = world.address = f"{scheme}://{host}:{self._server.server_port}"
        """Where the cloud answers."""
        self._world = world
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Work that ends still speaks with the cloud.
        self._world.forget()
        self._world.work.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
