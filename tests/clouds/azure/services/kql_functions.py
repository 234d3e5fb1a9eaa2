"""What the expressions of Log Analytics' queries compare, call and sum up."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


def _text(value: Any) -> str:
    return "" if value is None else str(value).lower()


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def act(one: Any, other: Any) -> bool:
        one, other = _alike(one, other)
        try:
            return one is not None and other is not None and compare(one, other)
        except TypeError:
            return False

    return act


def _alike(one: Any, other: Any) -> tuple[Any, Any]:
    """Let a time that stands as a text be one beside a time."""
    if isinstance(one, datetime) and isinstance(other, str):
        return one, moment(other)
    if isinstance(other, datetime) and isinstance(one, str):
        return moment(one), other
    return one, other


def moment(text: str) -> datetime | None:
    """Return a time, None when a text is none."""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _equal(one: Any, other: Any) -> bool:
    one, other = _alike(one, other)
    return one == other


def _word(value: Any) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(_text(value))}(?!\w)")


COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda one, other: not _equal(one, other),
    "=~": lambda one, other: _text(one) == _text(other),
    "!~": lambda one, other: _text(one) != _text(other),
    "<": _ordered(lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other),
    ">": _ordered(lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other),
    "contains": lambda one, other: _text(other) in _text(one),
    "!contains": lambda one, other: _text(other) not in _text(one),
    "has": lambda one, other: bool(_word(other).search(_text(one))),
    "!has": lambda one, other: not _word(other).search(_text(one)),
    "startswith": lambda one, other: _text(one).startswith(_text(other)),
    "endswith": lambda one, other: _text(one).endswith(_text(other)),
    "in": lambda one, other: one in other,
    "!in": lambda one, other: one not in other,
    "in~": lambda one, other: _text(one) in [_text(each) for each in other],
}


def parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _bin(value: Any, step: Any) -> Any:
    if isinstance(value, str):
        value = moment(value)
    if isinstance(value, datetime):
        zero = datetime(1970, 1, 1, tzinfo=UTC)
        return zero + step * math.floor((value - zero) / step)
    return math.floor(value / step) * step


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "tostring": lambda value: "" if value is None else str(value),
    "todouble": _number,
    "toreal": _number,
    "toint": lambda value: None if _number(value) is None else int(float(value)),
    "tolong": lambda value: None if _number(value) is None else int(float(value)),
    "tolower": _text,
    "isempty": lambda value: value in {None, ""},
    "isnotempty": lambda value: value not in {None, ""},
    "isnull": lambda value: value is None,
    "isnotnull": lambda value: value is not None,
    "not": lambda value: not value,
    "strcat": lambda *values: "".join("" if one is None else str(one) for one in values),
    "parse_json": parsed,
    "todynamic": parsed,
    "todatetime": lambda value: moment(value) if isinstance(value, str) else value,
    "datetime": lambda value: moment(str(value)),
    "bin": _bin,
    "iff": lambda test, one, other: one if test else other,
    "coalesce": lambda *values: next((one for one in values if one is not None), None),
}


def _numbers(rows: Sequence[tuple[Any, ...]]) -> list[float]:
    return [float(one[0]) for one in rows if one[0] is not None]


def _present(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [one[0] for one in rows if one[0] is not None]


AGGREGATES: Mapping[str, Callable[[Sequence[tuple[Any, ...]]], Any]] = {
    "count": len,
    "countif": lambda rows: sum(one[0] is True for one in rows),
    "sum": lambda rows: sum(_numbers(rows)),
    "avg": lambda rows: sum(_numbers(rows)) / len(_numbers(rows)) if _numbers(rows) else None,
    "min": lambda rows: min(_present(rows), default=None),
    "max": lambda rows: max(_present(rows), default=None),
    "dcount": lambda rows: len({str(one[0]) for one in rows}),
    "take_any": lambda rows: rows[0][0] if rows else None,
    "make_list": lambda rows: [one[0] for one in rows],
}


SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other if other else None,
}
