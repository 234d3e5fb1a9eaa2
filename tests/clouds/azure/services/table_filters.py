"""Filters of Table Storage: OData's `and`, `or`, `not`, comparisons and typed literals.

https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities
"""

import base64
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.clouds.azure.services.planes import Refusal

Keeps = Callable[[Mapping[str, Any]], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<typed>(?P<kind>datetime|guid|binary|X)'(?P<inside>[^']*)')"
    r"|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?L?)|(?P<word>\w+))"
)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def compiled(asked: str) -> Keeps:
    """Return what tells whether an entity passes a filter; an empty one lets all pass.

    Raises:
        Refusal: when it is no filter.
    """
    if not asked.strip():
        return lambda _: True
    reader = _Reader(asked)
    keeps = reader.either()
    if reader.ahead is not None:
        raise reader.refusal()
    return keeps


class _Reader:
    def __init__(self, asked: str) -> None:
        self.asked = asked
        self.at = 0
        self.ahead = self._next()

    def refusal(self) -> Refusal:
        return Refusal(400, "InvalidInput", f"Syntax error in the filter `{self.asked}`.")

    def _next(self) -> re.Match[str] | None:
        if not self.asked[self.at :].strip():
            return None
        found = _TOKEN.match(self.asked, self.at)
        if found is None:
            raise self.refusal()
        self.at = found.end()
        return found

    def take(self) -> re.Match[str]:
        found = self.ahead
        if found is None:
            raise self.refusal()
        self.ahead = self._next()
        return found

    def _word(self) -> str:
        return (self.ahead["word"] or "").lower() if self.ahead else ""

    def either(self) -> Keeps:
        terms = [self.both()]
        while self._word() == "or":
            self.take()
            terms.append(self.both())
        return terms[0] if len(terms) == 1 else lambda one: any(term(one) for term in terms)

    def both(self) -> Keeps:
        terms = [self.term()]
        while self._word() == "and":
            self.take()
            terms.append(self.term())
        return terms[0] if len(terms) == 1 else lambda one: all(term(one) for term in terms)

    def term(self) -> Keeps:
        if self._word() == "not":
            self.take()
            inner = self.term()
            return lambda one: not inner(one)
        if self.ahead and self.ahead["open"]:
            self.take()
            inner = self.either()
            if not self.take()["close"]:
                raise self.refusal()
            return inner
        return self.comparison()

    def comparison(self) -> Keeps:
        name = self.take()["word"]
        if name is None:
            raise self.refusal()
        if self._word() not in _COMPARE:
            return lambda one: valued(one, name) is True
        compare = _COMPARE[self.take()["word"].lower()]
        wanted = self.literal(self.take())
        return lambda one: _compared(compare, valued(one, name), wanted)

    def literal(self, found: re.Match[str]) -> Any:
        if found["typed"]:
            return _READ[found["kind"]](found["inside"])
        if found["text"]:
            return found["text"][1:-1].replace("''", "'")
        if found["number"]:
            number = found["number"].removesuffix("L")
            return float(number) if re.search(r"[.eE]", number) else int(number)
        known = {"true": True, "false": False}
        if (found["word"] or "").lower() not in known:
            raise self.refusal()
        return known[found["word"].lower()]


def _compared(compare: Callable[[Any, Any], bool], have: Any, wanted: Any) -> bool:
    """Compare; what is not there, or of another type, is nothing to compare with."""
    numbers = all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in (have, wanted)
    )
    return compare(have, wanted) if numbers or type(have) is type(wanted) else False


def moment(text: str) -> datetime:
    """Return a time as Table Storage writes it: up to seven digits of a second."""
    whole, _, rest = text.removesuffix("Z").partition(".")
    made = datetime.fromisoformat(whole).replace(tzinfo=UTC)
    return made.replace(microsecond=int(rest[:6].ljust(6, "0")) if rest else 0)


_READ: Mapping[str, Callable[[str], Any]] = {
    "datetime": moment,
    "guid": lambda text: ("guid", text.lower()),
    "binary": bytes.fromhex,
    "X": bytes.fromhex,
}
_TYPES: Mapping[str, Callable[[Any], Any]] = {
    "Edm.Int64": int,
    "Edm.Int32": int,
    "Edm.Double": float,
    "Edm.DateTime": moment,
    "Edm.Guid": lambda value: ("guid", str(value).lower()),
    "Edm.Binary": base64.b64decode,
}


def valued(entity: Mapping[str, Any], name: str) -> Any:
    """Return a property as its type has it; None when it is not there."""
    value = entity.get(name)
    kind = "Edm.DateTime" if name == "Timestamp" else entity.get(f"{name}@odata.type", "")
    return value if value is None else _TYPES.get(kind, lambda same: same)(value)
