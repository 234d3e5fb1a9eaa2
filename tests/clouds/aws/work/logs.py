"""A container's output, as it comes, in CloudWatch Logs."""

import contextlib
import queue
import threading
import time
from typing import Any


class LogStream:
    """Collects lines; a thread of its own hands over what has come since the last time."""

    def __init__(self, logs: Any, group: str, stream: str) -> None:
        self.lines: list[str] = []
        self._logs, self._group, self._stream = logs, group, stream
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._make()
        self._writer = threading.Thread(target=self._write, daemon=True)
        self._writer.start()

    def add(self, line: str) -> None:
        """Take a line."""
        self.lines.append(line)
        self._waiting.put(line)

    def close(self) -> None:
        """Write the rest and wait for it."""
        self._waiting.put(None)
        self._writer.join()

    def _make(self) -> None:
        exists = self._logs.exceptions.ResourceAlreadyExistsException
        with contextlib.suppress(exists):
            self._logs.create_log_group(logGroupName=self._group)
        with contextlib.suppress(exists):
            self._logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream)

    def _write(self) -> None:
        ended = False
        while not ended:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            ended = None in batch
            # CloudWatch takes no empty message.
            self._put([line for line in batch if line])

    def _put(self, batch: list[str]) -> None:
        if not batch:
            return
        now = int(time.time() * 1000)
        self._logs.put_log_events(
            logGroupName=self._group,
            logStreamName=self._stream,
            logEvents=[{"timestamp": now, "message": line} for line in batch],
        )
