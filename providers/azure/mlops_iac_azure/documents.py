"""JSON documents in the stack's store: read, written, removed, with generations to compare."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mlops_iac_azure.place import container_of
from mlops_iac_azure.session import Place, blobs

ABSENT = ""
"""Generation (Azure's ETag) of a blob that is not there."""


def read(place: Place, bucket: str, path: str) -> Any | None:
    """Return the document at a path, or `None` when there is none."""
    return read_generation(place, bucket, path)[0]


def read_generation(place: Place, bucket: str, path: str) -> tuple[Any | None, str]:
    """Return a document and its generation; `None` and `ABSENT` when there is none."""
    found = read_bytes(place, bucket, path)
    return (None, ABSENT) if found is None else (json.loads(found[0]), found[1])


def read_bytes(place: Place, bucket: str, path: str) -> tuple[bytes, str] | None:
    """Return what a blob holds and its generation; `None` when there is none."""
    from azure.core.exceptions import ResourceNotFoundError

    try:
        # The answer names the generation of what it holds: no second request, no race.
        answer = blob(place, bucket, path).download_blob()
        return bytes(answer.readall()), str(answer.properties.etag)
    except ResourceNotFoundError:
        return None


def write(
    place: Place,
    bucket: str,
    path: str,
    document: Mapping[str, Any],
    *,
    generation: str | None = None,
) -> bool:
    """Write a document; false when `generation` is given and is not the one that is there."""
    text = json.dumps(document, sort_keys=True)
    return write_bytes(place, bucket, path, text.encode(), generation=generation)


def write_bytes(  # noqa: PLR0913  what a blob may be told, by keyword
    place: Place,
    bucket: str,
    path: str,
    content: Any,
    *,
    generation: str | None = None,
    content_type: str = "application/json",
    metadata: Mapping[str, str] | None = None,
) -> bool:
    """Write a blob: bytes, or an open file; false as `write` is."""
    from azure.core import MatchConditions
    from azure.core.exceptions import ResourceExistsError, ResourceModifiedError
    from azure.storage.blob import ContentSettings

    conditions: dict[str, Any] = {}
    if generation == ABSENT:
        conditions = {"match_condition": MatchConditions.IfMissing}
    elif generation is not None:
        conditions = {"etag": generation, "match_condition": MatchConditions.IfNotModified}
    try:
        blob(place, bucket, path).upload_blob(
            content,
            overwrite=True,
            content_settings=ContentSettings(content_type=content_type),
            metadata=dict(metadata or {}),
            **conditions,
        )
    except (ResourceExistsError, ResourceModifiedError):
        return False
    return True


def bucket_created(place: Place, bucket: str) -> datetime:  # noqa: ARG001  the twin's signature
    """Return when this life of the stack began: when its workspace was made.

    A container does not tell its age.
    """
    from mlops_iac_azure import rest

    made = rest.call(place, "GET", place.workspace_id)["systemData"]["createdAt"]
    return datetime.fromisoformat(made)


def bucket_exists(place: Place, bucket: str) -> bool:
    """Whether the container is there."""
    from azure.core.exceptions import ResourceNotFoundError, ServiceRequestError

    try:
        _container(place, bucket).get_container_properties()
    except ResourceNotFoundError:
        return False
    except ServiceRequestError as error:
        # The account is part of the address: one that does not exist cannot be resolved.
        if not place.is_overridden("blob") and "resolve" in str(error).lower():
            return False
        raise
    return True


def remove(place: Place, bucket: str, path: str) -> None:
    """Remove a document; nothing when there is none."""
    from azure.core.exceptions import ResourceNotFoundError

    try:
        blob(place, bucket, path).delete_blob(delete_snapshots="include")
    except ResourceNotFoundError:
        return


def paths(place: Place, bucket: str, prefix: str) -> list[str]:
    """Return the paths under a prefix, in their order; none when there is no such container."""
    return sorted(str(each.name) for each in listed(place, bucket, prefix))


def listed(place: Place, bucket: str, prefix: str) -> Iterator[Any]:
    """Yield the properties of the blobs under a prefix; none when there is no such container."""
    from azure.core.exceptions import ResourceNotFoundError

    try:
        yield from _container(place, bucket).list_blobs(name_starts_with=prefix)
    except ResourceNotFoundError:
        return


def blob(place: Place, bucket: str, path: str) -> Any:
    """Return Azure's own client of a blob."""
    return _container(place, bucket).get_blob_client(path)


def _container(place: Place, bucket: str) -> Any:
    account, container = container_of(bucket)
    return blobs(place, account).get_container_client(container)
