"""A job's output, as it comes, as an artifact of its run."""

import threading
from collections.abc import Sequence
from typing import Any

from tests.clouds.lines import LogStream


def blob_log(container: Any, path: str) -> LogStream:
    """Return a log that is a blob, to which lines are added."""
    blob = container.get_blob_client(path)
    made = threading.Event()

    def put(lines: Sequence[str]) -> None:
        if not made.is_set():
            made.set()
            if not blob.exists():
                blob.create_append_blob()
        blob.append_block("".join(f"{line}\n" for line in lines).encode())

    return LogStream(put)
