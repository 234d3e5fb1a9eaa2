"""Changes by `updateMask`, and the members that may never change."""

import copy
import re
from functools import cache
from typing import Any

from tests.clouds.gcp.calls import Body, invalid
from tests.contract.walkers import discovery

_IMMUTABLE = re.compile(r"^((Required|Optional|Output only)\. )?(Immutable|Identifier)\.")
_SET_BY_SERVICE = re.compile(r"^(Output only\.|\[Output[ -]Only\])", re.IGNORECASE)


def paths(mask: str) -> list[str]:
    """Return a mask's paths as JSON spells them."""
    return [_camel(path.strip().strip("`")) for path in mask.split(",") if path.strip()]


def _camel(path: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found.group(1).upper(), path)


def changed(api: str, schema: str, before: Body, body: Body, mask: str) -> Body:
    """Return a resource after a change.

    Args:
        api: the document, as `run.v2`.
        schema: the resource's schema.
        before: the resource as it is.
        body: what was sent.
        mask: which members of it count; all that were sent when empty.

    Raises:
        CloudError: when the mask names what is no member, or what is immutable changes.
    """
    after = copy.deepcopy(before)
    wanted = paths(mask) or list(body)
    if wanted == ["*"]:
        wanted = sorted({*members(api, schema), *body})
    for path in wanted:
        _refuse_unknown(api, schema, path)
        if not set_by_service(api, schema, path.partition(".")[0]):
            _put(after, path.split("."), _at(body, path.split(".")))
    for name in immutable(api, schema):
        if name != "name" and after.get(name) != before.get(name):
            raise invalid(f"Field `{name}` of `{schema}` is immutable.")
    return after


def _refuse_unknown(api: str, schema: str, path: str) -> None:
    known = members(api, schema)
    if known and path.partition(".")[0] not in known:
        raise invalid(f"Invalid field in update mask: `{path}` is no member of `{schema}`.")


@cache
def members(api: str, schema: str) -> dict[str, Any]:
    """Return a schema's members as declared."""
    return discovery.document(api)["schemas"].get(schema, {}).get("properties", {})


@cache
def immutable(api: str, schema: str) -> tuple[str, ...]:
    """Return the members that the document calls immutable."""
    return tuple(
        name
        for name, node in members(api, schema).items()
        if _IMMUTABLE.match(node.get("description", ""))
    )


def set_by_service(api: str, schema: str, name: str) -> bool:
    """Tell whether the document says that only the service sets a member."""
    node = members(api, schema).get(name, {})
    return bool(node.get("readOnly")) or bool(_SET_BY_SERVICE.match(node.get("description", "")))


def settable(api: str, schema: str, body: Body) -> Body:
    """Return what of a body is the caller's to set."""
    return {name: value for name, value in body.items() if not set_by_service(api, schema, name)}


def _at(body: Any, path: list[str]) -> Any:
    for part in path:
        body = body.get(part) if isinstance(body, dict) else None
    return copy.deepcopy(body)


def _put(body: Body, path: list[str], value: Any) -> None:
    *outer, last = path
    for part in outer:
        body = body.setdefault(part, {})
    if value is None:
        body.pop(last, None)
    else:
        body[last] = value


def merge(body: Body, change: Body) -> None:
    """Change a body as https://www.rfc-editor.org/rfc/rfc7396 says."""
    for key, value in change.items():
        if value is None:
            body.pop(key, None)
        elif isinstance(value, dict) and isinstance(body.get(key), dict):
            merge(body[key], value)
        else:
            body[key] = copy.deepcopy(value)
