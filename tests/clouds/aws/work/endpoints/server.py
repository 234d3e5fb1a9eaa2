"""One model server: started, waited for, called, ended."""

import http.client
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.clouds.aws.hooks import Answer
from tests.clouds.aws.work.container import Container, drain, end, terminate
from tests.clouds.aws.work.endpoints.models import ADDRESS_FILE
from tests.clouds.aws.work.failures import JobError
from tests.clouds.aws.work.logs import LogStream

START_SECONDS = 90.0
CALL_SECONDS = 60.0
"""SageMaker gives a container 60 s for an answer."""
_LOOK_SECONDS = 0.05


class GoneError(Exception):
    """The container does not answer."""


@dataclass
class ModelServer:
    """A process that serves one variant."""

    process: "subprocess.Popen[str]"
    root: Path
    stream: LogStream
    reader: threading.Thread

    @classmethod
    def start(cls, container: Container, stream: LogStream) -> "ModelServer":
        """Start the process; it does not answer yet."""
        process = container.start()
        return cls(process, container.root, stream, drain(process, stream.add))

    def wait(self, stopping: threading.Event, seconds: float = START_SECONDS) -> None:
        """Wait until `/ping` answers 200.

        Raises:
            JobError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + seconds
        while not self._answers():
            if self.process.poll() is not None or stopping.is_set() or time.monotonic() > deadline:
                raise JobError(
                    "The primary container for production variant did not pass the ping health "
                    "check. Please check CloudWatch logs for this endpoint."
                )
            stopping.wait(_LOOK_SECONDS)

    def _answers(self) -> bool:
        if not (self.root / ADDRESS_FILE).is_file():
            return False
        try:
            return self.call("GET", "/ping", b"", {}).status == http.client.OK
        except GoneError:
            return False

    def call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
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
            return Answer(answer.status, answer.read(), told)
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
