"""Local files by their content: what travels with a declaration, and the hash that names it.

The same files travel on every target, so that the same data and code have one version each.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path, PurePosixPath

import pulumi

DIGEST_LENGTH = 16
"""Hex digits of a content hash in a key: 64 bits, enough that versions never meet."""
IGNORE_FILE = ".mlopsignore"
_IGNORED_FOLDERS = frozenset({"__pycache__", "build", "dist", "mlruns", "node_modules", "venv"})
"""Folders that are left out wherever they lie; so is every one whose name begins with a dot."""
_IGNORED_FILES = (".*", "*.pyc", "*.md", "mlops.yaml", "Pulumi.yaml", "Pulumi.*.yaml", "mlflow.db")
"""What declares the stack is no code: changing it must not train again."""


def matching_files(project_dir: Path, source: str) -> dict[str, Path]:
    """Return the files of a dataset's source, by the name under which a job finds each.

    Names are relative to the folder that was named, or to the fixed part of a glob.
    """
    path = project_dir / source
    if path.is_file():
        return {path.name: path}
    base = path if path.is_dir() else project_dir / _fixed(source)
    found = path.rglob("*") if path.is_dir() else _globbed(base, path, source)
    return {p.relative_to(base).as_posix(): p for p in sorted(found) if p.is_file()}


def _globbed(base: Path, path: Path, source: str) -> Iterable[Path]:
    return base.glob(path.relative_to(base).as_posix()) if has_magic(source) else ()


def _fixed(pattern: str) -> str:
    parts = PurePosixPath(pattern).parts
    fixed = next((index for index, part in enumerate(parts) if has_magic(part)), len(parts))
    return "/".join(parts[:fixed])


def code_files(script: Path, data: Iterable[Path]) -> dict[str, Path]:
    """Return the files that travel with a script: its folder, less `data` and what is no code.

    A `.mlopsignore` beside the script names more to leave out, one glob a line. A link that leads
    out of the folder is not followed.
    """
    folder = script.parent
    apart = {path.resolve() for path in data}
    patterns = (*_IGNORED_FILES, *_program(folder), *_declared(folder))
    found = {
        path.relative_to(folder).as_posix(): path
        for path in _walk(folder, folder, patterns)
        if path.resolve() not in apart
    }
    return {**found, script.name: script}


def _program(folder: Path) -> Sequence[str]:
    return ("/__main__.py",) if (folder / "Pulumi.yaml").exists() else ()


def _declared(folder: Path) -> Sequence[str]:
    file = folder / IGNORE_FILE
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _walk(folder: Path, top: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if _is_ignored(path.relative_to(top).as_posix(), patterns):
            continue
        if entry.is_symlink() and not path.resolve().is_relative_to(top.resolve()):
            continue
        if entry.is_file():
            yield path
        elif entry.is_dir(follow_symlinks=False) and not _is_ignored_folder(path):
            yield from _walk(path, top, patterns)


def _is_ignored_folder(path: Path) -> bool:
    is_environment = (path / "pyvenv.cfg").exists()
    return path.name in _IGNORED_FOLDERS or path.name.startswith(".") or is_environment


def _is_ignored(relative: str, patterns: Sequence[str]) -> bool:
    name = relative.rpartition("/")[2]
    return any(
        fnmatchcase(relative, pattern.strip("/"))
        if "/" in pattern.rstrip("/")
        else fnmatchcase(name, pattern.rstrip("/"))
        for pattern in patterns
    )


def digest(files: Mapping[str, Path]) -> str:
    """Return the hash of files with their names."""
    total = hashlib.sha256()
    for name, path in sorted(files.items()):
        total.update(f"{name}\0{file_digest(path)}\n".encode())
    return total.hexdigest()[:DIGEST_LENGTH]


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, which may be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def archive(files: Mapping[str, Path]) -> pulumi.AssetArchive:
    """Return files as one archive, with exactly the content that `digest` names."""
    return pulumi.AssetArchive({name: pulumi.FileAsset(str(path)) for name, path in files.items()})
