"""Values of enumerations that clients send by number, as Google's REST transports do."""

import json
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from tests.clouds.gcp.calls import Body
from tests.clouds.gcp.routes import Route
from tests.contract.walkers import discovery

# Google's own client sends numbers here, where the document has a string.
_PARAMETER = "QueryParameterValue.value"


def named(route: Route, body: Body) -> Body:
    """Return a body whose enumerated values are words."""
    if not body or not route.request:
        return body
    return _named(route.api, {"$ref": route.request}, body, "")


def _named(api: str, node: Mapping[str, Any], value: Any, owner: str) -> Any:
    if "$ref" in node:
        name = node["$ref"]
        return _named(api, discovery.document(api)["schemas"].get(name, {}), value, name)
    if isinstance(value, dict):
        return {
            key: _named(api, _inner(node, key), item, f"{owner}.{key}")
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_named(api, node.get("items", {}), item, owner) for item in value]
    if "enum" in node and isinstance(value, int) and not isinstance(value, bool):
        return _word(api, value, owner)
    if owner == _PARAMETER and isinstance(value, int | float):
        return json.dumps(value)
    return value


def _inner(node: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    extra = node.get("additionalProperties")
    return node.get("properties", {}).get(key) or (extra if isinstance(extra, dict) else {})


def _word(api: str, value: int, owner: str) -> Any:
    schema, _, member = owner.rpartition(".")
    return _numbers(api, schema, member).get(value, value) if schema in _schemas(api) else value


def _schemas(api: str) -> Mapping[str, Any]:
    return discovery.document(api)["schemas"]


@cache
def _numbers(api: str, schema: str, member: str) -> Mapping[int, str]:
    """Return an enumeration's words by number; only Google's own library has the numbers."""
    service, _, version = api.partition(".")
    if service != "aiplatform":
        return {}
    types = import_module(f"google.cloud.aiplatform_{version}.types")
    prefix = f"GoogleCloudAiplatform{version.capitalize()}"
    message = types
    for part in _nested(types, schema.removeprefix(prefix)):
        message = getattr(message, part)
    found = message.pb().DESCRIPTOR.fields_by_name[_snake(member)].enum_type
    return {one.number: one.name for one in found.values}


def _nested(types: Any, name: str) -> list[str]:
    """Return the way to a message: the documents join the names of nested ones."""
    if hasattr(types, name):
        return [name]
    for cut in range(len(name) - 1, 0, -1):
        if name[cut].isupper() and hasattr(types, name[:cut]):
            return [name[:cut], *_nested(getattr(types, name[:cut]), name[cut:])]
    return [name]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
