"""The server: TLS, one thread for each connection."""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.clouds.azure import app, certificates
from tests.clouds.azure.addresses import SUBSCRIPTION
from tests.clouds.azure.calls import Answer, Request
from tests.clouds.azure.hooks import Simulated, Work
from tests.clouds.azure.world import World


def _processes() -> Work:
    from tests.clouds.azure.work import Processes

    return Processes()


WORKS: Mapping[str, Callable[[], Work]] = {"simulated": Simulated, "processes": _processes}
"""What starting a job does, by name."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers go out in one piece, at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    world: World

    def _serve(self) -> None:
        asked = urlsplit(self.path)
        request = Request(
            self.command,
            asked.path,
            parse_qsl(asked.query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            self._body(),
        )
        try:
            self._send(app.answer(self.world, request))
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

    def _send(self, answer: Answer) -> None:
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
        import sys

        if not isinstance(sys.exception(), ConnectionError | ssl.SSLError):
            super().handle_error(request, client_address)


class Server:
    """A test cloud; a context manager."""

    def __init__(
        self,
        *,
        root: Path,
        work: Work | str = "simulated",
        subscription: str = SUBSCRIPTION,
        port: int = 0,
    ) -> None:
        chosen = WORKS[work]() if isinstance(work, str) else work
        self.world = World(root, chosen, subscription)
        handler = type("Handler", (_Handler,), {"world": self.world})
        authority = certificates.make(root / "certificates")
        self._server = _Server((certificates.HOST, port), handler)
        # Each connection's own thread shakes hands.
        self._server.socket = certificates.context(root / "certificates").wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.world.address, self.world.authority = self.address, str(authority)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where the cloud answers."""
        return f"https://{certificates.HOST}:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Work that ends still speaks with the cloud.
        self.world.forget()
        self.world.work.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
