"""What all specs share: frozen, strict, comparable, and able to say what they refer to."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.types import NAME_PATTERN, Ref, kind_names


class Part(BaseModel):
    """A frozen, strict piece of a declaration."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
        validate_default=False,
    )

    def canonical(self) -> str:
        """Return the declaration as sorted JSON: Outputs and secrets only as such."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.canonical() == self.canonical()

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.canonical()))

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> "Part":
        return self


@dataclass(frozen=True)
class Ask:
    """A capability that a spec needs when `when` holds, and the field that asked for it."""

    capability: Capability
    field: str
    when: Callable[[Any], bool]


class ProviderOptions(Part):
    """Base of the knobs that only one provider has, such as `AwsEndpointOptions`."""

    provider: ClassVar[str]
    """Name of the provider that reads them; others list them as not used on their target."""


class Spec(Part):
    """A component as declared: knows no cloud."""

    kind: ClassVar[str]
    asks: ClassVar[tuple[Ask, ...]] = ()

    name: str = Field(kw_only=False, pattern=NAME_PATTERN)
    """Name in the stack: lower-case letters, digits and `-`; the key in `mlops.yaml`."""

    if not TYPE_CHECKING:

        def __init__(self, *name: Any, **fields: Any) -> None:
            super().__init__(**dict(zip(("name",), name, strict=False)), **fields)

    def required_capabilities(self) -> Iterator[tuple[Capability, str]]:
        """Yield each capability that this declaration needs, with the field that asks for it."""
        return ((ask.capability, ask.field) for ask in self.asks if ask.when(self))

    def references(self) -> Iterator["Reference"]:
        """Yield every reference to another component."""
        yield from _references(self, "")


@dataclass(frozen=True)
class Reference:
    """Where a spec names another component, and of which kind it must be."""

    field: str
    name: str
    kinds: tuple[str, ...]


def _references(part: Part, prefix: str) -> Iterator[Reference]:
    kinds = _ref_kinds(type(part))
    for field in type(part).model_fields:
        value = getattr(part, field)
        # A part that only names something, `ModelVersionRef`, is written as one text: the place
        # a user sees is the field that holds it.
        place = prefix.rstrip(".") if field == "name" and prefix else f"{prefix}{field}"
        yield from _references_in(value, place, kinds.get(field, ()))


def _references_in(value: Any, path: str, kinds: tuple[str, ...]) -> Iterator[Reference]:
    if isinstance(value, Ref):
        yield Reference(path, str(value), kinds)
    elif isinstance(value, Part):
        yield from _references(value, f"{path}.")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _references_in(item, f"{path}.{key}", kinds)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _references_in(item, f"{path}.{index}", kinds)


@cache
def _ref_kinds(part: type[Part]) -> Mapping[str, tuple[str, ...]]:
    return {
        field: kinds
        for field, info in part.model_fields.items()
        if (kinds := next(_kinds_of(info.annotation), None))
    }


def _kinds_of(annotation: Any) -> Iterator[tuple[str, ...]]:
    origin = getattr(annotation, "__origin__", None)
    if origin is Ref:
        (kind,) = annotation.__args__
        yield kind_names(kind)
        return
    for argument in getattr(annotation, "__args__", ()):
        yield from _kinds_of(argument)
