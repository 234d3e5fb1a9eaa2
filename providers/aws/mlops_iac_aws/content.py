"""Local files by their content: what travels with a declaration, and the hash that names it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pulumi

DIGEST_LENGTH = 16
"""Hex digits of a content hash in a key: 64 bits, enough that versions never meet."""
_LEFT_OUT = ("__pycache__", "node_modules", "*.pyc", ".*")
"""Folders and files that are made, or nobody's business."""
_DECLARATIONS = ("mlops.yaml", "Pulumi.yaml", "Pulumi.*.yaml")
"""What declares the stack is no code: changing it must not train again."""


def matching_files(project_dir: Path, pattern: str) -> dict[str, Path]:
    """Return the files that `pattern` names, by their path relative to what they share.

    A folder gives all that is in it; a file or a glob gives the files, relative to the project.
    """
    exact = project_dir / pattern
    if exact.is_dir():
        return dict(_below(exact, exact.rglob("*")))
    found = [exact] if exact.exists() else project_dir.glob(pattern)
    return dict(_below(project_dir, found))


def code_files(script: Path, data: Iterable[Path]) -> dict[str, Path]:
    """Return the files that travel with a script: its folder, less `data` and what is made."""
    apart = set(data)
    below = _below(script.parent, script.parent.rglob("*"))
    return {
        name: path
        for name, path in below
        if path not in apart and not _matches_any(name, _DECLARATIONS)
    }


def _below(root: Path, paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    for path in sorted(paths):
        relative = path.relative_to(root)
        if path.is_file() and not any(_matches_any(part, _LEFT_OUT) for part in relative.parts):
            yield relative.as_posix(), path


def _matches_any(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


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
