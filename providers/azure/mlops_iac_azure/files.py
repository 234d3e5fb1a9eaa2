"""Local files that travel to the cloud, and the hash that names them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path, PurePosixPath

from mlops_iac.provider import Problem, content_hash
from mlops_iac.specs import Dataset, Spec

HASH_DIGITS = 16
MAX_FILES = 1000
"""Each file is a resource of the stack; more belong into a store, named by a URI."""
MAX_CODE_BYTES = 100 * 1024 * 1024

_LEFT_BEHIND = ("__pycache__", "*.pyc", ".*", "mlops.yaml", "Pulumi*.yaml", "*.egg-info")


@dataclass(frozen=True)
class Files:
    """Some files under one folder."""

    paths: Mapping[str, Path]
    """Path on disk by the path, with `/`, below the folder."""

    @cached_property
    def digest(self) -> str:
        """Return the hash of all names and contents."""
        return content_hash(
            {name: _file_hash(path) for name, path in self.paths.items()}, HASH_DIGITS
        )

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(path.stat().st_size for path in self.paths.values())


def matched_files(project_dir: Path, source: str) -> Files:
    """Return the files of a path, a folder or a glob relative to the declaration."""
    if _leaves(source):
        return Files({})
    exact = project_dir / source
    if exact.is_dir():
        return _below(exact, exact.rglob("*"))
    if exact.is_file():
        return Files({exact.name: exact})
    found = sorted(path for path in project_dir.glob(source) if path.is_file())
    return _below(_common_folder(found, project_dir), found)


def code_files(project_dir: Path, script: str, specs: Iterable[Spec]) -> Files:
    """Return the script's folder: without caches, hidden files, declarations, and datasets."""
    if _leaves(script):
        return Files({})
    folder = (project_dir / script).parent
    data = set(_dataset_paths(project_dir, specs))
    kept = (path for path in folder.rglob("*") if path not in data and not _left(folder, path))
    return _below(folder, kept)


def file_problems(component: str, field: str, files: Files, limit: int | None) -> Iterator[Problem]:
    """Yield what is wrong with the number and the size of files."""
    if len(files.paths) > MAX_FILES:
        yield Problem(
            code="files.too-many",
            component=component,
            field=field,
            value=len(files.paths),
            message=f"{len(files.paths)} files would be uploaded one by one",
            rule=f"at most {MAX_FILES} files",
            remedy="put the files into a storage account and name their URI",
        )
    if limit is not None and files.size > limit:
        yield Problem(
            code="files.too-large",
            component=component,
            field=field,
            value=files.size,
            message=f"the folder of the script holds {files.size >> 20} MiB",
            rule=f"at most {limit >> 20} MiB travel with a script",
            remedy="move the script into a folder of its own",
        )


def _leaves(path: str) -> bool:
    # Refused by planning for every target; here it must only not be followed.
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts or "\0" in path


def _below(folder: Path, paths: Iterable[Path]) -> Files:
    files = {path.relative_to(folder).as_posix(): path for path in paths if path.is_file()}
    return Files(dict(sorted(files.items())))


def _common_folder(paths: list[Path], default: Path) -> Path:
    parents = {path.parent for path in paths}
    return parents.pop() if len(parents) == 1 else default


def _dataset_paths(project_dir: Path, specs: Iterable[Spec]) -> Iterator[Path]:
    for spec in specs:
        if isinstance(spec, Dataset) and not spec.is_remote:
            yield from matched_files(project_dir, spec.source).paths.values()


def _left(folder: Path, path: Path) -> bool:
    parts = path.relative_to(folder).parts
    return any(fnmatch(part, pattern) for part in parts for pattern in _LEFT_BEHIND)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
