"""Sets of files, and the digest that names their content whatever folder they lie in."""

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from glob import has_magic
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

FileSet = Mapping[str, Path]
"""Files by the relative POSIX path under which they are stored."""

_CHUNK_BYTES = 1 << 20


def digest_of(files: FileSet) -> str:
    """Return the SHA-256 of a set of files: of their relative paths and contents, sorted."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{file_digest(files[name])}\n".encode())
    return total.hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file; one process reads an unchanged file once."""
    status = path.stat()
    return _file_digest(path, status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=65_536)
def _file_digest(path: Path, inode: int, size: int, modified: int) -> str:  # noqa: ARG001  a key
    total = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            total.update(chunk)
    return total.hexdigest()


def source_path(source: str, project_dir: Path) -> Path | None:
    """Return the path or glob of a dataset's source; `None` when it lies on no file system."""
    if "://" not in source:
        return project_dir / source
    parts = urlsplit(source)
    is_here = parts.scheme == "file" and parts.netloc in {"", "localhost"}
    return Path(unquote(parts.path)) if is_here else None


def source_files(source: str, project_dir: Path) -> FileSet:
    """Return the files of a dataset's source: of a file, a folder or a glob. Empty when none."""
    path = source_path(source, project_dir)
    if path is None:
        return {}
    if not has_magic(str(path)) or path.exists():
        return _files_of(path)
    base = _fixed_base(path)
    pattern = path.relative_to(base).as_posix()
    found = (match for match in base.glob(pattern) if match.is_file())
    return {match.relative_to(base).as_posix(): match for match in found}


def _files_of(path: Path) -> FileSet:
    if path.is_file():
        return {path.name: path}
    found = (Path(parent, name) for parent, _, names in os.walk(path) for name in names)
    return {file.relative_to(path).as_posix(): file for file in found if file.is_file()}


def _fixed_base(pattern: Path) -> Path:
    parts = PurePosixPath(pattern.as_posix()).parts
    fixed = next(index for index, part in enumerate(parts) if has_magic(part))
    return Path(*parts[:fixed])
