"""The project's buckets as folders, as Vertex AI mounts them below `/gcs`.

https://cloud.google.com/vertex-ai/docs/training/cloud-storage-file-system. Limits: a container sees
the objects that were there at its start, and what it writes is stored when it has ended.
"""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

State = tuple[int, int, int]


@dataclass
class Mirror:
    """Buckets in a folder."""

    storage: Any
    folder: Path
    cache: Path
    """Contents by their sums: what was read once is not asked for again."""
    _seen: dict[Path, State] = field(default_factory=dict[Path, State])

    def pull(self) -> None:
        """Lay out every object of every bucket."""
        for bucket in self.storage.list_buckets():
            (self.folder / bucket.name).mkdir(parents=True, exist_ok=True)
            for blob in self.storage.list_blobs(bucket):
                self._lay_out(blob)

    def _lay_out(self, blob: Any) -> None:
        path = self.folder / blob.bucket.name / blob.name
        if blob.name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._content(blob), path)
        self._seen[path] = _state(path)

    def _content(self, blob: Any) -> Path:
        kept = self.cache / base64.b64decode(blob.md5_hash).hex()
        if not kept.is_file():
            self.cache.mkdir(parents=True, exist_ok=True)
            part = kept.with_name(f"{kept.name}-{id(blob)}")
            blob.download_to_filename(str(part))
            part.replace(kept)
        return kept

    def push(self) -> None:
        """Store what was written and changed; delete what was deleted."""
        there = {path: _state(path) for path in self._files()}
        for path, state in there.items():
            if self._seen.get(path) != state:
                self._blob(path).upload_from_filename(str(path))
        for path in self._seen.keys() - there.keys():
            blob = self._blob(path)
            if blob.exists():
                blob.delete()
        self._seen = there

    def _files(self) -> Iterator[Path]:
        return (path for path in sorted(self.folder.rglob("*")) if path.is_file())

    def _blob(self, path: Path) -> Any:
        bucket, *names = path.relative_to(self.folder).parts
        return self.storage.bucket(bucket).blob("/".join(names))


def _state(path: Path) -> State:
    told = path.stat()
    return told.st_mtime_ns, told.st_size, told.st_ino
