"""Lines of a container's output, handed over as they come."""

import queue
import threading
from collections.abc import Callable, Sequence

Put = Callable[[Sequence[str]], None]


class LogStream:
    """Collects lines; a thread of its own hands over what has come since the last time."""

    def __init__(self, put: Put) -> None:
        self.lines: list[str] = []
        self._put = put
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
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

    def _write(self) -> None:
        ended = False
        while not ended:
            batch = [self._waiting.get()]
            while not self._waiting.empty():
                batch.append(self._waiting.get())
            ended = None in batch
            lines = [line for line in batch if line is not None]
            if lines:
                self._put(lines)
