"""A model as SageMaker keeps it: an archive, and beside it what names its content.

A folder holds `model.tar.gz`, and its digest in one of two places: `version.json`
(`{"version", "digest"}`) where an alias has a copy of its version, or `run.json` in
`output.tar.gz` where a training job has left both. Nothing is unpacked on trust: an archive holds
plain files and folders below its own root, of a bounded number and size.
"""

import json
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import ModelRefusedError
from mlops_iac.runtime.result import RESULT_NAME

MODEL_ARCHIVE = "model.tar.gz"
RESULT_ARCHIVE = "output.tar.gz"
VERSION_FILE = "version.json"
MAX_FILES = 100_000
MAX_BYTES = 32 << 30
"""Bounds of a model's archive, unpacked."""
_MAX_RESULT_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class ArchivedModel:
    """A model that was unpacked, and the digest that its files must have."""

    path: Path
    """Folder with the `MLmodel`."""
    digest: str
    version: str | None = None
    """Its version, where the folder tells."""


def archived_model(folder: Path) -> ArchivedModel | None:
    """Return the model in `folder`, unpacked into a new folder; `None` when there is none.

    Raises:
        ModelRefusedError: the archive is not safe to unpack, or nothing tells its digest.
    """
    archive = folder / MODEL_ARCHIVE
    if not archive.is_file():
        return None
    told = _told(folder)
    target = Path(tempfile.mkdtemp(prefix="mlops-model-"))
    unpack(archive, target)
    return ArchivedModel(path=_root(target), digest=told["digest"], version=told["version"])


def unpack(archive: Path, target: Path) -> None:
    """Unpack a tar archive into an empty folder.

    Raises:
        ModelRefusedError: it holds a link, a device, a path out of the folder, or too much.
    """
    left_files, left_bytes = MAX_FILES, MAX_BYTES
    try:
        with tarfile.open(archive, "r:*") as opened:
            for member in opened:
                left_files, left_bytes = left_files - 1, left_bytes - member.size
                if left_files < 0 or left_bytes < 0:
                    raise _refused(archive, f"more than {MAX_FILES} files or {MAX_BYTES} bytes")
                if not (member.isreg() or member.isdir()):
                    raise _refused(archive, f"`{member.name}` is a link or a device")
                opened.extract(member, target, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise _refused(archive, str(error)) from error


def result_in(archive: Path) -> dict[str, Any] | None:
    """Return `run.json` out of a job's `output.tar.gz`; `None` when it has none.

    Raises:
        ModelRefusedError: the archive or the document cannot be read.
    """
    try:
        with tarfile.open(archive, "r:*") as opened:
            found = (m for m in opened if m.isreg() and Path(m.name) == Path(RESULT_NAME))
            member = next(found, None)
            file = member and opened.extractfile(member)
            if member is None or not file:
                return None
            if member.size > _MAX_RESULT_BYTES:
                raise _refused(archive, f"`{RESULT_NAME}` has {member.size} bytes")
            return json.load(file)
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise _refused(archive, str(error)) from error


def _told(folder: Path) -> dict[str, Any]:
    version_file, results = folder / VERSION_FILE, folder / RESULT_ARCHIVE
    if version_file.is_file():
        document = json.loads(version_file.read_text(encoding="utf-8"))
        return {"digest": document["digest"], "version": str(document["version"])}
    result = result_in(results) if results.is_file() else None
    model = (result or {}).get("model")
    if not model:
        raise ModelRefusedError(
            f"nothing beside `{MODEL_ARCHIVE}` tells the model's digest",
            remedy="train it by a job of this stack: a model of unknown origin is not loaded",
        )
    return {"digest": model["digest"], "version": None}


def _root(folder: Path) -> Path:
    candidates = [folder, *sorted(path for path in folder.glob("*") if path.is_dir())]
    return next((path for path in candidates if (path / "MLmodel").is_file()), folder)


def _refused(archive: Path, reason: str) -> ModelRefusedError:
    return ModelRefusedError(
        f"the archive `{archive.name}` is refused: {reason}", remedy="train the model again"
    )
