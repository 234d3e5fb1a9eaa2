"""One model server: started, waited for, called, ended."""

import http.client
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.clouds.azure.hooks import Reply
from tests.clouds.azure.work.container import Container
from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.logs import LogStream
from tests.clouds.containers import drain, end, terminate

START_SECONDS = 180.0
"""A container has no more to come up, whatever its probes say."""
CALL_SECONDS = 60.0
_LOOK_SECONDS = 0.05
ADDRESS_FILE = "tmp/address"
# A loopback address that the server does not take for its own machine: there it wants a token,
# which Azure, standing before the container, does not have.
HOST = "127.0.0.2"


class GoneError(Exception):
    """The container does not answer."""


@dataclass
class ModelServer:
    """A process that serves one deployed model."""

    process: "subprocess.Popen[str]"
    root: Path
    health: str
    stream: LogStream
    reader: threading.Thread

    @classmethod
    def start(cls, container: Container, health: str, stream: LogStream) -> "ModelServer":
        """Start the process; it does not answer yet."""
        process = container.start()
        return cls(process, container.root, health, stream, drain(process, stream.add))

    def wait(self, stopping: threading.Event) -> None:
        """Wait until the health route answers 200.

        Raises:
            WorkError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or stopping.is_set() or time.monotonic() > deadline:
                raise WorkError(
                    "ResourceNotReady: User container has crashed or terminated, or did not become "
                    "ready. Please see the container's log."
                )
            stopping.wait(_LOOK_SECONDS)

    def _answers(self) -> bool:
        if not (self.root / ADDRESS_FILE).is_file():
            return False
        try:
            return self.call("GET", self.health, b"", {}).status == http.client.OK
        except GoneError:
            return False

    def call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a request to the container, return its answer.

        Raises:
            GoneError: there is none.
        """
        address = (self.root / ADDRESS_FILE).read_text().strip()
        connection = http.client.HTTPConnection(address, timeout=CALL_SECONDS)
        try:
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, answer.read(), told)
        except (OSError, http.client.HTTPException) as error:
            raise GoneError(str(error)) from error
        finally:
            connection.close()

    def stop(self) -> None:
        """End the process."""
        if self.process.poll() is None:
            terminate(self.process)
        end(self.process)
        self.reader.join()
        self.stream.close()
