"""The server: moto's application behind ours, in a thread of this process."""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config
from flask import Flask
from moto.backends import SERVICE_NAMES
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from tests.clouds.aws import buckets, neighbours
from tests.clouds.aws.app import App
from tests.clouds.aws.hooks import Instant, Work
from tests.clouds.aws.world import World

ACCOUNT = "123456789012"


def _processes() -> Work:
    from tests.clouds.aws.work import Processes

    return Processes()


WORKS: Mapping[str, Callable[[], Work]] = {"instant": Instant, "processes": _processes}
"""What starting a job does, by name."""


def _quiet_app(service: SERVICE_NAMES) -> Flask:
    """Return moto's application of a service, less Flask's help for debugging.

    That makes a class for each request, which keeps the request with its body until the rare
    collection of a big process: a server that moves models grew by gigabytes.
    """
    app = create_backend_app(service)
    app.debug = False
    return app


class _Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args: Any, **values: Any) -> None:
        """Keep a test's output readable."""


class _Clients:
    """boto3's clients of one address: making one is slow, and is not safe in threads."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._made: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def __call__(self, service: str, region: str) -> Any:
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._client(service, region)
            return self._made[service, region]

    def _client(self, service: str, region: str) -> Any:
        session = boto3.Session("testing", "testing", region_name=region)
        config = Config(max_pool_connections=32)
        return session.client(service, endpoint_url=self._address, config=config)


class Server:
    """A test cloud; a context manager."""

    def __init__(
        self, *, root: Path, account: str = ACCOUNT, work: Work | str = "instant", port: int = 0
    ) -> None:
        chosen = WORKS[work]() if isinstance(work, str) else work
        # moto plays one account unless each request names another.
        os.environ["MOTO_ACCOUNT_ID"] = account
        buckets.mend()
        neighbours.mend()
        moto = DomainDispatcherApplication(_quiet_app)
        self.world = World(account, root, chosen, moto)
        self._server = make_server(
            "127.0.0.1", port, App(self.world), True, request_handler=_Handler
        )
        self.world.address = self.address
        self.world.client = _Clients(self.address)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where the cloud answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        # moto's state is the process's, and holds what a cloud before this one left.
        moto_api_backend.reset()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Work that ends still speaks with the cloud.
        self.world.forget()
        self.world.work.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
