"""What shows, in what is registered, that a capability is really wired: data of a provider.

The conformance kit holds a provider to it: true of a declaration that asks for the capability, and
false of the same declaration without it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast


class Registered(Protocol):
    """A registration, as a recording holds it."""

    @property
    def type(self) -> str:
        """Type token."""
        ...

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What it is registered with."""
        ...


@dataclass(frozen=True)
class Own:
    """Stands for a value in the target's own spelling: the provider's example of it."""

    name: str
    """Key of the provider's `EXAMPLES`."""
    wired: bool = False
    """Whether the field is an `Input`, which may be unknown while a stack is previewed."""


@dataclass(frozen=True)
class Witness:
    """Something of this type is registered, with something at this place."""

    type: str
    """Type token."""
    path: str = ""
    """Place in the inputs, dotted, `*` for each item; text that is JSON is looked into.

    When it is empty the resource itself is what is looked for.
    """
    value: Any = ...
    """What stands there, or an `Own`; when left out anything that is not empty."""

    def sees(self, registrations: Iterable[Registered]) -> bool:
        """Whether it is there."""
        steps = self.path.split(".") if self.path else []
        return any(
            self._is(found)
            for each in registrations
            if each.type == self.type
            for found in _at(each.inputs or True, steps)
        )

    def _is(self, found: Any) -> bool:
        return found == self.value if self.value is not ... else found not in _NOTHING


@dataclass(frozen=True)
class Differs:
    """Weaker: what is registered differs in some way; for what no one place can show."""

    reason: str
    """Why no `Witness` says more."""


_NOTHING: Sequence[Any] = (None, "", False, 0, {}, [])


def _at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    value = _read(value)
    first, *rest = steps
    for item in _items(value, first):
        yield from _at(item, rest)


def _items(value: Any, step: str) -> Iterable[Any]:
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return fields.values() if step == "*" else [fields[step]] if step in fields else []
    if isinstance(value, list) and step == "*":
        return cast("list[Any]", value)
    return []


def _read(value: Any) -> Any:
    """Return what JSON text says; other text as it is."""
    if not isinstance(value, str) or not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
