"""The server: moto's application behind ours, in a thread of this process."""

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from tests.clouds.aws.bucket_policies import judge_conditions
from tests.clouds.aws.hooks import Instant, Work

ACCOUNT = "123456789012"


def _processes() -> Work:
    from tests.clouds.aws.work import Processes

    return Processes()


WORKS: Mapping[str, Callable[[], Work]] = {"instant": Instant, "processes": _processes}
"""What starting a job does, by name."""


class _Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args: Any, **values: Any) -> None:
        """Keep a test's output readable."""


class Server:
    """A test cloud; a context manager."""

    def __init__(
        self, *, root: Path, account: str = ACCOUNT, work: Work | str = "instant", port: int = 0
    ) -> None:
        self.root = root
        self.account = account
        self.work = WORKS[work]() if isinstance(work, str) else work
        # moto plays one account unless each request names another.
        os.environ["MOTO_ACCOUNT_ID"] = account
        judge_conditions()
        application = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", port, application, True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where the cloud answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.work.close()
