"""Rules that no API model holds, as small checks to put into tables."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.contract.walkers.finding import Finding, Rule
from tests.contract.walkers.shape import Kind, Shape
from tests.contract.walkers.walk import walk

Check = Callable[[object, str], Iterator[Finding]]


def pattern(expression: str, source: str) -> Check:
    """Return the check that a string matches `expression` as a whole."""
    return shaped(lambda: Shape(Kind.STRING, source, pattern=expression))


def one_of(values: tuple[str, ...], source: str) -> Check:
    """Return the check that a string is one of `values`."""
    return shaped(lambda: Shape(Kind.STRING, source, values=frozenset(values)))


def between(low: float, high: float, source: str) -> Check:
    """Return the check that a number lies between `low` and `high`, both allowed."""
    return shaped(lambda: Shape(Kind.NUMBER, source, minimum=low, maximum=high))


def shaped(shape: Callable[[], Shape]) -> Check:
    """Return the check of a value by a shape."""
    return lambda value, path: walk(shape(), value, path)


def json_text(source: str, body: Callable[[], Shape] | None = None) -> Check:
    """Return the check that a string holds a JSON object, of the shape `body` when given."""

    def check(value: object, path: str) -> Iterator[Finding]:
        parsed, finding = parse_object(value, path, source)
        if finding is not None:
            yield finding
        elif body is not None:
            yield from walk(body(), parsed, path)

    return check


def exclusive(*names: str, source: str, needed: bool = False) -> Check:
    """Return the check that an object has at most one of `names`, exactly one when `needed`."""

    def check(value: object, path: str) -> Iterator[Finding]:
        present = [n for n in names if isinstance(value, dict) and value.get(n) is not None]
        if len(present) > 1 or (needed and not present):
            message = f"needs {'exactly' if needed else 'at most'} one of {', '.join(names)}"
            yield Finding(path=path, rule=Rule.UNION, value=present, message=message, source=source)

    return check


def parse_object(value: object, path: str, source: str) -> tuple[dict[str, Any], Finding | None]:
    """Return the JSON object in `value`, a string or the object itself, or why there is none."""
    try:
        parsed = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError as error:
        return {}, _no_json(value, path, f"is not JSON: {error}", source)
    if not isinstance(parsed, dict):
        return {}, _no_json(value, path, "is not a JSON object", source)
    return parsed, None


def _no_json(value: object, path: str, message: str, source: str) -> Finding:
    return Finding(path=path, rule=Rule.FORMAT, value=value, message=message, source=source)
