"""Blob Storage: accounts and containers, their lists, and who may ask.

A container is ARM's record `…/blobServices/default/containers/<name>`, whoever made it.
"""

import re
from collections.abc import Mapping
from typing import Any

from tests.clouds.azure.calls import Answer
from tests.clouds.azure.services import (
    accounts,
    blob_batches,
    blob_calls,
    blob_lists,
    blob_place,
    markup,
    planes,
)
from tests.clouds.azure.services.blob_containers import TYPE, container, id_of, marks
from tests.clouds.azure.services.blob_place import XML
from tests.clouds.azure.services.blob_store import (
    Blob,
    Lease,
    judge_lease,
    leased,
    live_lease,
    shelf,
)
from tests.clouds.azure.services.planes import Asked, Operation, Refusal
from tests.clouds.azure.store import Record

_NAME = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]|\$root|\$logs|\$web")


def _create(asked: Asked) -> Answer:
    if not _NAME.fullmatch(asked.path):
        raise Refusal(400, "InvalidResourceName", "The specified resource name is not allowed.")
    if asked.world.store.get(id_of(asked)):
        raise Refusal(409, "ContainerAlreadyExists", "The specified container already exists.")
    body: dict[str, Any] = {"properties": {"metadata": blob_place.metadata(asked)}}
    body["properties"]["publicAccess"] = "None"
    record = asked.world.store.add(Record(id_of(asked), TYPE, body))
    return Answer(201, b"", marks(asked, record))


def _show(asked: Asked) -> Answer:
    record = container(asked)
    held = live_lease(record.hidden.get("lease"), asked.world.clock.now())
    metadata = record.properties.get("metadata") or {}
    told = {f"x-ms-meta-{name}": value for name, value in metadata.items()}
    told |= {"x-ms-lease-status": "locked" if held else "unlocked"}
    told |= {"x-ms-lease-state": "leased" if held else "available"}
    told |= {"x-ms-has-immutability-policy": "false", "x-ms-has-legal-hold": "false"}
    return Answer(200, b"", {**told, **marks(asked, record)})


def _set_metadata(asked: Asked) -> Answer:
    record = container(asked)
    record.properties["metadata"] = blob_place.metadata(asked)
    record.hidden["modified"] = asked.world.clock.now()
    return Answer(200, b"", marks(asked, record))


def _delete(asked: Asked) -> Answer:
    record = container(asked)
    held: Lease | None = record.hidden.get("lease")
    judge_lease(
        asked.request.headers,
        Blob("", asked.world.clock.now(), lease=held),
        asked.world.clock.now(),
    )
    asked.world.store.remove(record.id)
    shelf(asked.world).drop_container(asked.name, record.name)
    return Answer(202)


def _lease(asked: Asked) -> Answer:
    record = container(asked)
    held = leased(asked.request.headers, record.hidden.get("lease"), asked.world.clock.now())
    record.hidden["lease"] = held
    status = 201 if asked.header("x-ms-lease-action") == "acquire" else 200
    told = {"x-ms-lease-id": held.id} if held else {}
    return Answer(status, b"", {**told, **marks(asked, record)})


def _acl(asked: Asked) -> Answer:
    record = container(asked)
    body = markup.document(markup.element("SignedIdentifiers"))
    return Answer(200, body if asked.verb == "GET" else b"", {**XML, **marks(asked, record)})


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


_ROOT = {
    ("GET", "list", ""): Operation("ListContainers", blob_lists.list_containers),
    ("GET", "blobs", ""): Operation("FindBlobsByTags", blob_lists.find_by_tags),
    ("GET", "properties", "account"): Operation("GetAccountInformation", _account),
    ("GET", "properties", "service"): Operation("GetBlobServiceProperties", _service),
    ("PUT", "properties", "service"): Operation("SetBlobServiceProperties", _service),
    ("POST", "userdelegationkey", "service"): Operation("GetUserDelegationKey", _delegation_key),
    ("POST", "batch", ""): Operation("BlobBatch", blob_batches.batch),
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
    ("GET", "list", "container"): Operation("ListBlobs", blob_lists.list_blobs),
    ("GET", "blobs", "container"): Operation("FindBlobsByTags", blob_lists.find_by_tags),
    ("POST", "batch", "container"): Operation("BlobBatch", blob_batches.batch),
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
        first, _, name = asked.path.partition("/")
        scope = id_of(asked) if first else accounts.account(asked.world, asked.name).id
        accounts.judge(asked, f"blobServices/{action}", scope, data=is_data)
        if asked.header("x-ms-tags"):
            tags = "blobServices/containers/blobs/tags/write"
            accounts.judge(asked, tags, scope)
        if name:
            container(asked)
        return operation.do(asked)

    return Operation(operation.name, do)


def _find(asked: Asked) -> Operation:
    first, _, name = asked.path.partition("/")
    if name:
        return _judged(blob_calls.operation(asked))
    asked_for = (asked.verb, asked.query.get("comp", ""), asked.query.get("restype", ""))
    found = (_CONTAINER if first else _ROOT).get(asked_for)
    if found is None:
        raise Refusal(501, "NotImplemented", f"The test cloud does not do {asked_for} of blobs.")
    return _judged(found)


SERVICE = planes.service("blob", _find, refuse=blob_batches.refused, admit=accounts.admit)
