"""Folders of a bucket in a server's file system, as Cloud Run mounts them (Cloud Storage FUSE).

https://cloud.google.com/run/docs/configuring/services/cloud-storage-volume-mounts. Limit: a server
sees what was there when a call began, and what it writes is stored when the call has ended.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.failures import unknown

_ONLY = "only-dir="


@dataclass
class Mount:
    """One folder."""

    bucket: Any
    prefix: str
    folder: Path
    _known: set[str] = field(default_factory=set[str])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def pull(self) -> None:
        """Lay out what has come."""
        with self._lock:
            for blob in self.bucket.client.list_blobs(self.bucket, prefix=self.prefix):
                name = blob.name.removeprefix(self.prefix)
                if name not in self._known and not name.endswith("/"):
                    self._known.add(name)
                    path = self.folder / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(blob.download_as_bytes())

    def push(self) -> None:
        """Store what was written."""
        with self._lock:
            for path in (one for one in self.folder.rglob("*") if one.is_file()):
                name = path.relative_to(self.folder).as_posix()
                if name not in self._known:
                    self._known.add(name)
                    self.bucket.blob(self.prefix + name).upload_from_filename(str(path))


def mounted(template: Mapping[str, Any], mount: Mapping[str, Any], api: Api, root: Path) -> Mount:
    """Return the folder that stands for a mount of a revision.

    Raises:
        WorkError: it is no bucket.
    """
    volumes = {one["name"]: one for one in template.get("volumes", ())}
    source = volumes[mount["name"]].get("gcs")
    if source is None:
        raise unknown("volumes but of Cloud Storage")
    options = source.get("mountOptions", ())
    only = next((one.removeprefix(_ONLY) for one in options if one.startswith(_ONLY)), "")
    folder = root / mount["mountPath"].lstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    return Mount(api.storage.bucket(source["bucket"]), f"{only}/" if only else "", folder)
