"""Folders of blobs in a machine's file system, as Azure ML mounts and downloads them.

https://learn.microsoft.com/azure/machine-learning/how-to-read-write-data-v2. Limits: a process sees
the blobs that were there at its start, and what it writes is stored when it has ended.
"""

import hashlib
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.data import Spot
from tests.clouds.azure.work.failures import WorkError

State = tuple[int, int, int]


@dataclass(frozen=True)
class Cache:
    """Contents of blobs as they were: what was read once is not asked for again."""

    folder: Path

    def lay_out(self, container: Any, blob: Any, path: Path) -> None:
        """Put a blob's content at a path."""
        # A cloud that was told to forget counts its etags anew.
        told = (blob.name, blob.etag, blob.size, blob.last_modified)
        kept = self.folder / hashlib.sha256(repr(told).encode()).hexdigest()
        if not kept.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            part = kept.with_name(f"{kept.name}-{threading.get_ident()}-{id(blob)}")
            with part.open("wb") as file:
                container.download_blob(blob.name).readinto(file)
            part.replace(kept)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kept, path)


@dataclass
class Mount:
    """One folder, or one file, of blobs."""

    api: Api
    spot: Spot
    path: Path
    cache: Cache
    _seen: dict[Path, State] = field(default_factory=dict[Path, State])

    @property
    def container(self) -> Any:
        """Azure's own client of the container."""
        return self.api.container(self.spot.account, self.spot.container)

    def pull(self) -> int:
        """Lay out every blob below the place; return how many there are."""
        prefix = f"{self.spot.path}/" if self.spot.path else ""
        count = 0
        self.path.mkdir(parents=True, exist_ok=True)
        for blob in self.container.list_blobs(name_starts_with=prefix):
            name = blob.name.removeprefix(prefix)
            if name and not name.endswith("/"):
                self.cache.lay_out(self.container, blob, self.path / name)
                self._seen[self.path / name] = _state(self.path / name)
                count += 1
        return count

    def pull_file(self) -> None:
        """Lay out the one blob that the place is.

        Raises:
            WorkError: there is none.
        """
        client = self.container.get_blob_client(self.spot.path)
        if not client.exists():
            raise _missing(self.spot)
        self.cache.lay_out(self.container, client.get_blob_properties(), self.path)

    def push(self) -> None:
        """Store what was written and changed; delete what was deleted."""
        there = {path: _state(path) for path in self._files()}
        for path, state in there.items():
            if self._seen.get(path) != state:
                with path.open("rb") as file:
                    self._blob(path).upload_blob(file, overwrite=True)
        for path in self._seen.keys() - there.keys():
            blob = self._blob(path)
            if blob.exists():
                blob.delete_blob()
        self._seen = there

    def _files(self) -> Iterator[Path]:
        if self.path.is_file():
            return iter([self.path])
        return (path for path in sorted(self.path.rglob("*")) if path.is_file())

    def _blob(self, path: Path) -> Any:
        name = "" if path == self.path else path.relative_to(self.path).as_posix()
        return self.container.get_blob_client(self.spot.below(name).path)


def read(api: Api, spot: Spot, path: Path, cache: Cache) -> Path:
    """Lay out a folder, or a file, at a path of its own name; return that path.

    Raises:
        WorkError: nothing is there.
    """
    name = spot.path.rpartition("/")[2]
    mount = Mount(api, spot, path, cache)
    if name and mount.container.get_blob_client(spot.path).exists():
        file = Mount(api, spot, path / name, cache)
        file.pull_file()
        return file.path
    if not mount.pull():
        raise _missing(spot)
    return mount.path


def _missing(spot: Spot) -> WorkError:
    return WorkError(
        f"ScriptExecution.StreamAccess.NotFound: The requested stream was not found: "
        f"'{spot.container}/{spot.path}' of the account '{spot.account}'.",
        "DataNotFound",
    )


def _state(path: Path) -> State:
    told = path.stat()
    return told.st_mtime_ns, told.st_size, told.st_ino
