"""Blobs are written whole, in blocks, by appending or by copying."""

import copy
import uuid
import xml.etree.ElementTree as ET
from urllib.parse import unquote, urlsplit

from tests.clouds.azure.calls import Answer
from tests.clouds.azure.services import markup
from tests.clouds.azure.services.blob_place import found, metadata, place
from tests.clouds.azure.services.blob_store import (
    APPEND,
    BLOCK,
    Blob,
    Shelf,
    digest,
    http_time,
    judge,
    judge_lease,
    shelf,
)
from tests.clouds.azure.services.planes import Asked, Refusal

_KEPT = ("type", "encoding", "language", "md5", "disposition")


def own(asked: Asked) -> tuple[Shelf, Blob | None]:
    """Return the blob that is meant, if it is there."""
    kept = shelf(asked.world)
    return kept, kept.get(*place(asked))


def _writable(asked: Asked) -> tuple[Shelf, Blob | None]:
    """Return the blob as it is, after judging whether it may be written."""
    kept, blob = own(asked)
    judge(asked.request.headers, blob)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    return kept, blob


def headers_of(asked: Asked) -> dict[str, str]:
    """Return what a request says of a blob's headers."""
    given = {f"content-{one}": asked.header(f"x-ms-blob-content-{one}") for one in _KEPT}
    given["cache-control"] = asked.header("x-ms-blob-cache-control")
    return {name: value for name, value in given.items() if value}


def _tags(asked: Asked) -> dict[str, str]:
    given = asked.header("x-ms-tags")
    pairs = (pair.partition("=") for pair in given.split("&") if pair)
    return {unquote(key): unquote(value) for key, _, value in pairs}


def described(asked: Asked) -> Blob:
    """Return a blob without content, as a request describes it."""
    own = headers_of(asked)
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


def written(blob: Blob, status: int = 201, **more: str) -> Answer:
    """Return the answer to what wrote a blob."""
    told = {"ETag": blob.etag, "Last-Modified": http_time(blob.modified)}
    told |= {"x-ms-request-server-encrypted": "true"}
    return Answer(status, b"", {**told, **{k.replace("_", "-"): v for k, v in more.items()}})


def put(asked: Asked) -> Answer:
    """Write a blob whole, or as a copy."""
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
    return written(blob, Content_MD5=blob.md5)


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


def copied(asked: Asked) -> Answer:
    """Copy a blob."""
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
    return written(blob, 202, **told)


def stage(asked: Asked) -> Answer:
    """Keep a block that is still to be committed."""
    kept, blob = own(asked)
    judge_lease(asked.request.headers, blob, asked.world.clock.now())
    source = asked.header("x-ms-copy-source")
    content = _source(asked, source).content if source else _checked(asked)
    waiting = kept.staged.setdefault(place(asked), {})
    number = asked.query.get("blockid", "")
    if not number or any(len(number) != len(one) for one in waiting):
        raise Refusal(400, "InvalidBlobOrBlock", "The specified block ID is invalid.")
    waiting[number] = content
    return Answer(201, b"", {"Content-MD5": digest(content)})


def commit(asked: Asked) -> Answer:
    """Make a blob of blocks."""
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


def append(asked: Asked) -> Answer:
    """Add to a blob."""
    kept, blob = found(asked)
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
    return written(blob, x_ms_blob_append_offset=str(offset), x_ms_blob_committed_block_count=count)
