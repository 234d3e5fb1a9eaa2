"""Blob Storage: accounts and containers, their lists, and who may ask.

A container is ARM's record `…/blobServices/default/containers/<name>`, whoever made it.
"""

import re
from collections.abc import Iterator, Mapping
from email.parser import BytesParser
from typing import Any

from tests.clouds.azure.calls import Answer, CloudError, Request
from tests.clouds.azure.services import accounts, blob_calls, markup, planes
from tests.clouds.azure.services.blob_calls import XML
from tests.clouds.azure.services.blob_store import (
    Blob,
    Lease,
    has_tags,
    http_time,
    judge_lease,
    leased,
    live_lease,
    shelf,
)
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record

_TYPE = "Microsoft.Storage/storageAccounts/blobServices/containers"
_NAME = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$root|\$logs|\$web")
_PAGE = 5000


def _id(asked: Asked) -> str:
    account = accounts.account(asked.world, asked.name)
    container = asked.path.partition("/")[0]
    return f"{account.id}/blobServices/default/containers/{container}"


def _container(asked: Asked) -> Record:
    found = asked.world.store.get(_id(asked))
    if found is None:
        raise Refusal(404, "ContainerNotFound", "The specified container does not exist.")
    return found


def _create(asked: Asked) -> Answer:
    if not _NAME.fullmatch(asked.path):
        raise Refusal(400, "InvalidResourceName", "The specified resource name is not allowed.")
    if asked.world.store.get(_id(asked)):
        raise Refusal(409, "ContainerAlreadyExists", "The specified container already exists.")
    body: dict[str, Any] = {"properties": {"metadata": blob_calls.metadata(asked)}}
    body["properties"]["publicAccess"] = "None"
    record = asked.world.store.add(Record(_id(asked), _TYPE, body))
    return Answer(201, b"", _marks(asked, record))


def _marks(asked: Asked, record: Record) -> dict[str, str]:
    """Return what is told of any container: its etag and when it changed."""
    moment = record.hidden.setdefault("modified", asked.world.clock.now())
    return {"ETag": f'"0x{int(moment.timestamp()):X}"', "Last-Modified": http_time(moment)}


def _show(asked: Asked) -> Answer:
    record = _container(asked)
    held = live_lease(record.hidden.get("lease"), asked.world.clock.now())
    metadata = record.properties.get("metadata") or {}
    told = {f"x-ms-meta-{name}": value for name, value in metadata.items()}
    told |= {"x-ms-lease-status": "locked" if held else "unlocked"}
    told |= {"x-ms-lease-state": "leased" if held else "available"}
    told |= {"x-ms-has-immutability-policy": "false", "x-ms-has-legal-hold": "false"}
    return Answer(200, b"", {**told, **_marks(asked, record)})


def _set_metadata(asked: Asked) -> Answer:
    record = _container(asked)
    record.properties["metadata"] = blob_calls.metadata(asked)
    record.hidden["modified"] = asked.world.clock.now()
    return Answer(200, b"", _marks(asked, record))


def _delete(asked: Asked) -> Answer:
    record = _container(asked)
    held: Lease | None = record.hidden.get("lease")
    judge_lease(asked.request.headers, Blob("", asked.world.clock.now(), lease=held), _now(asked))
    asked.world.store.remove(record.id)
    shelf(asked.world).drop_container(asked.name, record.name)
    return Answer(202)


def _now(asked: Asked) -> Any:
    return asked.world.clock.now()


def _lease(asked: Asked) -> Answer:
    record = _container(asked)
    held = leased(asked.request.headers, record.hidden.get("lease"), _now(asked))
    record.hidden["lease"] = held
    status = 201 if asked.header("x-ms-lease-action") == "acquire" else 200
    told = {"x-ms-lease-id": held.id} if held else {}
    return Answer(status, b"", {**told, **_marks(asked, record)})


def _acl(asked: Asked) -> Answer:
    record = _container(asked)
    body = markup.document(markup.element("SignedIdentifiers"))
    return Answer(200, body if asked.verb == "GET" else b"", {**XML, **_marks(asked, record)})


# Lists


def _list_blobs(asked: Asked) -> Answer:
    container = _container(asked).name
    prefix, delimiter = asked.query.get("prefix", ""), asked.query.get("delimiter", "")
    entries: dict[str, str] = {}
    for blob in shelf(asked.world).under(asked.name, container, prefix):
        head, cut, _ = blob.name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        if cut:
            folder = f"{prefix}{head}{delimiter}"
            entries[folder] = markup.element("BlobPrefix", markup.text("Name", folder))
        else:
            entries[blob.name] = _entry(asked, blob)
    some, after = _page(asked, sorted(entries))
    told = {"Prefix": prefix, "Marker": asked.query.get("marker", ""), "Delimiter": delimiter}
    body = markup.element(
        "EnumerationResults",
        markup.texts(told),
        markup.element("Blobs", *(entries[name] for name in some)),
        markup.text("NextMarker", after),
        ServiceEndpoint=f"{asked.world.address}/blob/{asked.name}/",
        ContainerName=container,
    )
    return Answer(200, markup.document(body), XML)


def _page(asked: Asked, names: list[str]) -> tuple[list[str], str]:
    """Return a page of names, and the marker of the next."""
    marker = asked.query.get("marker", "")
    size = int(asked.query.get("maxresults") or _PAGE)
    size = min(size, asked.world.pace.get("page") or _PAGE)
    rest = [name for name in names if name >= marker]
    return rest[:size], rest[size] if len(rest) > size else ""


def _entry(asked: Asked, blob: Blob) -> str:
    held = live_lease(blob.lease, _now(asked))
    own = {name.title(): value for name, value in blob.headers.items()}
    told = {
        "Creation-Time": http_time(blob.created),
        "Last-Modified": http_time(blob.modified),
        "Etag": blob.etag.strip('"'),
        "Content-Length": str(len(blob.content)),
        **{name: value for name, value in own.items() if name != "Content-Md5"},
        "Content-MD5": blob.md5,
        "BlobType": blob.kind,
        "AccessTier": blob.tier,
        "LeaseStatus": "locked" if held else "unlocked",
        "LeaseState": "leased" if held else "available",
        "ServerEncrypted": "true",
    }
    wanted = asked.query.get("include", "").split(",")
    more = markup.element("Metadata", markup.texts(blob.metadata)) if "metadata" in wanted else ""
    more += blob_calls.tag_set(blob) if "tags" in wanted and blob.tags else ""
    properties = markup.element("Properties", markup.texts(told))
    return markup.element("Blob", markup.text("Name", blob.name), properties, more)


def _containers(asked: Asked) -> Iterator[Record]:
    return asked.world.store.children(accounts.account(asked.world, asked.name).id, _TYPE)


def _list_containers(asked: Asked) -> Answer:
    prefix = asked.query.get("prefix", "")
    found = {one.name: one for one in _containers(asked) if one.name.startswith(prefix)}
    some, after = _page(asked, sorted(found))
    entries = (_listed(asked, found[name]) for name in some)
    body = markup.element(
        "EnumerationResults",
        markup.texts({"Prefix": prefix}),
        markup.element("Containers", *entries),
        markup.text("NextMarker", after),
        ServiceEndpoint=f"{asked.world.address}/blob/{asked.name}/",
    )
    return Answer(200, markup.document(body), XML)


def _listed(asked: Asked, record: Record) -> str:
    told = {
        name.title() if name != "ETag" else "Etag": value
        for name, value in _marks(asked, record).items()
    }
    told |= {"LeaseStatus": "unlocked", "LeaseState": "available"}
    metadata = markup.element("Metadata", markup.texts(record.properties.get("metadata") or {}))
    properties = markup.element("Properties", markup.texts(told))
    return markup.element("Container", markup.text("Name", record.name), properties, metadata)


_CONTAINER_TERM = re.compile(r"\s*@container\s*=\s*'([^']*)'\s*(?:AND)?", re.IGNORECASE)


def _find_by_tags(asked: Asked) -> Answer:
    where = asked.query.get("where", "")
    only = _CONTAINER_TERM.search(where)
    where = _CONTAINER_TERM.sub("", where).strip().removesuffix("AND").strip()
    names = [asked.path] if asked.path else [one.name for one in _containers(asked)]
    found = [
        markup.element(
            "Blob",
            markup.texts({"Name": blob.name, "ContainerName": name}),
            blob_calls.tag_set(blob),
        )
        for name in names
        if not only or only[1] == name
        for blob in shelf(asked.world).under(asked.name, name)
        if not where or has_tags(blob.tags, where)
    ]
    told = markup.text("Where", where) + markup.element("Blobs", *found)
    body = markup.element("EnumerationResults", told, markup.text("NextMarker", ""))
    return Answer(200, markup.document(body), XML)


# Of a whole account


def _account(asked: Asked) -> Answer:
    record = accounts.account(asked.world, asked.name)
    told = {"x-ms-sku-name": record.body.get("sku", {}).get("name", "Standard_LRS")}
    return Answer(200, b"", {**told, "x-ms-account-kind": record.body.get("kind", "StorageV2")})


def _service(asked: Asked) -> Answer:
    accounts.account(asked.world, asked.name)
    body = markup.document(markup.element("StorageServiceProperties"))
    return Answer(200 if asked.verb == "GET" else 202, body, XML)


def _delegation_key(asked: Asked) -> Answer:
    """Return a key to sign with: nobody judges the signature."""
    told = dict(markup.children(asked.body))
    own = {"SignedOid": asked.caller.principal, "SignedTid": asked.caller.principal}
    own |= {"SignedStart": told.get("Start", ""), "SignedExpiry": told.get("Expiry", "")}
    own |= {"SignedService": "b", "SignedVersion": "2020-02-10", "Value": "dGVzdA=="}
    body = markup.document(markup.element("UserDelegationKey", markup.texts(own)))
    return Answer(200, body, XML)


def _batch(asked: Asked) -> Answer:
    """Do many deletions at once: each has its own answer."""
    kind = asked.header("content-type")
    whole = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + asked.body)
    mark = "batchresponse_1"
    pieces: list[bytes] = []
    for number, part in enumerate(whole.get_payload()):
        content: Any = part.get_payload(decode=True)  # pyright: ignore[reportAttributeAccessIssue]
        answered = _one_of_batch(asked, content)
        head = f"--{mark}\r\nContent-Type: application/http\r\nContent-ID: {number}\r\n\r\n"
        pieces.append(head.encode() + answered + b"\r\n")
    body = b"".join([*pieces, f"--{mark}--\r\n".encode()])
    return Answer(202, body, {"Content-Type": f"multipart/mixed; boundary={mark}"})


def _one_of_batch(asked: Asked, content: bytes) -> bytes:
    head, _, body = content.partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    verb, path, _ = first.split(" ")
    headers = {
        name.lower().strip(): value.strip()
        for name, _, value in (one.partition(":") for one in lines)
    }
    inner = Request(verb, path.partition("?")[0], [], headers, body)
    bare = inner.path.removeprefix(f"/blob/{asked.name}").lstrip("/")
    one = Asked(asked.world, inner, asked.name, bare, {}, asked.caller)
    try:
        answer = blob_calls.operation(one).do(one)
        assert isinstance(answer, Answer)
    except CloudError as error:
        answer = refused(error)
    told = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    return f"HTTP/1.1 {answer.status} Told\r\n{told}\r\n".encode() + answer.body


def refused(error: CloudError) -> Answer:
    """Return a refusal as the storage services write it."""
    body = markup.element("Error", markup.texts({"Code": error.code, "Message": error.message}))
    headers = {**XML, "x-ms-error-code": error.code, **error.headers}
    return Answer(error.status, markup.document(body), headers)


_ROOT = {
    ("GET", "list", ""): Operation("ListContainers", _list_containers),
    ("GET", "blobs", ""): Operation("FindBlobsByTags", _find_by_tags),
    ("GET", "properties", "account"): Operation("GetAccountInformation", _account),
    ("GET", "properties", "service"): Operation("GetBlobServiceProperties", _service),
    ("PUT", "properties", "service"): Operation("SetBlobServiceProperties", _service),
    ("POST", "userdelegationkey", "service"): Operation("GetUserDelegationKey", _delegation_key),
    ("POST", "batch", ""): Operation("BlobBatch", _batch),
}
_CONTAINER = {
    ("PUT", "", "container"): Operation("CreateContainer", _create),
    ("GET", "", "container"): Operation("GetContainerProperties", _show),
    ("HEAD", "", "container"): Operation("GetContainerProperties", _show),
    ("DELETE", "", "container"): Operation("DeleteContainer", _delete),
    ("PUT", "metadata", "container"): Operation("SetContainerMetadata", _set_metadata),
    ("PUT", "lease", "container"): Operation("LeaseContainer", _lease),
    ("GET", "acl", "container"): Operation("GetContainerAcl", _acl),
    ("PUT", "acl", "container"): Operation("SetContainerAcl", _acl),
    ("GET", "list", "container"): Operation("ListBlobs", _list_blobs),
    ("GET", "blobs", "container"): Operation("FindBlobsByTags", _find_by_tags),
    ("POST", "batch", "container"): Operation("BlobBatch", _batch),
    ("GET", "properties", "account"): Operation("GetAccountInformation", _account),
}


_DOES: Mapping[str, tuple[str, bool]] = {
    "GetBlob": ("containers/blobs/read", True),
    "GetBlobProperties": ("containers/blobs/read", True),
    "GetBlockList": ("containers/blobs/read", True),
    "ListBlobs": ("containers/blobs/read", True),
    "DeleteBlob": ("containers/blobs/delete", True),
    "BlobBatch": ("containers/blobs/delete", True),
    "GetBlobTags": ("containers/blobs/tags/read", True),
    "SetBlobTags": ("containers/blobs/tags/write", True),
    "FindBlobsByTags": ("containers/blobs/filter/action", True),
    "CreateContainer": ("containers/write", False),
    "SetContainerMetadata": ("containers/write", False),
    "LeaseContainer": ("containers/write", False),
    "SetContainerAcl": ("containers/setAcl/action", False),
    "DeleteContainer": ("containers/delete", False),
    "GetContainerProperties": ("containers/read", False),
    "GetContainerAcl": ("containers/getAcl/action", False),
    "ListContainers": ("containers/read", False),
    "GetUserDelegationKey": ("generateUserDelegationKey/action", False),
    "GetBlobServiceProperties": ("read", False),
    "SetBlobServiceProperties": ("write", False),
}
"""Actions below `blobServices/` that operations need, and whether each is a data action; any other
writes a blob: https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory."""
_ANY = ("containers/blobs/write", True)


def _judged(operation: Operation) -> Operation:
    """Return what is done of an account, by who may; a blob's container must be there."""
    action, is_data = _DOES.get(operation.name, _ANY)

    def do(asked: Asked) -> Any:
        container, _, name = asked.path.partition("/")
        scope = _id(asked) if container else accounts.account(asked.world, asked.name).id
        accounts.judge(asked, f"blobServices/{action}", scope, data=is_data)
        if asked.header("x-ms-tags"):
            tags = "blobServices/containers/blobs/tags/write"
            accounts.judge(asked, tags, scope)
        if name:
            _container(asked)
        return operation.do(asked)

    return Operation(operation.name, do)


def _find(asked: Asked) -> Operation:
    container, _, name = asked.path.partition("/")
    if name:
        return _judged(blob_calls.operation(asked))
    asked_for = (asked.verb, asked.query.get("comp", ""), asked.query.get("restype", ""))
    found = (_CONTAINER if container else _ROOT).get(asked_for)
    if found is None:
        raise Refusal(501, "NotImplemented", f"The test cloud does not do {asked_for} of blobs.")
    return _judged(found)


SERVICE = planes.service("blob", _find, refuse=refused, admit=accounts.admit)
