"""The calls of one blob: written whole, in blocks, by appending or by copying; read by ranges.

https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs. Limits: no page blobs,
snapshots, versions, soft delete; a copy ends at once and its source is a blob of this cloud;
metadata's names are lower case.
"""

from tests.clouds.azure.calls import Answer
from tests.clouds.azure.services import blob_reads, blob_writes, markup
from tests.clouds.azure.services.blob_place import XML, found, metadata, place, tag_set
from tests.clouds.azure.services.blob_store import Blob, Shelf, judge_lease, leased
from tests.clouds.azure.services.blob_writes import written
from tests.clouds.azure.services.planes import Asked, Operation, Refusal


def _delete(asked: Asked) -> Answer:
    kept, blob = found(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    kept.drop(*place(asked))
    return Answer(202, b"", {"x-ms-delete-type-permanent": "true"})


def _changed(asked: Asked) -> tuple[Shelf, Blob]:
    kept, blob = found(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    kept.touch(blob, asked.world.clock.now())
    return kept, blob


def _set_metadata(asked: Asked) -> Answer:
    _, blob = _changed(asked)
    blob.metadata = metadata(asked)
    return written(blob, 200)


def _set_properties(asked: Asked) -> Answer:
    _, blob = _changed(asked)
    blob.headers = blob_writes.headers_of(asked)
    return written(blob, 200)


def _set_tags(asked: Asked) -> Answer:
    _, blob = found(asked)
    blob.tags = dict(markup.pairs(asked.body, "Tag"))
    return Answer(204)


def _get_tags(asked: Asked) -> Answer:
    _, blob = found(asked)
    return Answer(200, markup.document(tag_set(blob)), XML)


def _set_tier(asked: Asked) -> Answer:
    _, blob = found(asked)
    blob.tier = asked.header("x-ms-access-tier")
    return Answer(200)


_LEASE_STATUS = {"acquire": 201, "break": 202}


def _lease(asked: Asked) -> Answer:
    _, blob = found(asked)
    action = asked.header("x-ms-lease-action").lower()
    blob.lease = leased(asked.request.headers, blob.lease, asked.world.clock.now())
    told = {"x_ms_lease_id": blob.lease.id} if blob.lease else {}
    told |= {"x_ms_lease_time": "0"} if action == "break" else {}
    return written(blob, _LEASE_STATUS.get(action, 200), **told)


_OPERATIONS = {
    ("PUT", ""): Operation("PutBlob", blob_writes.put),
    ("PUT", "copy"): Operation("CopyBlob", blob_writes.copied),
    ("PUT", "block"): Operation("PutBlock", blob_writes.stage),
    ("PUT", "blocklist"): Operation("PutBlockList", blob_writes.commit),
    ("PUT", "appendblock"): Operation("AppendBlock", blob_writes.append),
    ("PUT", "metadata"): Operation("SetBlobMetadata", _set_metadata),
    ("PUT", "properties"): Operation("SetBlobProperties", _set_properties),
    ("PUT", "tags"): Operation("SetBlobTags", _set_tags),
    ("PUT", "tier"): Operation("SetBlobTier", _set_tier),
    ("PUT", "lease"): Operation("LeaseBlob", _lease),
    ("GET", ""): Operation("GetBlob", blob_reads.get),
    ("GET", "blocklist"): Operation("GetBlockList", blob_reads.blocks),
    ("GET", "tags"): Operation("GetBlobTags", _get_tags),
    ("HEAD", ""): Operation("GetBlobProperties", blob_reads.get),
    ("DELETE", ""): Operation("DeleteBlob", _delete),
}


def operation(asked: Asked) -> Operation:
    """Return what is asked of a blob.

    Raises:
        Refusal: when the test cloud does not do it.
    """
    what = asked.query.get("comp", "")
    if asked.verb == "PUT" and not what and not asked.header("x-ms-blob-type"):
        what = "copy"
    known = _OPERATIONS.get((asked.verb, what))
    if known is None or "snapshot" in asked.query:
        raise Refusal(501, "NotImplemented", f"The test cloud does not do `{what}` of blobs.")
    return known
