"""What a request about a blob names, and what is told of any blob."""

from tests.clouds.azure.services import markup
from tests.clouds.azure.services.blob_store import Blob, Shelf, judge, shelf
from tests.clouds.azure.services.planes import Asked

XML = {"Content-Type": "application/xml"}
META = "x-ms-meta-"


def place(asked: Asked) -> tuple[str, str, str]:
    """Return account, container and name of the blob that is meant."""
    container, _, name = asked.path.partition("/")
    return asked.name, container, name


def found(asked: Asked) -> tuple[Shelf, Blob]:
    """Return the blob that is meant, after its conditions were judged."""
    kept = shelf(asked.world)
    blob = kept.find(*place(asked))
    judge(asked.request.headers, blob)
    return kept, blob


def metadata(asked: Asked) -> dict[str, str]:
    """Return the metadata that came with a request."""
    headers = asked.request.headers.items()
    return {name.removeprefix(META): value for name, value in headers if name.startswith(META)}


def tag_set(blob: Blob) -> str:
    """Return a blob's tags as XML."""
    each = (
        markup.element("Tag", markup.text("Key", key), markup.text("Value", value))
        for key, value in blob.tags.items()
    )
    return markup.element("Tags", markup.element("TagSet", *each))
