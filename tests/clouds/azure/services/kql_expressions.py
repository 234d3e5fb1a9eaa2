"""Expressions of Log Analytics' queries: comparisons, words of text, times, some functions."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.clouds.azure.services.kql_functions import COMPARE, FUNCTIONS, SIGNS, moment, parsed

Value = Callable[[Mapping[str, Any]], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>@?\"(?:[^\"\\]|\\.)*\"|@?'(?:[^'\\]|\\.)*')|(?P<span>\d+(?:\.\d+)?(?:ms|d|h|m|s)\b)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<word>!?[A-Za-z_]\w*~?)|(?P<sign>==|!=|=~|!~|<=|>=|[<>()\[\],.+*/-]))"
)
_SPANS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds", "ms": "milliseconds"}


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
        if not self._is(*COMPARE):
            return one
        word = self._take()
        other = self._list() if word.lstrip("!").startswith("in") else self._sum()
        compare = COMPARE[word]
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
        act = FUNCTIONS.get(name.lower())
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
    value = parsed(value)
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _joined(sign: str, one: Value, other: Value) -> Value:
    def act(row: Mapping[str, Any]) -> Any:
        left, right = one(row), other(row)
        return None if left is None or right is None else SIGNS[sign](left, right)

    return act
