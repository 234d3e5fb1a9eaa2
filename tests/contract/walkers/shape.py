"""One description of values that every truth is read into.

Members and items are thunks, because API models are large and some refer to themselves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """What a value is in JSON; `ANY` is judged by nobody."""

    ANY = "any"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    LIST = "list"
    MAP = "map"
    NUMBER = "number"
    OBJECT = "object"
    STRING = "string"


def _nothing() -> Mapping[str, "Member"]:
    return {}


@dataclass(frozen=True)
class Shape:
    """The rules for one value. What is left out is not ruled."""

    kind: Kind
    source: str
    """Where the rules are written, for the finding."""
    load: Callable[[], Mapping[str, "Member"]] = _nothing
    """Members of an object."""
    item: "Callable[[], Shape] | None" = None
    """What a list or a map holds."""
    key: "Callable[[], Shape] | None" = None
    """What a map's keys are."""
    values: frozenset[object] = frozenset()
    """Allowed values; empty when any is."""
    deprecated: frozenset[object] = frozenset()
    pattern: str | None = None
    anchored: bool = True
    """Whether `pattern` is for the whole value (else for any part of it)."""
    pattern_rule: str = "pattern"
    """`pattern`, or `format` where the pattern spells a named format."""
    minimum: float | None = None
    """Least number, or length of a string, list or map."""
    maximum: float | None = None
    one_of: bool = False
    """Whether exactly one member must be set."""
    choices: "Mapping[str, Callable[[], Shape]]" = field(
        default_factory=dict[str, "Callable[[], Shape]"]
    )
    """Concrete shapes by the value of `discriminator`."""
    discriminator: str = ""

    @cached_property
    def members(self) -> Mapping[str, "Member"]:
        """Members of an object by their name on the wire."""
        return self.load()

    @cached_property
    def folded(self) -> Mapping[str, str]:
        """Members' names by their names in lower case."""
        return {name.lower(): name for name in self.members}


@dataclass(frozen=True)
class Member:
    """A member of an object."""

    of: Callable[[], Shape]
    required: bool = False
    read_only: bool = False

    @cached_property
    def shape(self) -> Shape:
        """What the member holds."""
        return self.of()


def anything(source: str) -> Shape:
    """Return the shape that refuses nothing."""
    return Shape(Kind.ANY, source)
