"""The functions of expressions, as data.

https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference.
Names are without case.
"""

import base64
import json
import operator
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any
from urllib.parse import quote, unquote

_FORMATS: Mapping[str, str] = {
    "yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S", "fff": "%f",
}  # fmt: skip
_SIGN = re.compile("yyyy|MM|dd|HH|mm|ss|f+")


def text(value: Any) -> str:
    """Return a value as it stands within a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _moment(told: str) -> datetime:
    cut = re.sub(r"(\.\d{6})\d+", r"\1", told)
    found = datetime.fromisoformat(cut)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _written(moment: datetime, form: str = "") -> str:
    if form in {"", "o"}:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f0Z")

    def sign(found: re.Match[str]) -> str:
        if found[0].startswith("f"):
            return moment.strftime("%f")[: len(found[0])]
        return moment.strftime(_FORMATS[found[0]])

    return _SIGN.sub(sign, form)


def _now(form: str = "") -> str:
    return _written(datetime.now(UTC), form)


def _later(unit: str) -> Callable[..., str]:
    def add(told: str, count: float, form: str = "") -> str:
        return _written(_moment(told) + timedelta(**{unit: count}), form)

    return add


def _contains(of: Any, one: Any) -> bool:
    return of is not None and one in of


def _same(one: Any, other: Any) -> bool:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return one == other and (numbers or type(one) is type(other))


def _union(one: Any, *others: Any) -> Any:
    if isinstance(one, Mapping):
        return reduce(lambda a, b: {**a, **b}, others, dict(one))
    found: list[Any] = []
    for row in [one, *others]:
        found += [item for item in row if item not in found]
    return found


def _common(one: Any, *others: Any) -> Any:
    if isinstance(one, Mapping):
        return {k: v for k, v in one.items() if all(o.get(k) == v for o in others)}
    return [item for item in one if all(item in other for other in others)]


def _divided(one: Any, other: Any) -> Any:
    return one // other if isinstance(one, int) and isinstance(other, int) else one / other


def _bool(told: Any) -> bool:
    return told.lower() == "true" if isinstance(told, str) else bool(told)


def _json(told: Any) -> Any:
    return json.loads(told) if isinstance(told, str | bytes) else told


def _part(of: Any, start: int, length: int | None = None) -> Any:
    return of[start:] if length is None else of[start : start + length]


def _extreme(pick: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *told: pick(told[0] if len(told) == 1 else told)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "add": operator.add,
    "adddays": _later("days"),
    "addhours": _later("hours"),
    "addminutes": _later("minutes"),
    "addproperty": lambda of, name, value: {**of, name: value},
    "addseconds": _later("seconds"),
    "array": lambda value: [value],
    "base64": lambda value: base64.b64encode(text(value).encode()).decode(),
    "base64tostring": lambda value: base64.b64decode(value).decode(),
    "bool": _bool,
    "chunk": lambda of, size: [of[at : at + size] for at in range(0, len(of), size)],
    "concat": lambda *told: "".join(map(text, told)),
    "contains": _contains,
    "createarray": lambda *told: [*told],
    "decodebase64": lambda value: base64.b64decode(value).decode(),
    "decodeuricomponent": unquote,
    "div": _divided,
    "empty": lambda value: not value,
    "encodeuricomponent": lambda value: quote(value, safe="-_.!~*'()"),
    "endswith": lambda of, end: of.lower().endswith(end.lower()),
    "equals": _same,
    "first": lambda of: of[0] if of else None,
    "float": float,
    "formatdatetime": lambda told, form="", *_: _written(_moment(told), form),
    "greater": operator.gt,
    "greaterorequals": operator.ge,
    "guid": lambda *_: str(uuid.uuid4()),
    "indexof": lambda of, part: of.lower().find(part.lower()),
    "int": int,
    "intersection": _common,
    "join": lambda of, mark: mark.join(map(text, of)),
    "json": _json,
    "last": lambda of: of[-1] if of else None,
    "lastindexof": lambda of, part: of.lower().rfind(part.lower()),
    "length": len,
    "less": operator.lt,
    "lessorequals": operator.le,
    "max": _extreme(max),
    "min": _extreme(min),
    "mod": operator.mod,
    "mul": operator.mul,
    "not": lambda value: not value,
    "range": lambda start, count: [*range(start, start + count)],
    "removeproperty": lambda of, name: {k: v for k, v in of.items() if k != name},
    "replace": lambda of, old, new: of.replace(old, new),
    "setproperty": lambda of, name, value: {**of, name: value},
    "skip": lambda of, count: of[count:],
    "slice": lambda of, start, end=None: of[start:end],
    "split": lambda of, mark: of.split(mark),
    "startswith": lambda of, start: of.lower().startswith(start.lower()),
    "string": text,
    "sub": operator.sub,
    "substring": _part,
    "take": lambda of, count: of[:count],
    "ticks": lambda told: int((_moment(told).timestamp() + 62135596800) * 10_000_000),
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "union": _union,
    "uricomponent": lambda value: quote(value, safe="-_.!~*'()"),
    "uricomponenttostring": unquote,
    "utcnow": _now,
}
