"""Writing files that another process may be reading: whole or not at all, and private."""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def make_private_folder(folder: Path) -> Path:
    """Return `folder`, made with mode 0700 when it does not exist."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by a file of mode 0600 with `content`; a reader sees the old or the new."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace `path` by a JSON document of mode 0600."""
    text = json.dumps(document, indent=2, sort_keys=True, allow_nan=False)
    write_atomically(path, text.encode() + b"\n")
