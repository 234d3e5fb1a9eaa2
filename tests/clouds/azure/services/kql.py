"""Queries of Log Analytics: a table, and what is done to its rows, one step after the other.

https://learn.microsoft.com/kusto/query. Steps: `where`, `extend`, `project`, `summarize`,
`order by` (`sort by`), `take` (`limit`), `top`, `distinct`, `count`. Anything else is refused.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.clouds.azure.calls import CloudError
from tests.clouds.azure.services import kql_functions
from tests.clouds.azure.services.kql_expressions import Reader, Value

Row = dict[str, Any]
Rows = list[Row]
_NAME = re.compile(r"\s*(\w+)\s*=(?![=~])\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """A query that was read."""

    tables: Sequence[str]
    steps: Sequence[Callable[[Rows], Rows]] = field(default_factory=tuple)

    def rows(self, tables: Mapping[str, Rows]) -> Rows:
        """Return what the query finds."""
        found = [row for name in self.tables for row in tables.get(name.lower(), ())]
        for step in self.steps:
            found = step(found)
        return found


def read(text: str, now: datetime) -> Query:
    """Read a query.

    Raises:
        CloudError: 400, as Log Analytics refuses it.
    """
    bare = re.sub(r"//[^\n]*", "", text).strip().rstrip(";")
    first, *rest = _split(bare, "|")
    words = first.strip()
    union = re.fullmatch(r"union\s+(?:isfuzzy\s*=\s*true\s+)?(.+)", words, re.DOTALL)
    names = [one.strip() for one in (union[1] if union else words).split(",")]
    if not all(re.fullmatch(r"\w+", one) for one in names):
        raise refused(f"`{words}` is no table")
    return Query(names, [_step(one.strip(), now) for one in rest])


def refused(message: str) -> CloudError:
    """Return the refusal of a query."""
    inner = {"code": "SyntaxError", "message": message}
    return CloudError(
        400, "BadArgumentError", "The request had some invalid properties", details=[inner]
    )


def _split(text: str, mark: str) -> list[str]:
    """Split a text at a mark that is in no brackets and no quotes."""
    parts, depth, quote, start = list[str](), 0, "", 0
    for at, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[at - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == mark and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _step(text: str, now: datetime) -> Callable[[Rows], Rows]:
    for pattern, make in _STEPS:
        found = re.fullmatch(pattern, text, re.DOTALL | re.IGNORECASE)
        if found:
            return make(found, now)
    raise refused(f"the test cloud does not do `{text}`")


def _value(text: str, now: datetime) -> Value:
    try:
        return Reader(text, now).whole()
    except ValueError as error:
        raise refused(str(error)) from None


def _named(text: str, now: datetime) -> list[tuple[str, Value]]:
    """Read `a, b = f(c)`: names and their values."""
    pairs: list[tuple[str, Value]] = []
    for number, one in enumerate(_split(text, ",")):
        found = _NAME.fullmatch(one)
        bare = one.strip()
        name = found[1] if found else bare if bare.isidentifier() else f"Column{number + 1}"
        pairs.append((name, _value(found[2] if found else one, now)))
    return pairs


def _where(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    keep = _value(found[1], now)
    return lambda rows: [row for row in rows if keep(row) is True]


def _extend(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    pairs = _named(found[1], now)
    return lambda rows: [row | {name: value(row) for name, value in pairs} for row in rows]


def _project(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    pairs = _named(found[1], now)
    return lambda rows: [{name: value(row) for name, value in pairs} for row in rows]


def _take(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    del now
    size = int(found[1])
    return lambda rows: rows[:size]


def _order(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    keys = [_key(one, now) for one in _split(found[1], ",")]

    def act(rows: Rows) -> Rows:
        for value, is_falling in reversed(keys):
            rows = sorted(rows, key=lambda row, of=value: _rank(of(row)), reverse=is_falling)
        return rows

    return act


def _key(text: str, now: datetime) -> tuple[Value, bool]:
    found = re.fullmatch(r"(.+?)(?:\s+(asc|desc))?(?:\s+nulls\s+\w+)?", text.strip(), re.DOTALL)
    assert found is not None
    return _value(found[1], now), (found[2] or "desc").lower() == "desc"


def _rank(value: Any) -> tuple[bool, str, Any]:
    if value is None or isinstance(value, bool | int | float):
        return (value is not None, "", value or 0)
    return (True, type(value).__name__, value)


def _top(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    value, is_falling = _key(found[2], now)
    size = int(found[1])

    def act(rows: Rows) -> Rows:
        return sorted(rows, key=lambda row: _rank(value(row)), reverse=is_falling)[:size]

    return act


def _count(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    del found, now
    return lambda rows: [{"Count": len(rows)}]


def _distinct(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    pairs = _named(found[1], now)

    def act(rows: Rows) -> Rows:
        made = [{name: value(row) for name, value in pairs} for row in rows]
        return [one for at, one in enumerate(made) if one not in made[:at]]

    return act


_AGGREGATE = re.compile(r"\s*(?:(\w+)\s*=\s*)?(\w+)\((.*)\)\s*", re.DOTALL)


def _summarize(found: re.Match[str], now: datetime) -> Callable[[Rows], Rows]:
    wanted = [_aggregate(one, now) for one in _split(found[1], ",")]
    by = _named(found[2], now) if found[2] else []

    def act(rows: Rows) -> Rows:
        groups: dict[str, tuple[Row, Rows]] = {} if by else {"[]": ({}, [])}
        for row in rows:
            key = {name: value(row) for name, value in by}
            groups.setdefault(str([*key.values()]), (key, []))[1].append(row)
        return [key | {name: of(some) for name, of in wanted} for key, some in groups.values()]

    return act


def _aggregate(text: str, now: datetime) -> tuple[str, Callable[[Rows], Any]]:
    found = _AGGREGATE.fullmatch(text)
    if found is None or found[2].lower() not in kql_functions.AGGREGATES:
        raise refused(f"the test cloud does not summarize by `{text.strip()}`")
    kind, argument = found[2].lower(), found[3].strip()
    over = [_value(one, now) for one in _split(argument, ",")] if argument else []
    act = kql_functions.AGGREGATES[kind]
    name = found[1] or f"{kind}_{argument if argument.isidentifier() else ''}"
    return name, lambda rows: act([tuple(one(row) for one in over) for row in rows])


_STEPS: Sequence[tuple[str, Callable[[re.Match[str], datetime], Callable[[Rows], Rows]]]] = (
    (r"where\s+(.+)", _where),
    (r"extend\s+(.+)", _extend),
    (r"project\s+(.+)", _project),
    (r"(?:take|limit)\s+(\d+)", _take),
    (r"(?:order|sort)\s+by\s+(.+)", _order),
    (r"top\s+(\d+)\s+by\s+(.+)", _top),
    (r"count", _count),
    (r"distinct\s+(.+)", _distinct),
    (r"summarize\s+(.+?)(?:\s+by\s+(.+))?", _summarize),
)
