"""Shapes of Google Cloud requests, read from the discovery documents in `googleapiclient`.

Required and output-only stand in the documents partly as the first words of a description
("Required.", "Output only."): they are read from there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.contract.walkers.shape import Kind, Member, Shape, anything

_KINDS: Mapping[str, Kind] = {
    "array": Kind.LIST,
    "boolean": Kind.BOOLEAN,
    "integer": Kind.INTEGER,
    "number": Kind.NUMBER,
    "string": Kind.STRING,
}
# The formats' spellings: https://developers.google.com/discovery/v1/type-format
_FORMATS: Mapping[str, str] = {
    "byte": r"[A-Za-z0-9+/_-]*={0,2}",
    "date": r"\d{4}-\d{2}-\d{2}",
    "date-time": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})",
    "google-datetime": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})",
    "google-duration": r"-?\d+(\.\d{1,9})?s",
    "google-fieldmask": r"[A-Za-z0-9_.*,`-]*",
    "int64": r"-?\d+",
    "uint64": r"\d+",
}
INT64_PATTERNS = frozenset({_FORMATS["int64"], _FORMATS["uint64"]})


class UnknownMethodError(LookupError):
    """No discovery document has the method or schema."""


@dataclass(frozen=True)
class Method:
    """One REST method."""

    id: str
    http: str
    body: Shape | None
    parameters: Shape
    """Path and query parameters."""


@cache
def schema_shape(api: str, name: str) -> Shape:
    """Return the shape of a schema, as `Bucket` of `storage.v1`.

    Vertex's schemas may be named without their prefix (`GoogleCloudAiplatformV1`).

    Raises:
        UnknownMethodError: when the document lacks the schema.
    """
    schemas = document(api)["schemas"]
    found = name if name in schemas else f"{_prefix(api)}{name}"
    if found not in schemas:
        raise UnknownMethodError(f"`{api}` has no schema `{name}`")
    return _shape({"$ref": found}, api)


@cache
def method(api: str, name: str) -> Method:
    """Return the method `name`, with or without the API's own name in front.

    Raises:
        UnknownMethodError: when the document lacks the method.
    """
    full = name if name in methods(api) else f"{api.partition('.')[0]}.{name}"
    declared = methods(api).get(full)
    if declared is None:
        raise UnknownMethodError(f"`{api}` has no method `{name}`")
    request = declared.get("request")
    body = (
        _shape(request, api, partial_update=declared["httpMethod"] == "PATCH") if request else None
    )
    return Method(full, declared["httpMethod"], body, _parameters(declared, api))


@cache
def document(api: str) -> Mapping[str, Any]:
    """Return a discovery document, as `storage.v1`.

    Raises:
        UnknownMethodError: when there is none.
    """
    spec = find_spec("googleapiclient")
    assert spec is not None, "`google-api-python-client` is not installed"
    assert spec.origin is not None
    path = Path(spec.origin).parent / "discovery_cache" / "documents" / f"{api}.json"
    if not path.exists():
        raise UnknownMethodError(f"there is no discovery document `{api}`")
    return json.loads(path.read_text())


def _prefix(api: str) -> str:
    name, _, version = api.partition(".")
    return f"GoogleCloud{name.capitalize()}{version[:1].upper()}{version[1:]}"


@cache
def methods(api: str) -> Mapping[str, Mapping[str, Any]]:
    """Return a document's methods as declared, by their ids."""
    return {method["id"]: method for method in _walk_methods(document(api))}


def _walk_methods(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from node.get("methods", {}).values()
    for child in node.get("resources", {}).values():
        yield from _walk_methods(child)


def _parameters(declared: Mapping[str, Any], api: str) -> Shape:
    source = f"discovery {declared['id']}"
    members = {
        name: Member(partial(_shape, node, api), required=bool(node.get("required")))
        for name, node in declared.get("parameters", {}).items()
    }
    return Shape(Kind.OBJECT, source, load=lambda: members)


def _shape(node: Mapping[str, Any], api: str, *, partial_update: bool = False) -> Shape:
    if "$ref" in node:
        return _object(node["$ref"], api, partial_update=partial_update)
    if node.get("type") == "object":
        return _map(node, api)
    kind = _KINDS.get(node.get("type", ""))
    if kind is None:
        return anything(f"discovery {api}")
    named_format = _FORMATS.get(node.get("format", "")) if kind is Kind.STRING else None
    values, deprecated = _enum(node)
    return Shape(
        kind,
        f"discovery {api}",
        item=partial(_shape, node["items"], api) if kind is Kind.LIST else None,
        values=values,
        deprecated=deprecated,
        pattern=node.get("pattern") or named_format,
        pattern_rule="format" if named_format else "pattern",
        # A parameter's pattern stands with its anchors; a format is for the whole value.
        anchored=named_format is not None,
        minimum=_number(node.get("minimum")),
        maximum=_number(node.get("maximum")),
    )


@cache
def _object(name: str, api: str, *, partial_update: bool = False) -> Shape:
    node = document(api)["schemas"][name]
    if node.get("type") != "object":
        return _shape(node, api)
    if "properties" not in node:
        return replace(_map(node, api), source=f"discovery {api} {name}")
    load = partial(_members, node, api, partial_update=partial_update)
    return Shape(Kind.OBJECT, f"discovery {api} {name}", load=load)


def _map(node: Mapping[str, Any], api: str) -> Shape:
    source = f"discovery {api}"
    if "properties" in node:
        return Shape(Kind.OBJECT, source, load=partial(_members, node, api, partial_update=False))
    extra = node.get("additionalProperties")
    if extra is None:
        return Shape(Kind.OBJECT, source)
    return Shape(Kind.MAP, source, item=partial(_shape, extra, api))


def _members(node: Mapping[str, Any], api: str, *, partial_update: bool) -> Mapping[str, Member]:
    return {
        name: Member(
            partial(_shape, child, api),
            required=_says(child, "Required.") and not partial_update,
            read_only=bool(child.get("readOnly")) or _says(child, "Output only."),
        )
        for name, child in node["properties"].items()
    }


def _says(node: Mapping[str, Any], words: str) -> bool:
    return node.get("description", "").startswith(words)


def _enum(node: Mapping[str, Any]) -> tuple[frozenset[object], frozenset[object]]:
    values = node.get("enum", ())
    flags = node.get("enumDeprecated", [False] * len(values))
    deprecated = frozenset(v for v, flag in zip(values, flags, strict=True) if flag)
    return frozenset(values) - deprecated, deprecated


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)
