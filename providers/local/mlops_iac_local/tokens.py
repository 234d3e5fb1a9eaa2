"""Random tokens in private files: who may read the file is who may call."""

import hashlib
import secrets
from pathlib import Path

from mlops_iac_local.files import write_private

_BYTES = 32


def make_token(path: Path) -> str:
    """Write a new random token; return its SHA-256, which may stand in state."""
    write_private(path, secrets.token_urlsafe(_BYTES))
    return str(token_mark(path))


def token_mark(path: Path) -> str | None:
    """Return the SHA-256 of a token; `None` when it is missing or others may read it."""
    if not path.is_file() or path.stat().st_mode & 0o077:
        return None
    return hashlib.sha256(path.read_bytes()).hexdigest()
