"""The files of a declaration, and the digests that name their content whatever folder they lie in.

Every target takes the same files and names them alike, so the same data and the same code have
one version each, on a laptop and on three clouds.

With a script travels its folder, without what changes no run: the declaration itself, the data of
the stack's datasets, caches, environments, and what a `.mlopsignore` beside the script names, one
glob a line. Only the file system is read; nothing is remembered but the digests of unchanged files.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from glob import has_magic
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from mlops_iac.errors import MlopsError, Problem
from mlops_iac.specs import Dataset, Spec
from mlops_iac.specs.jobs import ScriptJob

FileSet = Mapping[str, Path]
"""Files by the relative POSIX path under which they are stored, sorted by it."""

IGNORE_FILE = ".mlopsignore"

IGNORED_FOLDERS = frozenset({"__pycache__", "build", "dist", "mlruns", "node_modules", "venv"})
"""Folders that are no code wherever they lie; so is one with a `pyvenv.cfg`."""

IGNORED_NAMES = (
    ".*",
    "*.pyc",
    "*.md",
    "*.egg-info",
    "mlops.yaml",
    "Pulumi.yaml",
    "Pulumi.*.yaml",
    "mlflow.db",
)
"""Files and folders that are no code; `__main__.py` too, when it is the Pulumi program."""

MAX_CODE_BYTES = 50 << 20
MAX_CODE_FILES = 2000
"""What travels with a script; larger things are data."""

MAX_UPLOADED_FILES = 1000
"""Files of a dataset that a declaration uploads: each is a resource, read in every preview."""

_CHUNK_BYTES = 1 << 20


class ContentError(MlopsError):
    """The files of a declaration cannot be taken as they are."""

    code = "content"


# --- digests


def digest(files: FileSet) -> str:
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


def folder_files(folder: Path) -> FileSet:
    """Return every file below a folder; links to folders are not followed."""
    found = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return _relative_to(folder, (path for path in found if path.is_file()))


def folder_digest(folder: Path) -> str:
    """Return the digest of all that lies below a folder."""
    return digest(folder_files(folder))


def _relative_to(folder: Path, paths: Iterable[Path]) -> FileSet:
    return dict(sorted((path.relative_to(folder).as_posix(), path) for path in paths))


# --- data


def is_on_disk(source: str) -> bool:
    """Whether a dataset's source is a path, a glob, or a `file://` URI of this machine."""
    return _location(source, Path()) is not None


def data_files(source: str, project_dir: Path) -> FileSet:
    """Return the files of a dataset's source: of a file, a folder or a glob.

    Names are relative to the folder, or to the part of a glob that has no pattern. Empty when
    nothing matches, when the source lies elsewhere, and when it leads out of the project.
    """
    location = _location(source, project_dir)
    if location is None:
        return {}
    top, pattern = location
    path = top / pattern
    if path.is_file():
        return {path.name: path}
    if path.is_dir():
        return folder_files(path)
    if not has_magic(pattern):
        return {}
    base = top / _fixed_part(pattern)
    found = base.glob(path.relative_to(base).as_posix())
    return _relative_to(base, (match for match in found if match.is_file()))


def dataset_version(dataset: Dataset, project_dir: Path) -> str:
    """Return the version of a dataset: the digest of its files, or of its address."""
    if not is_on_disk(dataset.source):
        return hashlib.sha256(dataset.source.encode()).hexdigest()
    return digest(data_files(dataset.source, project_dir))


def upload_problems(dataset: Dataset, project_dir: Path, remedy: str) -> Iterator[Problem]:
    """Yield a problem when a dataset has more files than a declaration should upload."""
    count = len(data_files(dataset.source, project_dir))
    if count > MAX_UPLOADED_FILES:
        yield Problem(
            code="dataset.too-many-files",
            component=dataset.name,
            field="source",
            value=dataset.source,
            message=f"`{dataset.source}` matches {count} files",
            rule=f"at most {MAX_UPLOADED_FILES} files are uploaded with a declaration",
            remedy=remedy,
        )


def _location(source: str, project_dir: Path) -> tuple[Path, str] | None:
    if "://" not in source:
        return None if _leaves(source) else (project_dir, source)
    parts = urlsplit(source)
    is_here = parts.scheme == "file" and parts.netloc in {"", "localhost"}
    return (Path("/"), unquote(parts.path).lstrip("/")) if is_here else None


def _leaves(path: str) -> bool:
    # Planning refuses such a path in its own words; here it must only not be followed.
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts or "\0" in path


def _fixed_part(pattern: str) -> Path:
    parts = PurePosixPath(pattern).parts
    return Path(*parts[: next(index for index, part in enumerate(parts) if has_magic(part))])


# --- code


def code_files(job: ScriptJob, project_dir: Path, specs: Iterable[Spec]) -> FileSet:
    """Return the files that travel with a job's script, by their path in its folder.

    Args:
        job: a job with a `script`; one that is all in its image has no files.
        project_dir: folder of the declaration.
        specs: the components of the stack, whose datasets are data, not code.

    Raises:
        ContentError: there is no script, a link cannot travel, or the folder is huge.
    """
    if job.script is None:
        return {}
    script = project_dir / job.script
    if _leaves(job.script) or not script.is_file():
        raise ContentError(
            f"there is no script `{job.script}`", remedy="name a file of the project"
        )
    walk = _Walk(script.parent, project_dir, specs)
    files = _relative_to(script.parent, [*_bounded(walk.files(script.parent)), script])
    _refuse_huge(files)
    return files


def code_digest(job: ScriptJob, project_dir: Path, specs: Iterable[Spec]) -> str | None:
    """Return the digest of the code that travels; `None` for a job that is all in its image."""
    return None if job.script is None else digest(code_files(job, project_dir, specs))


def code_problems(job: ScriptJob, project_dir: Path, specs: Iterable[Spec]) -> Iterator[Problem]:
    """Yield why the code of a job cannot travel."""
    try:
        code_files(job, project_dir, specs)
    except ContentError as error:
        yield Problem(
            code="job.code",
            component=job.name,
            field="script",
            value=job.script,
            message=error.message,
            rule="the script's folder travels with it",
            remedy=error.remedy,
        )


class _Walk:
    """Finds what is code below the folder of a script."""

    def __init__(self, top: Path, project_dir: Path, specs: Iterable[Spec]) -> None:
        self._top = top
        self._project = project_dir.resolve()
        self._patterns = (*IGNORED_NAMES, *_program(top), *_declared_patterns(top))
        self._data = {path.resolve() for path in _data_paths(specs, project_dir)}

    def files(self, folder: Path) -> Iterator[Path]:
        """Yield the code below `folder`, entry by entry in the order of their names."""
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            path = Path(entry.path)
            if self._is_ignored(path):
                continue
            if entry.is_symlink():
                self._refuse_link(path)
            if path.is_dir():
                yield from self.files(path)
            elif path.is_file():
                yield path

    def _is_ignored(self, path: Path) -> bool:
        relative = path.relative_to(self._top).as_posix()
        if any(_matches(relative, pattern) for pattern in self._patterns):
            return True
        if not path.is_dir():
            return path.resolve() in self._data
        is_environment = (path / "pyvenv.cfg").exists()
        return path.name in IGNORED_FOLDERS or is_environment or self._is_linked_data(path)

    def _is_linked_data(self, folder: Path) -> bool:
        if not folder.is_symlink():
            return False
        target = folder.resolve()
        return any(path.is_relative_to(target) for path in self._data)

    def _refuse_link(self, path: Path) -> None:
        where = path.relative_to(self._top).as_posix()
        remedy = f"copy what it leads to, or name it in `{IGNORE_FILE}`"
        if not path.resolve().is_relative_to(self._project):
            raise ContentError(f"`{where}` is a link that leads out of the project", remedy=remedy)
        if path.is_dir():
            # Followed, it could lead back up, and the walk would never end.
            raise ContentError(f"`{where}` is a link to a folder", remedy=remedy)


def _data_paths(specs: Iterable[Spec], project_dir: Path) -> Iterator[Path]:
    for spec in specs:
        if isinstance(spec, Dataset):
            yield from data_files(spec.source, project_dir).values()


def _program(folder: Path) -> Iterator[str]:
    if (folder / "Pulumi.yaml").exists():
        yield "/__main__.py"


def _declared_patterns(folder: Path) -> Iterator[str]:
    file = folder / IGNORE_FILE
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def _matches(relative: str, pattern: str) -> bool:
    """Whether a pattern names a path: with a slash the whole path, else its last part."""
    if "/" in pattern.rstrip("/"):
        return fnmatchcase(relative, pattern.strip("/"))
    return fnmatchcase(relative.rpartition("/")[2], pattern.rstrip("/"))


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


def _too_large(how: str) -> ContentError:
    return ContentError(
        f"the script's folder holds {how} beside the data of the stack's datasets",
        remedy=f"move the script into a folder of its own, or write a `{IGNORE_FILE}`: at most "
        f"{MAX_CODE_BYTES >> 20} MiB in {MAX_CODE_FILES} files travel with a script",
    )
