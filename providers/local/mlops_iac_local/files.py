"""Private files: written whole or not at all, readable by their owner only."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def make_folder(path: Path) -> Path:
    """Make `path` and its parents, private to this user; return it."""
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
    path.chmod(FOLDER_MODE)
    return path


def write_private(path: Path, content: str | bytes) -> None:
    """Replace `path` in one step by a file that only its owner reads.

    A reader sees the old content or the new, also after a crash: the file is synced and renamed.
    """
    data = content.encode() if isinstance(content, str) else content
    # mkstemp makes the file with mode 0600, whatever the umask is.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace `path` by `document` in one step."""
    write_private(path, json.dumps(document, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the document in `path`, or `None` when there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it; succeed when it is gone already."""
    if path.is_dir() and not path.is_symlink():
        make_writable(path)
        shutil.rmtree(path, ignore_errors=False)
    else:
        path.unlink(missing_ok=True)


def make_writable(folder: Path) -> None:
    """Give the owner back the right to write, which the content-addressed store takes away."""
    for parent, _, _ in os.walk(folder):
        Path(parent).chmod(FOLDER_MODE)


def make_private(folder: Path) -> None:
    """Take every right from other users, on all that another program wrote under `folder`."""
    for parent, _, names in os.walk(folder):
        Path(parent).chmod(FOLDER_MODE)
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(FILE_MODE)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold the lock of `path`, against threads and processes; released when the holder dies."""
    make_folder(path.parent)
    with open(path, "a", opener=_open_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def utc_now() -> str:
    """Return this moment as UTC, ISO 8601."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds")
