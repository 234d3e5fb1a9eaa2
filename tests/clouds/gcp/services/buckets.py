"""Cloud Storage's buckets and the calls of its objects."""

import copy
import re

from tests.clouds.gcp import masks, standard
from tests.clouds.gcp.calls import Answer, Body, Call, CloudError, Status, invalid
from tests.clouds.gcp.parts import Part
from tests.clouds.gcp.services import objects, uploads
from tests.clouds.gcp.services.objects import SERVICE
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_FIXED = ("name", "location", "hierarchicalNamespace")


def _insert(world: World, call: Call) -> Body:
    name = call.body.get("name", "")
    if not _NAME.fullmatch(name):
        raise invalid(f"Invalid bucket name: '{name}'")
    if world.store.get(SERVICE, f"b/{name}"):
        message = "The requested bucket name is not available: you already own it."
        raise CloudError(Status.ALREADY_EXISTS, message, reason="conflict")
    world.reserve(SERVICE, f"b/{name}")
    stamp = world.clock.stamp()
    body: Body = {
        "kind": "storage#bucket",
        "id": name,
        "selfLink": f"{world.address}/storage/storage/v1/b/{name}",
        "projectNumber": world.number,
        "storageClass": "STANDARD",
        "timeCreated": stamp,
        "updated": stamp,
        "metageneration": "1",
        "location": "US",
        "locationType": "region",
        **copy.deepcopy(call.body),
    }
    body["location"] = body["location"].upper()
    record = world.store.add(Record(SERVICE, f"b/{name}", "Bucket", body))
    return _shown(record)


def _shown(record: Record) -> Body:
    return {**copy.deepcopy(record.body), "etag": record.etag()}


def _get(world: World, call: Call) -> Body:
    return _shown(objects.bucket_of(world, call.text("bucket")))


def _list(world: World, call: Call) -> Body:
    prefix = call.text("prefix")
    found = [
        _shown(record)
        for record in world.store.everything()
        if record.service == SERVICE and record.body["name"].startswith(prefix)
    ]
    return {"kind": "storage#buckets", **standard.paged(world, call, "items", found)}


def _change(world: World, call: Call) -> Body:
    record = objects.bucket_of(world, call.text("bucket"))
    objects.judge(call, record.body)
    whole = call.route.http == "PUT"
    kept = {key: record.body[key] for key in _OWN if key in record.body}
    after = kept if whole else copy.deepcopy(record.body)
    masks.merge(after, call.body)
    for name in _FIXED:
        if str(after.get(name)).upper() != str(record.body.get(name)).upper():
            raise invalid(f"`{name}` of a bucket cannot be changed.")
    after["location"] = record.body["location"]
    after["metageneration"] = str(int(record.body["metageneration"]) + 1)
    after["updated"] = world.clock.stamp()
    world.store.remember(record)
    record.body = after
    return _shown(record)


_OWN = ("kind", "id", "selfLink", "projectNumber", "timeCreated", "metageneration", "locationType")


def _delete(world: World, call: Call) -> Answer:
    name = call.text("bucket")
    record = objects.bucket_of(world, name)
    objects.judge(call, record.body)
    if objects.below(world, name, versions=True):
        message = "The bucket you tried to delete is not empty."
        raise CloudError(Status.ABORTED, message)
    world.store.remove(SERVICE, f"b/{name}")
    standard.drop_policies(world, SERVICE, name)
    return Answer(204)


def _get_object(world: World, call: Call) -> Body | Answer:
    stored = objects.shelf(world).find(
        call.text("bucket"), call.text("object"), call.text("generation")
    )
    objects.judge(call, stored.body)
    if not _wants_media(call):
        return copy.deepcopy(stored.body)
    return _content(call, stored)


def _wants_media(call: Call) -> bool:
    return ("alt", "media") in call.request.query


def _content(call: Call, stored: objects.Stored) -> Answer:
    body, content = stored.body, stored.content
    headers = {
        "Content-Type": body["contentType"],
        "X-Goog-Hash": f"crc32c={body['crc32c']},md5={body['md5Hash']}",
        "X-Goog-Generation": body["generation"],
        "X-Goog-Metageneration": body["metageneration"],
        "X-Goog-Stored-Content-Length": body["size"],
        "X-Goog-Stored-Content-Encoding": "identity",
        "ETag": body["etag"],
    }
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", call.request.headers.get("range", ""))
    if asked is None:
        return Answer(200, content, headers)
    start, end = _range(asked.group(1), asked.group(2), len(content))
    if start >= len(content):
        message = "The requested range cannot be satisfied."
        raise CloudError(Status.INVALID_ARGUMENT, message, http=416)
    part = f"bytes {start}-{end - 1}/{len(content)}"
    return Answer(206, content[start:end], {**headers, "Content-Range": part})


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1 if last else size, size)


def _list_objects(world: World, call: Call) -> Body:
    bucket, prefix, delimiter = (call.text(one) for one in ("bucket", "prefix", "delimiter"))
    found = objects.below(world, bucket, versions=bool(call.params.get("versions")))
    found = [one for one in found if one["name"].startswith(prefix) and _within(call, one["name"])]
    folders = sorted({_folder(one["name"], prefix, delimiter) for one in found} - {""})
    items = [one for one in found if not _folder(one["name"], prefix, delimiter)]
    told_ = standard.paged(world, call, "items", copy.deepcopy(items))
    return {"kind": "storage#objects", **told_, **({"prefixes": folders} if folders else {})}


def _within(call: Call, name: str) -> bool:
    end = call.text("endOffset")
    return name >= call.text("startOffset") and (not end or name < end)


def _folder(name: str, prefix: str, delimiter: str) -> str:
    if not delimiter:
        return ""
    head, found, _ = name[len(prefix) :].partition(delimiter)
    return f"{prefix}{head}{delimiter}" if found else ""


def _change_object(world: World, call: Call) -> Body:
    stored = objects.shelf(world).find(call.text("bucket"), call.text("object"))
    objects.judge(call, stored.body)
    masks.merge(stored.body, call.body)
    stored.body["metageneration"] = str(int(stored.body["metageneration"]) + 1)
    stored.body["updated"] = world.clock.stamp()
    return copy.deepcopy(stored.body)


def _delete_object(world: World, call: Call) -> Answer:
    bucket, name = call.text("bucket"), call.text("object")
    objects.bucket_of(world, bucket)
    stored = objects.shelf(world).find(bucket, name, call.text("generation"))
    objects.judge(call, stored.body)
    objects.drop(world, bucket, name, call.text("generation"))
    return Answer(204)


def _copied(world: World, call: Call) -> Body:
    source = objects.shelf(world).find(
        call.text("sourceBucket"), call.text("sourceObject"), call.text("sourceGeneration")
    )
    given = ("contentType", "metadata")
    asked = {key: source.body[key] for key in given if key in source.body} | call.body
    asked["name"] = call.text("destinationObject")
    return objects.put(world, call, call.text("destinationBucket"), asked, source.content)


def _rewrite(world: World, call: Call) -> Body:
    body = _copied(world, call)
    sizes = {"totalBytesRewritten": body["size"], "objectSize": body["size"]}
    return {"kind": "storage#rewriteResponse", "done": True, **sizes, "resource": body}


def _compose(world: World, call: Call) -> Body:
    bucket = call.text("destinationBucket")
    parts = call.body["sourceObjects"]
    content = b"".join(objects.shelf(world).find(bucket, one["name"]).content for one in parts)
    asked = {**call.body.get("destination", {}), "name": call.text("destinationObject")}
    return objects.put(world, call, bucket, asked, content)


def _service_account(world: World, call: Call) -> Body:
    del call
    address = f"service-{world.number}@gs-project-accounts.iam.gserviceaccount.com"
    return {"kind": "storage#serviceAccount", "email_address": address}


PARTS = (
    Part(
        "buckets",
        SERVICE,
        {
            "buckets.insert": _insert,
            "buckets.get": _get,
            "buckets.list": _list,
            "buckets.patch": _change,
            "buckets.update": _change,
            "buckets.delete": _delete,
            "projects.serviceAccount.get": _service_account,
        },
        "a name is one bucket's; place and name stay; what holds an object (also an old version) is"
        " not deleted",
    ),
    Part(
        "objects",
        SERVICE,
        {
            "objects.insert": uploads.insert,
            "objects.get": _get_object,
            "objects.list": _list_objects,
            "objects.patch": _change_object,
            "objects.update": _change_object,
            "objects.delete": _delete_object,
            "objects.copy": _copied,
            "objects.rewrite": _rewrite,
            "objects.compose": _compose,
        },
        "media, multipart and resumable uploads, ranges, check sums, generations with their"
        " conditions, versions",
    ),
)
