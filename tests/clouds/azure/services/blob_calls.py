"""The calls of one blob: written whole, in blocks, by appending or by copying; read by ranges.

https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs. Limits: no page blobs,
snapshots, versions, soft delete; a copy ends at once and its source is a blob of this cloud;
metadata's names are lower case.
"""

import copy
import re
import uuid
import xml.etree.ElementTree as ET
from urllib.parse import unquote, urlsplit

from tests.clouds.azure.calls import Answer
from tests.clouds.azure.services import markup
from tests.clouds.azure.services.blob_store import (
    APPEND,
    BLOCK,
    Blob,
    Shelf,
    digest,
    http_time,
    judge,
    judge_lease,
    leased,
    live_lease,
    shelf,
)
from tests.clouds.azure.services.planes import Asked, Operation, Refusal

_KEPT = ("type", "encoding", "language", "md5", "disposition")
_META = "x-ms-meta-"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_RANGED_MD5_BYTES = 4 * 1024 * 1024
XML = {"Content-Type": "application/xml"}


def place(asked: Asked) -> tuple[str, str, str]:
    """Return account, container and name of the blob that is meant."""
    container, _, name = asked.path.partition("/")
    return asked.name, container, name


def _own(asked: Asked) -> tuple[Shelf, Blob | None]:
    kept = shelf(asked.world)
    return kept, kept.get(*place(asked))


def _writable(asked: Asked) -> tuple[Shelf, Blob | None]:
    """Return the blob as it is, after judging whether it may be written."""
    kept, blob = _own(asked)
    judge(asked.request.headers, blob)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    return kept, blob


def _found(asked: Asked) -> tuple[Shelf, Blob]:
    kept = shelf(asked.world)
    blob = kept.find(*place(asked))
    judge(asked.request.headers, blob)
    return kept, blob


def metadata(asked: Asked) -> dict[str, str]:
    """Return the metadata that came with a request."""
    headers = asked.request.headers.items()
    return {name.removeprefix(_META): value for name, value in headers if name.startswith(_META)}


def _headers(asked: Asked) -> dict[str, str]:
    given = {f"content-{one}": asked.header(f"x-ms-blob-content-{one}") for one in _KEPT}
    given["cache-control"] = asked.header("x-ms-blob-cache-control")
    return {name: value for name, value in given.items() if value}


def _tags(asked: Asked) -> dict[str, str]:
    given = asked.header("x-ms-tags")
    pairs = (pair.partition("=") for pair in given.split("&") if pair)
    return {unquote(key): unquote(value) for key, _, value in pairs}


def described(asked: Asked) -> Blob:
    """Return a blob without content, as a request describes it."""
    own = _headers(asked)
    own.setdefault("content-type", asked.header("content-type") or "application/octet-stream")
    if asked.query.get("comp") == "blocklist":
        own["content-type"] = asked.header("x-ms-blob-content-type", "application/octet-stream")
    return Blob(
        place(asked)[2],
        asked.world.clock.now(),
        headers=own,
        metadata=metadata(asked),
        tags=_tags(asked),
        tier=asked.header("x-ms-access-tier", "Hot"),
    )


def _checked(asked: Asked) -> bytes:
    """Return the body, after its check sum was judged."""
    given = asked.header("content-md5")
    if given and given != digest(asked.body):
        message = "The MD5 value specified in the request did not match."
        raise Refusal(400, "Md5Mismatch", message)
    return asked.body


def _written(blob: Blob, status: int = 201, **more: str) -> Answer:
    told = {"ETag": blob.etag, "Last-Modified": http_time(blob.modified)}
    told |= {"x-ms-request-server-encrypted": "true"}
    return Answer(status, b"", {**told, **{k.replace("_", "-"): v for k, v in more.items()}})


def _put(asked: Asked) -> Answer:
    kind = asked.header("x-ms-blob-type")
    if kind not in {BLOCK, APPEND}:
        raise Refusal(400, "InvalidHeaderValue", f"The test cloud has no `{kind}`.")
    kept, before = _writable(asked)
    blob = described(asked)
    source = asked.header("x-ms-copy-source")
    blob.kind = kind
    blob.content = _source(asked, source).content if source else _checked(asked)
    return _kept(asked, kept, before, blob)


def _kept(asked: Asked, kept: Shelf, before: Blob | None, blob: Blob) -> Answer:
    if before is not None:
        blob.created, blob.lease = before.created, before.lease
    kept.put(*place(asked)[:2], blob, asked.world.clock.now())
    return _written(blob, Content_MD5=blob.md5)


def _source(asked: Asked, address: str) -> Blob:
    """Return the blob that is to be copied: one of this cloud."""
    parts = urlsplit(address)
    path = unquote(parts.path).lstrip("/")
    if parts.netloc.partition(".")[2].startswith("blob."):
        path = f"blob/{parts.netloc.partition('.')[0]}/{path}"
    service, _, rest = path.partition("/")
    account, _, rest = rest.partition("/")
    container, _, name = rest.partition("/")
    found = shelf(asked.world).get(account, container, name) if service == "blob" else None
    if found is None:
        raise Refusal(404, "CannotVerifyCopySource", "The specified blob does not exist.")
    since = {
        key.removeprefix("x-ms-source-"): value for key, value in asked.request.headers.items()
    }
    judge({key: since[key] for key in ("if-match", "if-none-match") if key in since}, found)
    return found


def _copy(asked: Asked) -> Answer:
    kept, before = _writable(asked)
    address = asked.header("x-ms-copy-source")
    source = _source(asked, address)
    blob = copy.deepcopy(source)
    blob.name, blob.created, blob.lease = place(asked)[2], asked.world.clock.now(), None
    blob.metadata = metadata(asked) or blob.metadata
    blob.tags = _tags(asked)
    progress = f"{len(blob.content)}/{len(blob.content)}"
    blob.copied = {"x-ms-copy-id": str(uuid.uuid4()), "x-ms-copy-status": "success"}
    _kept(asked, kept, before, blob)
    told = {name.replace("-", "_"): value for name, value in blob.copied.items()}
    done = {"x-ms-copy-source": address, "x-ms-copy-progress": progress}
    blob.copied |= {**done, "x-ms-copy-completion-time": http_time(blob.modified)}
    return _written(blob, 202, **told)


def _stage(asked: Asked) -> Answer:
    kept, blob = _own(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    source = asked.header("x-ms-copy-source")
    content = _source(asked, source).content if source else _checked(asked)
    waiting = kept.staged.setdefault(place(asked), {})
    number = asked.query.get("blockid", "")
    if not number or any(len(number) != len(one) for one in waiting):
        raise Refusal(400, "InvalidBlobOrBlock", "The specified block ID is invalid.")
    waiting[number] = content
    return Answer(201, b"", {"Content-MD5": digest(content)})


def _commit(asked: Asked) -> Answer:
    kept, before = _writable(asked)
    waiting = kept.staged.get(place(asked), {})
    committed = dict(before.blocks) if before else {}
    known = {
        "Latest": {**committed, **waiting},
        "Uncommitted": waiting,
        "Committed": committed,
    }
    blob = described(asked)
    try:
        asked_for = [*markup.children(asked.body)]
    except ET.ParseError:
        raise Refusal(400, "InvalidXmlDocument") from None
    for where, number in asked_for:
        if number not in known.get(where, {}):
            raise Refusal(400, "InvalidBlockList", "The specified block list is invalid.")
        blob.blocks.append((number, known[where][number]))
    blob.content = b"".join(content for _, content in blob.blocks)
    return _kept(asked, kept, before, blob)


def _blocks(asked: Asked) -> Answer:
    kept, blob = _own(asked)
    waiting = kept.staged.get(place(asked), {})
    if blob is None and not waiting:
        kept.find(*place(asked))
    wanted = asked.query.get("blocklisttype", "committed").lower()
    groups = {"CommittedBlocks": blob.blocks if blob else [], "UncommittedBlocks": waiting.items()}
    inside = [
        markup.element(
            group,
            *(
                markup.element("Block", markup.texts({"Name": one, "Size": str(len(content))}))
                for one, content in blocks
            ),
        )
        for group, blocks in groups.items()
        if wanted in {"all", group.removesuffix("Blocks").lower()}
    ]
    body = markup.document(markup.element("BlockList", *inside))
    return Answer(200, body, {**XML, **({"ETag": blob.etag} if blob else {})})


def _append(asked: Asked) -> Answer:
    kept, blob = _found(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    if blob.kind != APPEND:
        raise Refusal(409, "InvalidBlobType", "The blob type is invalid for this operation.")
    offset = len(blob.content)
    if asked.header("x-ms-blob-condition-appendpos", str(offset)) != str(offset):
        raise Refusal(412, "AppendPositionConditionNotMet")
    blob.content += _checked(asked)
    most = asked.header("x-ms-blob-condition-maxsize")
    if most and len(blob.content) > int(most):
        blob.content = blob.content[:offset]
        raise Refusal(412, "MaxBlobSizeConditionNotMet")
    blob.blocks.append((str(len(blob.blocks)), b""))
    kept.touch(blob, asked.world.clock.now())
    count = str(len(blob.blocks))
    return _written(
        blob, x_ms_blob_append_offset=str(offset), x_ms_blob_committed_block_count=count
    )


def _properties(asked: Asked, blob: Blob) -> dict[str, str]:
    held = live_lease(blob.lease, asked.world.clock.now())
    told = {name.title(): value for name, value in blob.headers.items()}
    told |= {f"{_META}{name}": value for name, value in blob.metadata.items()}
    told |= {
        "ETag": blob.etag,
        "Last-Modified": http_time(blob.modified),
        "Content-MD5": blob.md5,
        "x-ms-creation-time": http_time(blob.created),
        "x-ms-blob-type": blob.kind,
        "x-ms-access-tier": blob.tier,
        "x-ms-access-tier-inferred": "true",
        "x-ms-lease-status": "locked" if held else "unlocked",
        "x-ms-lease-state": "leased" if held else "available",
        "x-ms-server-encrypted": "true",
        "Accept-Ranges": "bytes",
        **blob.copied,
    }
    if blob.kind == APPEND:
        told["x-ms-blob-committed-block-count"] = str(len(blob.blocks))
    told.pop("Content-Md5", None)
    return {**told, **({"x-ms-tag-count": str(len(blob.tags))} if blob.tags else {})}


def _get(asked: Asked) -> Answer:
    _, blob = _read(asked)
    if blob is None:
        return Answer(304)
    told, content = _properties(asked, blob), blob.content
    if asked.verb == "HEAD":
        return Answer(200, content, told)
    wanted = _RANGE.fullmatch(asked.header("x-ms-range") or asked.header("range"))
    if wanted is None:
        return Answer(200, content, told)
    start = int(wanted[1])
    end = min(int(wanted[2]) + 1 if wanted[2] else len(content), len(content))
    if start >= len(content):
        message = "The range specified is invalid for the current size of the resource."
        raise Refusal(416, "InvalidRange", message, Content_Range=f"bytes */{len(content)}")
    part = content[start:end]
    told["x-ms-blob-content-md5"] = told.pop("Content-MD5")
    if asked.header("x-ms-range-get-content-md5") == "true" and len(part) <= _RANGED_MD5_BYTES:
        told["Content-MD5"] = digest(part)
    return Answer(206, part, {**told, "Content-Range": f"bytes {start}-{end - 1}/{len(content)}"})


def _read(asked: Asked) -> tuple[Shelf, Blob | None]:
    """Return a blob, or None when who asks has it already."""
    kept = shelf(asked.world)
    blob = kept.find(*place(asked))
    try:
        judge(asked.request.headers, blob)
    except Refusal:
        if asked.header("if-none-match") == blob.etag or asked.header("if-modified-since"):
            return kept, None
        raise
    return kept, blob


def _delete(asked: Asked) -> Answer:
    kept, blob = _found(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    kept.drop(*place(asked))
    return Answer(202, b"", {"x-ms-delete-type-permanent": "true"})


def _changed(asked: Asked) -> tuple[Shelf, Blob]:
    kept, blob = _found(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    kept.touch(blob, asked.world.clock.now())
    return kept, blob


def _set_metadata(asked: Asked) -> Answer:
    _, blob = _changed(asked)
    blob.metadata = metadata(asked)
    return _written(blob, 200)


def _set_properties(asked: Asked) -> Answer:
    _, blob = _changed(asked)
    blob.headers = _headers(asked)
    return _written(blob, 200)


def _set_tags(asked: Asked) -> Answer:
    _, blob = _found(asked)
    blob.tags = dict(markup.pairs(asked.body, "Tag"))
    return Answer(204)


def tag_set(blob: Blob) -> str:
    """Return a blob's tags as XML."""
    each = (
        markup.element("Tag", markup.text("Key", key), markup.text("Value", value))
        for key, value in blob.tags.items()
    )
    return markup.element("Tags", markup.element("TagSet", *each))


def _get_tags(asked: Asked) -> Answer:
    _, blob = _found(asked)
    return Answer(200, markup.document(tag_set(blob)), XML)


def _set_tier(asked: Asked) -> Answer:
    _, blob = _found(asked)
    blob.tier = asked.header("x-ms-access-tier")
    return Answer(200)


_LEASE_STATUS = {"acquire": 201, "break": 202}


def _lease(asked: Asked) -> Answer:
    _, blob = _found(asked)
    action = asked.header("x-ms-lease-action").lower()
    blob.lease = leased(asked.request.headers, blob.lease, asked.world.clock.now())
    told = {"x_ms_lease_id": blob.lease.id} if blob.lease else {}
    told |= {"x_ms_lease_time": "0"} if action == "break" else {}
    return _written(blob, _LEASE_STATUS.get(action, 200), **told)


_OPERATIONS = {
    ("PUT", ""): Operation("PutBlob", _put),
    ("PUT", "copy"): Operation("CopyBlob", _copy),
    ("PUT", "block"): Operation("PutBlock", _stage),
    ("PUT", "blocklist"): Operation("PutBlockList", _commit),
    ("PUT", "appendblock"): Operation("AppendBlock", _append),
    ("PUT", "metadata"): Operation("SetBlobMetadata", _set_metadata),
    ("PUT", "properties"): Operation("SetBlobProperties", _set_properties),
    ("PUT", "tags"): Operation("SetBlobTags", _set_tags),
    ("PUT", "tier"): Operation("SetBlobTier", _set_tier),
    ("PUT", "lease"): Operation("LeaseBlob", _lease),
    ("GET", ""): Operation("GetBlob", _get),
    ("GET", "blocklist"): Operation("GetBlockList", _blocks),
    ("GET", "tags"): Operation("GetBlobTags", _get_tags),
    ("HEAD", ""): Operation("GetBlobProperties", _get),
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
    found = _OPERATIONS.get((asked.verb, what))
    if found is None or "snapshot" in asked.query:
        raise Refusal(501, "NotImplemented", f"The test cloud does not do `{what}` of blobs.")
    return found
