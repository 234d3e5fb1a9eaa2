"""What a definition says of values that only an execution knows."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tests.clouds.aws.work.failures import JobError

_GET, _JOIN, _JSON_GET = "Get", "Std:Join", "Std:JsonGet"
_PART = re.compile(r"\[(?P<key>'[^']*'|\"[^\"]*\"|\d+)\]|\.?(?P<name>[^.\[\]]+)")
_NAMES = ("OutputName", "InputName", "MetricName", "ChannelName", "Name", "Key")
"""Members that name an element of a list, where a path gives a word and not a number."""


@dataclass(frozen=True)
class Reference:
    """A path that an expression names, such as `Steps.Train.ModelArtifacts`."""

    path: str

    @property
    def step(self) -> str | None:
        """The step that it names."""
        return self._second("Steps")

    @property
    def parameter(self) -> str | None:
        """The parameter that it names."""
        return self._second("Parameters")

    def _second(self, root: str) -> str | None:
        first, *rest = steps_of(self.path)
        return str(rest[0]) if first == root and rest else None


def references(value: Any) -> Iterator[Reference]:
    """Yield every reference inside a value."""
    if isinstance(value, Mapping):
        if set(value) == {_GET}:
            yield Reference(value[_GET])
            return
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def resolve(value: Any, lookup: Callable[[Reference], Any]) -> Any:
    """Return `value` with every expression replaced by what it stands for."""
    if isinstance(value, list):
        return [resolve(item, lookup) for item in value]
    if not isinstance(value, Mapping):
        return value
    match [*value]:
        case ["Get"]:
            return lookup(Reference(value[_GET]))
        case ["Std:Join"]:
            parts = resolve(value[_JOIN]["Values"], lookup)
            return value[_JOIN]["On"].join(_text(part) for part in parts)
        case ["Std:JsonGet"]:
            document = json.loads(lookup(Reference(value[_JSON_GET]["PropertyFile"][_GET])))
            return walk(document, steps_of(value[_JSON_GET]["Path"]), value[_JSON_GET]["Path"])
        case _:
            return {key: resolve(item, lookup) for key, item in value.items()}


def steps_of(path: str) -> list[str | int]:
    """Return the parts of a path: `a.b[0]['c']` is `a`, `b`, 0, `c`."""
    found: list[str | int] = []
    for match in _PART.finditer(path):
        if match["name"]:
            found.append(match["name"])
        else:
            key = match["key"]
            found.append(int(key) if key.isdigit() else key[1:-1])
    return found


def walk(value: Any, parts: list[str | int], path: str) -> Any:
    """Return what lies at a path.

    Raises:
        JobError: there is nothing.
    """
    for part in parts:
        value = _member(value, part, path)
    return value


def _member(value: Any, part: str | int, path: str) -> Any:
    if isinstance(value, list) and isinstance(part, str):
        named = [item for item in value if part in [item.get(name) for name in _NAMES]]
        return _member(named, 0, path)
    try:
        return cast("Any", value)[part]
    except (KeyError, IndexError, TypeError):
        raise JobError(f"ClientError: `{path}` names nothing") from None


def _text(part: Any) -> str:
    return json.dumps(part) if isinstance(part, bool | float | int) else str(part)
