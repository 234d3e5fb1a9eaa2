"""Judge a value by a shape."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, TypeGuard

import regex

from tests.contract.walkers.finding import Finding, Rule, join
from tests.contract.walkers.shape import Kind, Shape

_MARKERS = frozenset({"$unknown", "$secret"})


def is_opaque(value: object) -> bool:
    """Tell whether `value` stands for one that is unknown until deployment, or secret."""
    return isinstance(value, dict) and bool(_MARKERS & value.keys())


def walk(shape: Shape, value: object, path: str = "") -> Iterator[Finding]:
    """Yield every rule of `shape` that `value` breaks.

    An unknown or secret value satisfies any rule for scalars, lists and maps. For an object with
    named members it is a finding: it would hide them from every check.
    """
    if is_opaque(value):
        if shape.kind is Kind.OBJECT:
            yield _finding(shape, path, Rule.OPAQUE, value, "an object must show its members")
        return
    yield from _BY_KIND[shape.kind](shape, value, path)


def _finding(shape: Shape, path: str, rule: Rule, value: object, message: str) -> Finding:
    return Finding(path=path, rule=rule, value=value, message=message, source=shape.source)


def _wrong_type(shape: Shape, value: object, path: str) -> Finding:
    message = f"expects {shape.kind}, got `{type(value).__name__}`"
    return _finding(shape, path, Rule.TYPE, value, message)


def _any(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    del shape, value, path
    yield from ()


def _object(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _wrong_type(shape, value, path)
        return
    if shape.choices:
        yield from _choice(shape, value, path)
        return
    present = {key: item for key, item in value.items() if item is not None}
    yield from _missing(shape, present, path)
    if shape.one_of and len(present) != 1:
        message = f"exactly one of {_list(shape.members)} must be set, got {len(present)}"
        yield _finding(shape, path, Rule.UNION, sorted(present), message)
    for key, item in present.items():
        yield from _member(shape, key, item, path)


def _choice(shape: Shape, value: Mapping[str, Any], path: str) -> Iterator[Finding]:
    name = value.get(shape.discriminator)
    place = join(path, shape.discriminator)
    chosen = shape.choices.get(name) if isinstance(name, str) else None
    if chosen is None:
        message = f"must be one of {_list(shape.choices)}, set explicitly"
        yield _finding(shape, place, Rule.DISCRIMINATOR, name, message)
        return
    yield from walk(chosen(), value, path)


def _missing(shape: Shape, value: Mapping[str, object], path: str) -> Iterator[Finding]:
    for name, member in shape.members.items():
        if member.required and not member.read_only and name not in value:
            yield _finding(shape, join(path, name), Rule.REQUIRED, None, "is required")


def _member(shape: Shape, key: str, value: object, path: str) -> Iterator[Finding]:
    member = shape.members.get(key)
    place = join(path, key)
    if member is None:
        message = f"is not a member; there are {_list(shape.members)}"
        yield _finding(shape, place, Rule.UNKNOWN, value, message)
    elif member.read_only:
        yield _finding(shape, place, Rule.READ_ONLY, value, "is set by the service alone")
    else:
        yield from walk(member.shape, value, place)


def _list_of(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield _wrong_type(shape, value, path)
        return
    yield from _bounds(shape, value, len(value), path, "items")
    item = shape.item() if shape.item else None
    for index, element in enumerate(value):
        if item is not None:
            yield from walk(item, element, f"{path}[{index}]")


def _map_of(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield _wrong_type(shape, value, path)
        return
    yield from _bounds(shape, value, len(value), path, "entries")
    key_shape = shape.key() if shape.key else None
    item = shape.item() if shape.item else None
    for key, element in value.items():
        if key_shape is not None:
            yield from walk(key_shape, key, join(path, key))
        if item is not None:
            yield from walk(item, element, join(path, key))


def _string(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield _wrong_type(shape, value, path)
        return
    if shape.values:
        yield from _enumerated(shape, value, path)
        return
    yield from _bounds(shape, value, len(value), path, "characters")
    if shape.pattern is not None and not _matches(shape.pattern, value, anchored=shape.anchored):
        message = f"does not match `{shape.pattern}`"
        yield _finding(shape, path, Rule(shape.pattern_rule), value, message)


def _is_number(value: object, *, whole: bool) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return not whole or float(value).is_integer()


def _number(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if not _is_number(value, whole=shape.kind is Kind.INTEGER):
        yield _wrong_type(shape, value, path)
    elif shape.values:
        yield from _enumerated(shape, value, path)
    else:
        yield from _bounds(shape, value, value, path, "")


def _boolean(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if not isinstance(value, bool):
        yield _wrong_type(shape, value, path)


def _enumerated(shape: Shape, value: object, path: str) -> Iterator[Finding]:
    if value in shape.deprecated:
        yield _finding(shape, path, Rule.DEPRECATED, value, f"`{value}` is deprecated")
    elif value not in shape.values:
        message = f"must be one of {_list(shape.values)}"
        yield _finding(shape, path, Rule.ENUM, value, message)


def _bounds(shape: Shape, value: object, size: float, path: str, unit: str) -> Iterator[Finding]:
    if shape.minimum is not None and size < shape.minimum:
        message = f"must be at least {shape.minimum:g} {unit}".rstrip()
        yield _finding(shape, path, Rule.MIN, value, message)
    if shape.maximum is not None and size > shape.maximum:
        message = f"must be at most {shape.maximum:g} {unit}".rstrip()
        yield _finding(shape, path, Rule.MAX, value, message)


def _list(names: object, limit: int = 12) -> str:
    ordered = sorted(str(name) for name in names)  # pyright: ignore[reportGeneralTypeIssues]
    more = f" and {len(ordered) - limit} more" if len(ordered) > limit else ""
    return ", ".join(f"`{name}`" for name in ordered[:limit]) + more


@cache
def compiled(pattern: str) -> regex.Pattern[str]:
    """Compile a pattern of an API model.

    The models are written for Java, where a character beyond the first plane is a surrogate pair.
    """
    pairs = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\ud800\udc00-\udbff\udfff")
    for pair in pairs:
        pattern = pattern.replace(pair, r"\U00010000-\U0010FFFF")
    return regex.compile(pattern)


def _matches(pattern: str, value: str, *, anchored: bool) -> bool:
    found = compiled(pattern).fullmatch(value) if anchored else compiled(pattern).search(value)
    return found is not None


_BY_KIND: Mapping[Kind, Callable[[Shape, object, str], Iterator[Finding]]] = {
    Kind.ANY: _any,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _number,
    Kind.LIST: _list_of,
    Kind.MAP: _map_of,
    Kind.NUMBER: _number,
    Kind.OBJECT: _object,
    Kind.STRING: _string,
}
