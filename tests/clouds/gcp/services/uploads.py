"""Uploads of objects: media, multipart, resumable.

https://cloud.google.com/storage/docs/uploads-downloads
"""

import json
import re
from dataclasses import dataclass, field

from tests.clouds.gcp.calls import Answer, Body, Call, CloudError, Request, Status, invalid, told
from tests.clouds.gcp.services import objects
from tests.clouds.gcp.world import World

_BOUNDARY = re.compile(r"boundary=\"?'?([^\"';]+)")
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")


@dataclass
class Session:
    """A resumable upload that is under way."""

    asked: Body
    call: Call
    content: bytearray = field(default_factory=bytearray)


def parts(request: Request) -> tuple[Body, bytes, str]:
    """Return a multipart upload's message, its contents and their type.

    Raises:
        CloudError: when it has not these two parts.
    """
    found = _BOUNDARY.search(request.headers.get("content-type", ""))
    if found is None:
        raise invalid("Multipart body has no boundary.")
    pieces = request.body.split(b"--" + found.group(1).encode())[1:-1]
    if len(pieces) != 2:
        raise invalid("Multipart body must hold the message and the contents.")
    (_, message), (kind, content) = (_piece(piece) for piece in pieces)
    return json.loads(message), content, kind


def _piece(piece: bytes) -> tuple[str, bytes]:
    head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    kind = re.search(rb"(?i)content-type:\s*([^\r\n]+)", head)
    return kind.group(1).decode() if kind else "", content.removesuffix(b"\r\n")


def insert(world: World, call: Call) -> Body | Answer:
    """Keep an object, or go on with an upload in pieces."""
    query = dict(call.request.query)
    bucket = call.text("bucket")
    objects.bucket_of(world, bucket)
    kind = query.get("uploadType")
    if kind == "media":
        return objects.put(world, call, bucket, {}, call.request.body)
    if kind == "multipart":
        asked, content, content_type = parts(call.request)
        return objects.put(world, call, bucket, {"contentType": content_type, **asked}, content)
    if kind != "resumable":
        raise invalid("Upload requests must include an uploadType URL parameter.")
    if "upload_id" in query:
        return _resume(world, call, query["upload_id"])
    return _open(world, call, bucket)


def _open(world: World, call: Call, bucket: str) -> Answer:
    request = call.request
    asked: Body = json.loads(request.body or b"{}")
    if "x-upload-content-type" in request.headers:
        asked.setdefault("contentType", request.headers["x-upload-content-type"])
    name = asked.get("name") or call.text("name")
    before = objects.shelf(world).live(bucket, name)
    objects.judge(call, before.body if before else None)
    number = world.store.number()
    objects.shelf(world).uploads[number] = Session({**asked, "name": name}, call)
    path = f"{world.address}{request.path}?uploadType=resumable&upload_id={number}"
    return Answer(200, b"", {"Location": path, "X-GUploader-UploadID": number})


def _resume(world: World, call: Call, number: str) -> Body | Answer:
    session: Session | None = objects.shelf(world).uploads.get(number)
    if session is None:
        raise CloudError(Status.NOT_FOUND, f"No such upload: {number}")
    asked = _RANGE.fullmatch(call.request.headers.get("content-range", ""))
    if asked is None:
        session.content[:] = call.request.body
        return _close(world, call, number, session)
    start, _, total = asked.groups()
    if start is not None:
        if int(start) > len(session.content):
            raise CloudError(Status.UNAVAILABLE, f"Expected bytes from {len(session.content)}.")
        session.content[int(start) :] = call.request.body
    if total != "*" and len(session.content) == int(total):
        return _close(world, call, number, session)
    have = {"Range": f"bytes=0-{len(session.content) - 1}"} if session.content else {}
    return Answer(308, b"", {**have, "X-GUploader-UploadID": number})


def _close(world: World, call: Call, number: str, session: Session) -> Answer:
    bucket = call.text("bucket")
    # Conditions are those with which the upload was begun.
    body = objects.put(world, session.call, bucket, session.asked, bytes(session.content))
    del objects.shelf(world).uploads[number]
    return told(body)
