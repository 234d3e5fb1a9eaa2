"""`mlops-iac:azure:Upload`: files or a text in the stack's store, under the caller's identity.

`pulumi-azure-native` writes blobs with the account's key only, which our accounts do not take
(https://github.com/pulumi/pulumi-azure-native/issues/2015).
"""

# ruff: noqa: ARG002 -- the host passes all it knows; not every handler needs all of it

import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from mlops_iac.custom import Call, Change, Existing, Handler, Properties
from mlops_iac_azure import documents, place
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.session import Place, place_of

FILE, FOLDER, TEXT, ZIP = "file", "folder", "text", "zip"
"""Forms: one file; files under a path; `content` as it is; files in one archive."""
DIGEST = "sha256"
"""Metadata of a blob: what it holds."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Time of every file in an archive, so that the same files make the same archive."""
_NOT_DECLARED = frozenset({"url"})


class UploadHandler(Handler):
    """Writes blobs; the digest of what they hold decides whether they are written again."""

    token = "mlops-iac:azure:Upload"  # noqa: S105
    replace_on = frozenset({"bucket", "path", "form"})
    # Where files lie on this machine is not what they are.
    ignore = frozenset({"files"})

    def create(self, inputs: Properties, call: Call) -> tuple[str, Properties]:
        """Write what is not there yet under this digest."""
        call.journal("upload", path=inputs["path"])
        _written(place_of(call.config), inputs)
        return _address(inputs), _state(inputs)

    def read(self, resource_id: str, state: Properties, call: Call) -> Existing | None:
        """Return what lies there; a folder that lacks a file is told to have another digest."""
        where = place_of(call.config)
        bucket, path = place.split(resource_id)
        known = {key: value for key, value in state.items() if key not in _NOT_DECLARED}
        with told(f"looking at `{path}`"):
            digest = _present(where, bucket, path, known)
        if digest is None:
            return None
        inputs = {"bucket": bucket, "path": path, "form": FILE, **known, "digest": digest}
        return Existing(id=resource_id, state=_state(inputs), inputs=inputs)

    def diff(self, state: Properties, old: Properties, new: Properties) -> Change:
        """Compare what is held; one path is emptied before something else is written there."""
        change = super().diff(state, old, new)
        is_same_path = all(old.get(key) == new.get(key) for key in ("bucket", "path"))
        return Change(
            changed=change.changed,
            replaces=change.replaces,
            delete_before_replace=bool(change.replaces) and is_same_path,
        )

    def update(
        self, resource_id: str, state: Properties, inputs: Properties, call: Call
    ) -> Properties:
        """Write anew what changed under the same path."""
        _written(place_of(call.config), inputs)
        return _state(inputs)

    def delete(self, resource_id: str, state: Properties, call: Call) -> None:
        """Remove what was written."""
        where = place_of(call.config)
        bucket, path = place.split(resource_id)
        with told(f"removing `{path}`"):
            for each in _paths(where, bucket, path, state):
                documents.remove(where, bucket, each)


def _written(where: Place, inputs: Properties) -> None:
    with told(f"writing `{inputs['path']}`"):
        for path, content, digest in _blobs(inputs):
            _write(where, inputs, path, content, digest)


def _write(where: Place, inputs: Properties, path: str, content: Any, digest: str) -> None:
    metadata = {**(inputs.get("metadata") or {}), DIGEST: digest}
    if _properties(where, inputs["bucket"], path) == metadata:
        return
    held = content.open("rb") if isinstance(content, Path) else io.BytesIO(content)
    with held as stream:
        documents.write_bytes(
            where,
            inputs["bucket"],
            path,
            stream,
            content_type=inputs.get("contentType") or "application/octet-stream",
            metadata=metadata,
        )


def _blobs(inputs: Properties) -> Iterator[tuple[str, Path | bytes, str]]:
    """Yield path, content and digest of every blob of an upload."""
    path, form = inputs["path"], inputs["form"]
    files = {name: _file(where) for name, where in (inputs.get("files") or {}).items()}
    if form == TEXT:
        yield path, inputs["content"].encode(), inputs["digest"]
    elif form == ZIP:
        yield path, archive(files), inputs["digest"]
    elif form == FILE:
        (content,) = files.values()
        yield path, content, inputs["digest"]
    else:
        for name, content in sorted(files.items()):
            yield f"{path}/{name}", content, _file_digest(content)


def archive(files: dict[str, Path]) -> bytes:
    """Return a ZIP archive of files, always the same for the same ones."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, path.read_bytes())
    return stream.getvalue()


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise AzureError(f"`{text}` is no file (any more)", remedy="run `up` again")
    return path


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        total = sha256()
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            total.update(chunk)
    return total.hexdigest()


def _present(where: Place, bucket: str, path: str, known: Properties) -> str | None:
    if known.get("form") == FOLDER:
        there = {*documents.paths(where, bucket, f"{path}/")}
        wanted = {f"{path}/{name}" for name in known.get("files") or {}}
        if not there:
            return None
        return known["digest"] if wanted <= there else "incomplete"
    metadata = _properties(where, bucket, path)
    return None if metadata is None else metadata.get(DIGEST, "")


def _properties(where: Place, bucket: str, path: str) -> dict[str, str] | None:
    from azure.core.exceptions import ResourceNotFoundError

    try:
        return dict(documents.blob(where, bucket, path).get_blob_properties().metadata or {})
    except ResourceNotFoundError:
        return None


def _paths(where: Place, bucket: str, path: str, state: Properties) -> list[str]:
    if state.get("form") != FOLDER:
        return [path]
    wanted = {f"{path}/{name}" for name in state.get("files") or {}}
    return [each for each in documents.paths(where, bucket, f"{path}/") if each in wanted]


def _address(inputs: Properties) -> str:
    return place.uri(inputs["bucket"], inputs["path"])


def _state(inputs: Properties) -> dict[str, Any]:
    return {**inputs, "url": _address(inputs)}
