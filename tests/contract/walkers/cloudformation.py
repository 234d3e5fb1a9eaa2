"""Shapes of CloudFormation resources, read from the schemas inside `cfn-lint`.

`aws-native` is made from these schemas: its inputs are their properties, in camelCase.
"""

import json
from collections.abc import Mapping
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
    "object": Kind.OBJECT,
    "string": Kind.STRING,
}
DEFAULT_REGION = "us-east-1"
_NEWER: Mapping[tuple[str, str], str] = {
    # The API takes `_` in names of features; botocore sagemaker `FeatureName`.
    (
        "AWS::SageMaker::FeatureGroup",
        "^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,63}",
    ): "^[a-zA-Z0-9]([-_]*[a-zA-Z0-9]){0,63}",
}
"""Patterns of the API where a schema's own, read as a whole, is older."""


class UnknownTypeError(LookupError):
    """A region does not offer the resource type."""


@cache
def resource_shape(type_name: str, region: str = DEFAULT_REGION) -> Shape:
    """Return the shape of `type_name` (`AWS::SageMaker::FeatureGroup`) in `region`.

    Raises:
        UnknownTypeError: when the region does not offer the type.
    """
    document = schema(type_name, region)
    read_only = frozenset(
        pointer.removeprefix("/properties/") for pointer in document.get("readOnlyProperties", ())
    )
    return _Reader(document, f"CloudFormation {type_name}").shape(document, read_only)


@cache
def schema(type_name: str, region: str = DEFAULT_REGION) -> Mapping[str, Any]:
    """Return the registry schema of a resource type in a region.

    Raises:
        UnknownTypeError: when the region does not offer the type.
    """
    digest = _types(region).get(type_name)
    if digest is None:
        raise UnknownTypeError(f"`{type_name}` is not offered in `{region}`")
    loaded: Mapping[str, Any] = json.loads((_folder() / "resources" / f"{digest}.json").read_text())
    return loaded


@cache
def create_only(type_name: str) -> frozenset[str]:
    """Return the top-level properties whose change replaces the resource."""
    pointers = schema(type_name).get("createOnlyProperties", ())
    return frozenset(p.removeprefix("/properties/") for p in pointers)


@cache
def instance_types(use: str, region: str) -> frozenset[str]:
    """Return the instance types of SageMaker for `use` (`hosting`, `processing`…) in `region`."""
    path = _folder() / "extensions" / f"aws_sagemaker_{use}" / "instancetype_enum.json"
    return frozenset(json.loads(path.read_text()).get(region, {}).get("enum", ()))


def regions() -> frozenset[str]:
    """Return the regions that have a list of types."""
    return frozenset(p.stem for p in (_folder() / "providers").glob("*-*.json"))


@cache
def folded_types() -> Mapping[str, str]:
    """Return the types of the default region by their names in lower case."""
    return {name.lower(): name for name in _types(DEFAULT_REGION)}


@cache
def _folder() -> Path:
    # Found without import: `cfnlint` takes two seconds, and we want its data alone.
    spec = find_spec("cfnlint")
    assert spec is not None, "`cfn-lint` is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "schemas"


@cache
def _types(region: str) -> Mapping[str, str]:
    path = _folder() / "providers" / f"{region}.json"
    if not path.exists():
        raise UnknownTypeError(f"`{region}` is no region that cfn-lint knows")
    return json.loads(path.read_text())


class _Reader:
    """Reads one schema document, following its references."""

    def __init__(self, document: Mapping[str, Any], source: str) -> None:
        self._document = document
        self._source = source

    def shape(self, node: Mapping[str, Any], read_only: frozenset[str] = frozenset()) -> Shape:
        """Return the shape that a schema node describes."""
        node = self._resolved(node)
        kind = self._kind(node)
        if kind is Kind.ANY:
            return anything(self._source)
        bounds = _bounds(node, kind)
        return Shape(
            kind,
            self._source,
            load=partial(self._members, node, read_only),
            item=self._item(node, kind),
            values=frozenset(node.get("enum", ())),
            pattern=self._pattern(node),
            # JSON Schema searches; but a pattern that starts with `^` and has no `$` is meant
            # whole (`^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,63}` of every SageMaker name).
            anchored=_is_whole(node.get("pattern", "")),
            minimum=bounds[0],
            maximum=bounds[1],
        )

    def _pattern(self, node: Mapping[str, Any]) -> str | None:
        pattern = node.get("pattern")
        return pattern and _NEWER.get((self._document["typeName"], pattern), pattern)

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            target: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _kind(self, node: Mapping[str, Any]) -> Kind:
        declared = "object" if "properties" in node else node.get("type")
        if not isinstance(declared, str) or declared not in _KINDS:
            return Kind.ANY
        if declared == "object" and "properties" not in node:
            return Kind.MAP if _map_item(node) is not None else Kind.ANY
        return _KINDS[declared]

    def _item(self, node: Mapping[str, Any], kind: Kind) -> Any:
        item = node.get("items") if kind is Kind.LIST else _map_item(node)
        return partial(self.shape, item) if isinstance(item, Mapping) else None

    def _members(self, node: Mapping[str, Any], read_only: frozenset[str]) -> Mapping[str, Member]:
        required = frozenset(node.get("required", ()))
        return {
            name: Member(
                partial(self.shape, child),
                required=name in required,
                read_only=name in read_only,
            )
            for name, child in node["properties"].items()
        }


def _is_whole(pattern: str) -> bool:
    return pattern.startswith("^") and "$" not in pattern


def _map_item(node: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for child in node.get("patternProperties", {}).values():
        return child
    extra = node.get("additionalProperties")
    return extra if isinstance(extra, Mapping) else None


_BOUNDS: Mapping[Kind, tuple[str, str]] = {
    Kind.INTEGER: ("minimum", "maximum"),
    Kind.LIST: ("minItems", "maxItems"),
    Kind.NUMBER: ("minimum", "maximum"),
    Kind.STRING: ("minLength", "maxLength"),
}


def _bounds(node: Mapping[str, Any], kind: Kind) -> tuple[float | None, float | None]:
    if kind not in _BOUNDS:
        return None, None
    low, high = _BOUNDS[kind]
    return node.get(low), node.get(high)
