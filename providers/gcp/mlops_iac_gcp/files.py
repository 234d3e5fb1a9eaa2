"""Files that travel to the artifact bucket, named by the digest of their content."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path, PurePosixPath

from mlops_iac.provider import Scope
from mlops_iac.specs import Dataset, TrainingJob

FileSet = Mapping[str, Path]
"""Files by the relative POSIX path under which they are stored."""

MAX_FILES = 2000
"""A dataset or a script's folder with more files is better uploaded once, by its owner."""
IGNORE_FILE = ".mlopsignore"
IGNORED_FOLDERS = frozenset({"__pycache__", "build", "dist", "mlruns", "node_modules", "venv"})
IGNORED_FILES = (".*", "*.pyc", "*.md", "mlops.yaml", "Pulumi.yaml", "Pulumi.*.yaml", "mlflow.db")
"""What changes no run, and so is no code."""


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(files: FileSet) -> str:
    """Return the SHA-256 of a set of files: of their relative paths and contents, sorted."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{file_digest(files[name])}\n".encode())
    return total.hexdigest()


def dataset_files(dataset: Dataset, project_dir: Path) -> FileSet:
    """Return the files of a dataset's source: a file, a folder or a glob. Empty when none."""
    path = project_dir / dataset.source
    if path.is_file():
        return {path.name: path}
    if path.is_dir():
        return {file.relative_to(path).as_posix(): file for file in _walk(path)}
    if not has_magic(dataset.source):
        return {}
    base = project_dir / _fixed(dataset.source)
    pattern = path.relative_to(base).as_posix()
    found = (match for match in base.glob(pattern) if match.is_file())
    return {match.relative_to(base).as_posix(): match for match in found}


def dataset_version(dataset: Dataset, project_dir: Path) -> str:
    """Return the version of a dataset: the hash of its content, or of its address."""
    if dataset.is_remote:
        return hashlib.sha256(dataset.source.encode()).hexdigest()
    return digest(dataset_files(dataset, project_dir))


def code_files(job: TrainingJob, scope: Scope) -> FileSet:
    """Return what travels with a job's script: its folder, without what is not code.

    Left out are the declaration itself, the data of the stack's datasets, caches, environments,
    and what a `.mlopsignore` beside the script names (one glob a line).
    """
    script = scope.project_dir / (job.script or "")
    if job.script is None or not script.is_file():
        return {}
    folder = script.parent
    patterns = (*IGNORED_FILES, *_program(folder), *_declared_patterns(folder))
    data = {path.resolve() for path in _data(scope)}
    files = {
        path.relative_to(folder).as_posix(): path
        for path in _code(folder, folder, patterns)
        if path.resolve() not in data
    }
    return {**files, script.name: script}


def _data(scope: Scope) -> Iterator[Path]:
    for spec in scope.specs.values():
        if isinstance(spec, Dataset) and not spec.is_remote:
            yield from dataset_files(spec, scope.project_dir).values()


def _program(folder: Path) -> tuple[str, ...]:
    return ("__main__.py",) if (folder / "Pulumi.yaml").exists() else ()


def _declared_patterns(folder: Path) -> tuple[str, ...]:
    path = folder / IGNORE_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _code(folder: Path, top: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        relative = path.relative_to(top).as_posix()
        if any(fnmatchcase(relative, p) or fnmatchcase(entry.name, p) for p in patterns):
            continue
        if entry.is_file(follow_symlinks=False):
            yield path
        elif entry.is_dir(follow_symlinks=False) and not _is_ignored(path):
            yield from _code(path, top, patterns)


def _is_ignored(folder: Path) -> bool:
    return folder.name in IGNORED_FOLDERS or (folder / "pyvenv.cfg").exists()


def _walk(folder: Path) -> Iterator[Path]:
    for parent, _, found in os.walk(folder):
        yield from (Path(parent, name) for name in found if Path(parent, name).is_file())


def _fixed(pattern: str) -> Path:
    parts = PurePosixPath(pattern).parts
    fixed = next(index for index, part in enumerate(parts) if has_magic(part))
    return Path(*parts[:fixed])
