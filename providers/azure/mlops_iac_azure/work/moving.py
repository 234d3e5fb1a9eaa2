"""Folders between a container's disk and the stack's store."""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mlops_iac.errors import OperationError
from mlops_iac_azure import documents
from mlops_iac_azure.session import Place

_AT_ONCE = 8
_TYPE = "application/octet-stream"


def fetch_file(where: Place, bucket: str, path: str, folder: Path) -> Path:
    """Write a blob to a folder under its own name; return the file.

    Raises:
        OperationError: it is not there.
    """
    target = folder / path.rpartition("/")[2]
    target.parent.mkdir(parents=True, exist_ok=True)
    found = documents.read_bytes(where, bucket, path)
    if found is None:
        raise OperationError(f"`{path}` is not in `{bucket}`", remedy="run `mlops-iac up`")
    target.write_bytes(found[0])
    return target


def fetch_folder(where: Place, bucket: str, prefix: str, folder: Path) -> Path:
    """Write all blobs under a prefix to a folder; return it.

    Raises:
        OperationError: there are none.
    """
    under = f"{prefix.rstrip('/')}/"
    known = [path for path in documents.paths(where, bucket, under) if not path.endswith("/")]
    if not known:
        raise OperationError(f"`{under}` is not in `{bucket}`", remedy="run it again")

    def fetch(path: str) -> None:
        inside = Path(path.removeprefix(under))
        if inside.is_absolute() or ".." in inside.parts:
            raise OperationError(f"`{path}` leads out of its folder")
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            documents.blob(where, bucket, path).download_blob().readinto(file)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(fetch, known))
    return folder


def keep_folder(
    where: Place, bucket: str, prefix: str, folder: Path, *, but: Collection[str] = ()
) -> None:
    """Write the files of a folder to blobs under a prefix; nothing when it is not there.

    Args:
        where: the workspace.
        bucket: the store.
        prefix: what the blobs' names begin with.
        folder: the files.
        but: names in the folder that are left out.
    """

    def keep(path: Path) -> None:
        name = f"{prefix}/{path.relative_to(folder).as_posix()}"
        with path.open("rb") as file:
            documents.write_bytes(where, bucket, name, file, content_type=_TYPE)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(keep, _files(folder, but)))


def _files(folder: Path, but: Collection[str]) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        # A link may lead anywhere.
        if (
            path.is_file()
            and not path.is_symlink()
            and path.relative_to(folder).parts[0] not in but
        ):
            yield path
