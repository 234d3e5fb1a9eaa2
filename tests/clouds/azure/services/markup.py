"""XML as the storage services write and read it."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

_HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def element(name: str, *inside: str, **attributes: str) -> str:
    """Return an element of what stands inside."""
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{told}>{''.join(inside)}</{name}>"


def text(name: str, value: object) -> str:
    """Return an element with a text."""
    return f"<{name}>{escape(str(value))}</{name}>"


def texts(values: Mapping[str, object]) -> str:
    """Return an element for each value that there is."""
    return "".join(text(name, value) for name, value in values.items() if value not in {None, ""})


def document(root: str) -> bytes:
    """Return a whole document."""
    return f"{_HEAD}{root}".encode()


def children(content: bytes) -> Iterable[tuple[str, str]]:
    """Yield name and text of what the root holds.

    Raises:
        ET.ParseError: when it is no XML.
    """
    for child in ET.fromstring(content):  # noqa: S314 - a test's own request
        yield child.tag, child.text or ""


def pairs(content: bytes, item: str) -> Iterable[tuple[str, str]]:
    """Yield key and value of each item, anywhere below the root."""
    for found in ET.fromstring(content).iter(item):  # noqa: S314 - a test's own request
        yield found.findtext("Key") or "", found.findtext("Value") or ""
