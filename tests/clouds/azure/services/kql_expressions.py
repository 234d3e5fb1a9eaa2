"""Expressions of Log Analytics' queries: comparisons, words of text, times, some functions."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Value = Callable[[Mapping[str, Any]], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>@?\"(?:[^\"\\]|\\.)*\"|@?'(?:[^'\\]|\\.)*')|(?P<span>\d+(?:\.\d+)?(?:ms|d|h|m|s)\b)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<word>!?[A-Za-z_]\w*~?)|(?P<sign>==|!=|=~|!~|<=|>=|[<>()\[\],.+*/-]))"
)
_SPANS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


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


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
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
    "has": lambda one, other: (
        _text(other) in re.split(r"[^\w]+", _text(one)) or _text(other) in _text(one).split()
    ),
    "startswith": lambda one, other: _text(one).startswith(_text(other)),
    "endswith": lambda one, other: _text(one).endswith(_text(other)),
    "in": lambda one, other: one in other,
    "!in": lambda one, other: one not in other,
    "in~": lambda one, other: _text(one) in [_text(each) for each in other],
}


def _json(value: Any) -> Any:
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


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
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
    "parse_json": _json,
    "todynamic": _json,
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


class Reader:
    """Reads one expression."""

    def __init__(self, text: str, now: datetime) -> None:
        self.text, self.now, self.at = text, now, 0
        self.ahead = self._next()

    def _next(self) -> re.Match[str] | None:
        if not self.text[self.at :].strip():
            return None
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            raise ValueError(f"`{self.text[self.at :].strip()}` cannot be read")
        self.at = found.end()
        return found

    def _take(self, wanted: str = "") -> str:
        found = self.ahead
        if found is None or (wanted and found[0].strip() != wanted):
            raise ValueError(f"`{self.text.strip()}` lacks `{wanted or 'its end'}`")
        self.ahead = self._next()
        return found[0].strip()

    def _is(self, *words: str) -> bool:
        return self.ahead is not None and self.ahead[0].strip() in words

    def whole(self) -> Value:
        """Return the value that the whole text has for a row.

        Raises:
            ValueError: it is no expression that is known here.
        """
        made = self._either()
        if self.ahead is not None:
            raise ValueError(f"`{self.ahead[0].strip()}` is not expected in `{self.text.strip()}`")
        return made

    def _either(self) -> Value:
        terms = [self._both()]
        while self._is("or"):
            self._take()
            terms.append(self._both())
        return terms[0] if len(terms) == 1 else lambda row: any(one(row) is True for one in terms)

    def _both(self) -> Value:
        terms = [self._comparison()]
        while self._is("and"):
            self._take()
            terms.append(self._comparison())
        return terms[0] if len(terms) == 1 else lambda row: all(one(row) is True for one in terms)

    def _comparison(self) -> Value:
        one = self._sum()
        if self._is("between"):
            raise ValueError("the test cloud does not do `between`")
        if not self._is(*_COMPARE):
            return one
        word = self._take()
        other = self._list() if word.lstrip("!").startswith("in") else self._sum()
        compare = _COMPARE[word]
        return lambda row: compare(one(row), other(row))

    def _list(self) -> Value:
        self._take("(")
        values = self._arguments()
        return lambda row: [one(row) for one in values]

    def _arguments(self) -> list[Value]:
        values: list[Value] = []
        while not self._is(")"):
            values.append(self._either())
            if self._is(","):
                self._take()
        self._take(")")
        return values

    def _sum(self) -> Value:
        made = self._single()
        while self._is("+", "-", "*", "/"):
            sign, one, other = self._take(), made, self._single()
            made = _joined(sign, one, other)
        return made

    def _single(self) -> Value:
        found = self.ahead
        if found is None:
            raise ValueError(f"`{self.text.strip()}` ends too early")
        if found["sign"] == "(":
            self._take()
            inner = self._either()
            self._take(")")
            return inner
        if found["sign"] == "-":
            self._take()
            number = self._single()
            return lambda row: -number(row)
        if found["word"] and found["word"].lower() not in {"true", "false", "null"}:
            return self._path()
        return self._literal(found)

    def _literal(self, found: re.Match[str]) -> Value:
        told = self._take()
        if found["text"]:
            value: Any = re.sub(r"\\(.)", r"\1", told.lstrip("@")[1:-1])
        elif found["span"]:
            value = _span(told)
        elif found["number"]:
            value = float(told) if "." in told else int(told)
        elif told.lower() in {"true", "false", "null"}:
            value = {"true": True, "false": False, "null": None}[told.lower()]
        else:
            raise ValueError(f"`{told}` is not expected in `{self.text.strip()}`")
        return lambda _: value

    def _path(self) -> Value:
        name = self._take()
        made = self._call(name) if self._is("(") else self._column(name)
        while self._is(".", "["):
            made = self._member(made)
        return made

    def _column(self, name: str) -> Value:
        return lambda row: row.get(name)

    def _member(self, of: Value) -> Value:
        if self._take() == ".":
            name = self._take()
            return lambda row: _inside(of(row), name)
        key = self._either()
        self._take("]")
        return lambda row: _inside(of(row), key(row))

    def _call(self, name: str) -> Value:
        if name.lower() == "datetime":
            return self._moment()
        self._take("(")
        values = self._arguments()
        if name.lower() == "now":
            return lambda _: self.now
        if name.lower() == "ago":
            return lambda row: self.now - values[0](row)
        act = _FUNCTIONS.get(name.lower())
        if act is None:
            raise ValueError(f"the test cloud does not do `{name}()`")
        return lambda row: act(*(one(row) for one in values))

    def _moment(self) -> Value:
        """Read `datetime(2026-01-02T03:04:05Z)`: what is inside is no expression."""
        end = self.text.index(")", self.at)
        told = moment(self.text[self.at : end].strip().strip("\"'"))
        if told is None:
            raise ValueError(f"`{self.text[self.at : end]}` is no time")
        self.at = end + 1
        self.ahead = self._next()
        return lambda _: told


def _span(told: str) -> timedelta:
    unit = told.lstrip("0123456789.")
    return timedelta(**{_SPANS[unit]: float(told.removesuffix(unit))})


def _inside(value: Any, key: Any) -> Any:
    value = _json(value)
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


_SIGNS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other if other else None,
}


def _joined(sign: str, one: Value, other: Value) -> Value:
    def act(row: Mapping[str, Any]) -> Any:
        left, right = one(row), other(row)
        return None if left is None or right is None else _SIGNS[sign](left, right)

    return act
