"""The code of a training job: the script's folder, without what is not code.

A file that is left out changes no run: the declaration itself, the data of the stack's datasets,
caches, environments, and what a `.mlopsignore` beside the script names (one glob a line).
"""

import fnmatch
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mlops_iac.specs.dataset import Dataset
from mlops_iac.specs.training_job import TrainingJob
from mlops_iac_local.content import FileSet, source_files
from mlops_iac_local.errors import LocalError

IGNORE_FILE = ".mlopsignore"

IGNORED_FOLDERS = frozenset({"__pycache__", "build", "dist", "mlruns", "node_modules", "venv"})
"""Folders that are left out wherever they lie; so is every one whose name begins with a dot."""

IGNORED_FILES = (".*", "*.pyc", "*.md", "mlops.yaml", "Pulumi.yaml", "Pulumi.*.yaml", "mlflow.db")
"""Files that are left out; `__main__.py` too, when it is the Pulumi program."""

MAX_CODE_BYTES = 50 << 20
MAX_CODE_FILES = 2000


def code_files(job: TrainingJob, project_dir: Path, datasets: Iterable[Dataset]) -> FileSet:
    """Return the files that travel with a job's script, by their path in its folder.

    Raises:
        LocalError: there is no script, a link leads out of the folder, or the folder is huge.
    """
    script = script_path(job, project_dir)
    if not script.is_file():
        raise LocalError(f"there is no script `{job.script}`", remedy="name a file of the project")
    folder = script.parent
    data = {
        path.resolve()
        for dataset in datasets
        for path in source_files(dataset.source, project_dir).values()
    }
    patterns = (*IGNORED_FILES, *_program(folder), *_declared_patterns(folder))
    files = {
        path.relative_to(folder).as_posix(): path
        for path in _bounded(_walk(folder, folder, patterns))
        if path.resolve() not in data
    }
    files[script.name] = script
    _refuse_huge(files)
    return files


def script_path(job: TrainingJob, project_dir: Path) -> Path:
    """Return the path of a job's script."""
    return project_dir / (job.script or "")


def _program(folder: Path) -> Sequence[str]:
    return ("/__main__.py",) if (folder / "Pulumi.yaml").exists() else ()


def _declared_patterns(folder: Path) -> Sequence[str]:
    try:
        lines = (folder / IGNORE_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _walk(folder: Path, top: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if _is_ignored(path.relative_to(top).as_posix(), patterns):
            continue
        if entry.is_symlink() and not path.resolve().is_relative_to(top.resolve()):
            raise LocalError(
                f"`{path}` is a link that leads out of the script's folder",
                remedy=f"copy the file, or name it in `{IGNORE_FILE}`",
            )
        if entry.is_file():
            yield path
        elif entry.is_dir(follow_symlinks=False) and not _is_ignored_folder(path):
            yield from _walk(path, top, patterns)


def _is_ignored_folder(path: Path) -> bool:
    is_environment = (path / "pyvenv.cfg").exists()
    return path.name in IGNORED_FOLDERS or path.name.startswith(".") or is_environment


def _is_ignored(relative: str, patterns: Sequence[str]) -> bool:
    name = relative.rpartition("/")[2]
    return any(
        fnmatch.fnmatchcase(relative, pattern.strip("/"))
        if "/" in pattern.rstrip("/")
        else fnmatch.fnmatchcase(name, pattern.rstrip("/"))
        for pattern in patterns
    )


def _bounded(paths: Iterator[Path]) -> Iterator[Path]:
    # A script that lies in somebody's home folder must not make planning walk all of it.
    for count, path in enumerate(paths, start=1):
        if count > 10 * MAX_CODE_FILES:
            raise _too_large(f"more than {10 * MAX_CODE_FILES} files")
        yield path


def _refuse_huge(files: FileSet) -> None:
    size = sum(path.stat().st_size for path in files.values())
    if size > MAX_CODE_BYTES:
        raise _too_large(f"{size >> 20} MiB")
    if len(files) > MAX_CODE_FILES:
        raise _too_large(f"{len(files)} files")


def _too_large(how: str) -> LocalError:
    return LocalError(
        f"the script's folder holds {how} beside the data of the stack's datasets",
        remedy=f"move the script into a folder of its own, or write a `{IGNORE_FILE}`: at most "
        f"{MAX_CODE_BYTES >> 20} MiB in {MAX_CODE_FILES} files travel with a script",
    )
