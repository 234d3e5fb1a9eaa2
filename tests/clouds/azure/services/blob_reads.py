"""Blobs are read, whole or by ranges, and described."""

import re

from tests.clouds.azure.calls import Answer
from tests.clouds.azure.services import markup
from tests.clouds.azure.services.blob_place import META, XML, place
from tests.clouds.azure.services.blob_store import (
    APPEND,
    Blob,
    Shelf,
    digest,
    http_time,
    judge,
    live_lease,
    shelf,
)
from tests.clouds.azure.services.planes import Asked, Refusal

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


_RANGED_MD5_BYTES = 4 * 1024 * 1024


def properties(asked: Asked, blob: Blob) -> dict[str, str]:
    """Return what is told of a blob."""
    held = live_lease(blob.lease, asked.world.clock.now())
    told = {name.title(): value for name, value in blob.headers.items()}
    told |= {f"{META}{name}": value for name, value in blob.metadata.items()}
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


def get(asked: Asked) -> Answer:
    """Answer a blob, or a range of it."""
    _, blob = _read(asked)
    if blob is None:
        return Answer(304)
    told, content = properties(asked, blob), blob.content
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


def blocks(asked: Asked) -> Answer:
    """Answer the list of blocks."""
    kept = shelf(asked.world)
    blob = kept.get(*place(asked))
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
