"""Lists of blobs and containers, in pages, and blobs that are found by their tags."""

import re
from collections.abc import Iterator

from tests.clouds.azure.calls import Answer
from tests.clouds.azure.services import accounts, markup
from tests.clouds.azure.services.blob_containers import TYPE, container, marks
from tests.clouds.azure.services.blob_place import XML, tag_set
from tests.clouds.azure.services.blob_store import Blob, has_tags, http_time, live_lease, shelf
from tests.clouds.azure.services.planes import Asked
from tests.clouds.azure.store import Record

_PAGE = 5000


def list_blobs(asked: Asked) -> Answer:
    """List a container."""
    name = container(asked).name
    prefix, delimiter = asked.query.get("prefix", ""), asked.query.get("delimiter", "")
    entries: dict[str, str] = {}
    for blob in shelf(asked.world).under(asked.name, name, prefix):
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
        markup.element("Blobs", *(entries[one] for one in some)),
        markup.text("NextMarker", after),
        ServiceEndpoint=f"{asked.world.address}/blob/{asked.name}/",
        ContainerName=name,
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
    held = live_lease(blob.lease, asked.world.clock.now())
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
    more += tag_set(blob) if "tags" in wanted and blob.tags else ""
    properties = markup.element("Properties", markup.texts(told))
    return markup.element("Blob", markup.text("Name", blob.name), properties, more)


def _containers(asked: Asked) -> Iterator[Record]:
    return asked.world.store.children(accounts.account(asked.world, asked.name).id, TYPE)


def list_containers(asked: Asked) -> Answer:
    """List an account."""
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
        for name, value in marks(asked, record).items()
    }
    told |= {"LeaseStatus": "unlocked", "LeaseState": "available"}
    metadata = markup.element("Metadata", markup.texts(record.properties.get("metadata") or {}))
    properties = markup.element("Properties", markup.texts(told))
    return markup.element("Container", markup.text("Name", record.name), properties, metadata)


_CONTAINER_TERM = re.compile(r"\s*@container\s*=\s*'([^']*)'\s*(?:AND)?", re.IGNORECASE)


def find_by_tags(asked: Asked) -> Answer:
    """Find blobs of an account or a container by their tags."""
    where = asked.query.get("where", "")
    only = _CONTAINER_TERM.search(where)
    where = _CONTAINER_TERM.sub("", where).strip().removesuffix("AND").strip()
    names = [asked.path] if asked.path else [one.name for one in _containers(asked)]
    found = [
        markup.element(
            "Blob",
            markup.texts({"Name": blob.name, "ContainerName": name}),
            tag_set(blob),
        )
        for name in names
        if not only or only[1] == name
        for blob in shelf(asked.world).under(asked.name, name)
        if not where or has_tags(blob.tags, where)
    ]
    told = markup.text("Where", where) + markup.element("Blobs", *found)
    body = markup.element("EnumerationResults", told, markup.text("NextMarker", ""))
    return Answer(200, markup.document(body), XML)
