"""One server in a process that stands for a container: started, waited for, called, ended."""

import http.client
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.clouds.containers import drain, end, terminate
from tests.clouds.lines import LogStream

START_SECONDS = 180.0
"""A container has no more to come up, whatever its cloud grants."""
CALL_SECONDS = 60.0
_LOOK_SECONDS = 0.05
ADDRESS_FILE = "tmp/address"
# A loopback address that the server does not take for its own machine: there it wants a token,
# which the cloud, standing before the container, does not have.
HOST = "127.0.0.2"


class GoneError(Exception):
    """The container does not answer."""


class NotReadyError(Exception):
    """The container has ended, or did not answer in time."""


@dataclass(frozen=True)
class Reply:
    """What is answered over HTTP."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class ModelServer:
    """A process that serves one model."""

    process: "subprocess.Popen[str]"
    root: Path
    health: str
    stream: LogStream
    reader: threading.Thread

    @classmethod
    def start(
        cls, process: "subprocess.Popen[str]", root: Path, health: str, stream: LogStream
    ) -> "ModelServer":
        """Take a process that was started in `root`; it does not answer yet."""
        return cls(process, root, health, stream, drain(process, stream.add))

    def wait(self, stopping: threading.Event) -> None:
        """Wait until the health route answers 200.

        Raises:
            NotReadyError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or stopping.is_set() or time.monotonic() > deadline:
                raise NotReadyError
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
