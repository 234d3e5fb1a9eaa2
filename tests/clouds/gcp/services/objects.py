"""Cloud Storage: buckets, objects with generations, uploads and downloads.

https://cloud.google.com/storage/docs/json_api; contents live in memory.
"""

import base64
import copy
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import google_crc32c

from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid
from tests.clouds.gcp.world import World

SERVICE = "storage"


@dataclass
class Stored:
    """One generation of an object."""

    body: Body
    content: bytes
    live: bool = True


class Shelf:
    """Objects of all buckets, in the order of their names."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], list[Stored]] = {}
        self.uploads: dict[str, Any] = {}
        self.generation = 1_700_000_000_000_000

    def live(self, bucket: str, name: str) -> Stored | None:
        """Return an object's live generation."""
        kept = self.objects.get((bucket, name), [])
        return next((one for one in reversed(kept) if one.live), None)

    def find(self, bucket: str, name: str, generation: str = "") -> Stored:
        """Return an object, of a generation when one is asked for.

        Raises:
            CloudError: NOT_FOUND.
        """
        if generation:
            kept = self.objects.get((bucket, name), [])
            found = next((one for one in kept if one.body["generation"] == generation), None)
        else:
            found = self.live(bucket, name)
        if found is None:
            raise CloudError(Status.NOT_FOUND, f"No such object: {bucket}/{name}")
        return found


def shelf(world: World) -> Shelf:
    """Return the cloud's objects."""
    return world.state("objects", Shelf)


def bucket_of(world: World, name: str) -> Any:
    """Return a bucket's record.

    Raises:
        CloudError: NOT_FOUND.
    """
    record = world.store.get(SERVICE, f"b/{name}")
    if record is None:
        raise CloudError(Status.NOT_FOUND, "The specified bucket does not exist.")
    return record


def mismatch() -> CloudError:
    """Return the refusal of a condition that does not hold."""
    message = "At least one of the pre-conditions you specified did not hold."
    return CloudError(Status.FAILED_PRECONDITION, message, http=412, reason="conditionNotMet")


def judge(call: Call, have: Body | None, kind: str = "if") -> None:
    """Refuse a call whose conditions do not hold; generation 0 is an object that is not there.

    Raises:
        CloudError: 412.
    """
    for what in ("Generation", "Metageneration"):
        value = str((have or {}).get(what.lower(), "0"))
        if call.params.get(f"{kind}{what}Match", value) != value:
            raise mismatch()
        if call.params.get(f"{kind}{what}NotMatch") == value:
            raise mismatch()


def put(world: World, call: Call, bucket: str, asked: Body, content: bytes) -> Body:
    """Keep an object's new generation.

    Raises:
        CloudError: when a condition or a check sum does not hold.
    """
    record = bucket_of(world, bucket)
    name = asked.get("name") or call.text("name")
    if not name:
        raise invalid("Required parameter: name")
    before = shelf(world).live(bucket, name)
    judge(call, before.body if before else None)
    body = _described(world, call, record, name, content)
    for sum_ in ("md5Hash", "crc32c"):
        if asked.get(sum_, body[sum_]) != body[sum_]:
            raise invalid(f"Provided {sum_} does not match calculated {body[sum_]}.")
    given = ("contentType", "metadata", "cacheControl", "contentEncoding", "contentDisposition")
    body |= {key: asked[key] for key in (*given, "storageClass", "customTime") if key in asked}
    keep(world, record, bucket, name, Stored(body, content))
    return copy.deepcopy(body)


def keep(world: World, record: Any, bucket: str, name: str, stored: Stored) -> None:
    """Let a generation be the live one."""
    kept = shelf(world).objects.setdefault((bucket, name), [])
    for one in kept:
        one.live = False
        one.body.setdefault("timeDeleted", world.clock.stamp())
    if not record.body.get("versioning", {}).get("enabled"):
        kept.clear()
    kept.append(stored)


def _described(world: World, call: Call, record: Any, name: str, content: bytes) -> Body:
    bucket = record.body["name"]
    stock = shelf(world)
    stock.generation += 1
    generation, stamp = str(stock.generation), world.clock.stamp()
    kind = call.request.headers.get("content-type", "application/octet-stream")
    crc = google_crc32c.Checksum(content).digest()
    key = call.text("kmsKeyName") or record.body.get("encryption", {}).get("defaultKmsKeyName")
    path = f"b/{bucket}/o/{quote(name, safe='')}"
    body: Body = {
        "kind": "storage#object",
        "id": f"{bucket}/{name}/{generation}",
        "name": name,
        "bucket": bucket,
        "generation": generation,
        "metageneration": "1",
        "contentType": kind if "multipart" not in kind else "application/octet-stream",
        "storageClass": record.body["storageClass"],
        "size": str(len(content)),
        "md5Hash": base64.b64encode(hashlib.md5(content).digest()).decode(),  # noqa: S324
        "crc32c": base64.b64encode(crc).decode(),
        "etag": base64.b64encode(generation.encode()).decode(),
        "timeCreated": stamp,
        "updated": stamp,
        "selfLink": f"{world.address}/storage/storage/v1/{path}",
        "mediaLink": f"{world.address}/storage/download/storage/v1/{path}?alt=media",
    }
    return {**body, "kmsKeyName": f"{key}/cryptoKeyVersions/1"} if key else body


def drop(world: World, bucket: str, name: str, generation: str = "") -> None:
    """Delete an object: with versions, its live generation stays as an old one.

    Raises:
        CloudError: NOT_FOUND.
    """
    stock = shelf(world)
    stored = stock.find(bucket, name, generation)
    versioned = bucket_of(world, bucket).body.get("versioning", {}).get("enabled")
    if versioned and not generation:
        stored.live = False
        stored.body["timeDeleted"] = world.clock.stamp()
    else:
        stock.objects[bucket, name].remove(stored)
    if not stock.objects[bucket, name]:
        del stock.objects[bucket, name]


def below(world: World, bucket: str, *, versions: bool = False) -> list[Body]:
    """Return what a bucket holds, by name."""
    bucket_of(world, bucket)
    return [
        one.body
        for (of, _), kept in sorted(shelf(world).objects.items())
        if of == bucket
        for one in kept
        if one.live or versions
    ]
