"""The digest of a folder: what names a model, whatever folder it lies in."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from mlops_iac.runtime.errors import ModelRefusedError

DIGEST_PATTERN = re.compile(r"sha256:[0-9a-f]{64}")

BASELINE_FILE = "baseline.parquet"
"""Rows that a model learned from: in a job's output folder, or in the root of the model."""

# MLflow writes the second into the root of a model that it downloads, so it differs between
# copies of one model: `mlflow/store/artifact/models_artifact_repo.py`. The first is put beside a
# model that MLflow knows without it.
IGNORED_NAMES = frozenset({BASELINE_FILE, "registered_model_meta"})

_CHUNK_BYTES = 1 << 20


def model_files(folder: Path) -> Iterator[Path]:
    """Yield every file under `folder`, sorted by relative path.

    Raises:
        ModelRefusedError: an entry is a symbolic link, a device, a socket or a pipe.
    """
    yield from sorted(_walk(folder), key=lambda path: path.relative_to(folder).as_posix())


def tree_digest(folder: Path) -> str:
    """Return `sha256:` and the hexadecimal digest of a folder's content.

    For each file in the order of its relative POSIX path: the path, a zero byte, the
    file's length as eight big-endian bytes, the content. Times, modes and owners do not count.

    Raises:
        ModelRefusedError: the folder holds something other than plain files and folders.
    """
    total = hashlib.sha256()
    for path in model_files(folder):
        relative = path.relative_to(folder).as_posix()
        if relative in IGNORED_NAMES:
            continue
        total.update(relative.encode() + b"\0")
        total.update(path.stat().st_size.to_bytes(8, "big"))
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                total.update(chunk)
    return f"sha256:{total.hexdigest()}"


def _walk(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
        else:
            raise ModelRefusedError(
                f"the model holds `{entry.name}`, which is a link or a device",
                remedy="store plain files only: a link can lead out of the model's folder",
            )
