"""JSON documents in the stack's bucket: read, written, removed, with generations to compare."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mlops_iac_gcp.session import Place, storage

ABSENT = "0"
"""Generation of an object that is not there."""


def read(place: Place, bucket: str, path: str) -> Any | None:
    """Return the document at a path, or `None` when there is none."""
    return read_generation(place, bucket, path)[0]


def read_generation(place: Place, bucket: str, path: str) -> tuple[Any | None, str]:
    """Return a document and its generation; `None` and `ABSENT` when there is none."""
    from google.cloud.exceptions import NotFound

    blob = storage(place).bucket(bucket).blob(path)
    try:
        # The answer names the generation of what it holds: no second request, no race.
        text = blob.download_as_bytes()
    except NotFound:
        return None, ABSENT
    return json.loads(text), str(blob.generation or ABSENT)


def write(
    place: Place,
    bucket: str,
    path: str,
    document: Mapping[str, Any],
    *,
    generation: str | None = None,
) -> bool:
    """Write a document; false when `generation` is given and is not the one that is there."""
    from google.api_core.exceptions import PreconditionFailed

    blob = storage(place).bucket(bucket).blob(path)
    text = json.dumps(document, sort_keys=True)
    match = None if generation is None else int(generation)
    try:
        blob.upload_from_string(text, content_type="application/json", if_generation_match=match)
    except PreconditionFailed:
        return False
    return True


def bucket_created(place: Place, bucket: str) -> datetime:
    """Return when the bucket was made."""
    return storage(place).get_bucket(bucket).time_created


def bucket_exists(place: Place, bucket: str) -> bool:
    """Whether the bucket is there."""
    return storage(place).lookup_bucket(bucket) is not None


def remove(place: Place, bucket: str, path: str) -> None:
    """Remove a document; nothing when there is none."""
    from google.cloud.exceptions import NotFound

    try:
        storage(place).bucket(bucket).blob(path).delete()
    except NotFound:
        return


def paths(place: Place, bucket: str, prefix: str) -> list[str]:
    """Return the paths under a prefix, in their order; none when there is no such bucket."""
    from google.cloud.exceptions import NotFound

    try:
        return sorted(blob.name for blob in storage(place).list_blobs(bucket, prefix=prefix))
    except NotFound:
        return []
