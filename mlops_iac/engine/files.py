"""Files and folders that only their owner may read."""

import fcntl
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

FOLDER_MODE = 0o700
FILE_MODE = 0o600
PRIVATE_UMASK = 0o077


def private_folder(path: Path) -> Path:
    """Make `path` with mode 0700, or tighten it when it is there."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    path.chmod(FOLDER_MODE)
    return path


def write_once(path: Path, text: str) -> None:
    """Write `text` to `path` with mode 0600 unless it exists; never seen half-written.

    Of two processes that race, one wins and both read the same content afterwards.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a rename would overwrite the winner's file.
        Path(path).hardlink_to(name)
    except FileExistsError:
        return
    finally:
        Path(name).unlink()


@contextmanager
def exclusive(path: Path) -> Generator[None, None, None]:
    """Hold the advisory lock of the file `path`; wait for whoever holds it."""
    private_folder(path.parent)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
