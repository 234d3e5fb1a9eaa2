"""Where the plugin keeps what must outlive it: owner-only folders and files."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def state_folder(config: Mapping[str, Any]) -> Path:
    """Return the folder of one provider instance: its `root`, else the user's state folder."""
    root = config.get("root")
    return Path(str(root)) if root else user_state_folder()


def user_state_folder() -> Path:
    """Return the per-user folder, by the XDG base directory rules."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "mlops-iac"


def user_data_folder() -> Path:
    """Return the per-user folder of what is installed, by the XDG base directory rules."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "mlops-iac"


def private_folder(folder: Path) -> Path:
    """Make `folder` and what is missing above it, for the owner only; return it."""
    # `parents=True` would give the folders above the mode of the umask.
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=FOLDER_MODE, exist_ok=True)
    return folder


def append(path: Path, text: str, *, durable: bool = False) -> None:
    """Append `text` to an owner-only file, made when missing.

    `durable` returns only when the disk has it, also after a power cut.
    """
    private_folder(path.parent)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        os.write(descriptor, text.encode())
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if durable and is_new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
