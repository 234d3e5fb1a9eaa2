"""Entry point of the model server: `python -m mlops_iac.runtime.serve [serve]`.

All settings come by the environment (`mlops_iac.runtime.server.settings`), so that nothing
secret stands among the arguments. `SIGTERM` ends it in order: running requests are answered,
captured rows are written, exit code 0.
"""

import contextlib
import os
import signal
import socket
import sys
from collections.abc import Generator, Mapping
from functools import partial

import uvicorn

from mlops_iac.errors import MlopsError
from mlops_iac.runtime import collector, secrets
from mlops_iac.runtime.files import write_atomically
from mlops_iac.runtime.server.app import ModelServer
from mlops_iac.runtime.server.capture import Capture
from mlops_iac.runtime.server.deployment import own_deployment, read_deployment
from mlops_iac.runtime.server.host import ModelHost
from mlops_iac.runtime.server.logs import configure_logs
from mlops_iac.runtime.server.settings import Settings, read_settings
from mlops_iac.runtime.server.telemetry import Telemetry


class _Server(uvicorn.Server):
    """Ends with code 0 on a signal; uvicorn itself would raise the signal again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def main() -> int:
    """Serve until a signal, return the exit code: 0, or 2 for a wrong setting."""
    configure_logs()
    # Requests are many and small. A second OpenMP thread spins while it waits for a core: on a
    # busy machine of two cores a prediction of 2 ms took 70 ms.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        # For the process's life: a model may use them with any prediction. One may be the token.
        os.environ.update(secrets.resolve(os.environ))
        settings = read_settings(os.environ)
        server = build_server(settings, os.environ)
        listening = _listen(settings)
    except (MlopsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _tell_address(settings, listening)
    config = uvicorn.Config(
        server.app(),
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=settings.drain_seconds,
    )
    _Server(config).run(sockets=[listening])
    return 0


def build_server(settings: Settings, environment: Mapping[str, str]) -> ModelServer:
    """Return the server that `settings` describe; it loads its model once it runs."""
    source = (
        partial(read_deployment, settings.deployment_file)
        if settings.deployment_file
        else partial(own_deployment, environment)
    )
    telemetry = Telemetry()
    capture = settings.capture_dir and Capture(
        folder=settings.capture_dir,
        percent=settings.capture_percent,
        max_rows=settings.capture_rows,
        max_seconds=settings.capture_seconds,
        tell_loss=telemetry.lost.inc,
    )
    return ModelServer(
        settings=settings,
        host=ModelHost(source=source),
        capture=capture,
        telemetry=telemetry,
    )


def _listen(settings: Settings) -> socket.socket:
    if settings.listen_fd is not None:
        return socket.socket(fileno=settings.listen_fd)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((settings.host, settings.port))
    return listening


def _tell_address(settings: Settings, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    if settings.address_file is not None:
        write_atomically(settings.address_file, f"{host}:{port}\n".encode())


if __name__ == "__main__":
    collector.spare()
    sys.exit(main())
