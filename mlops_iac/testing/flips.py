"""Every field of every spec, with two values: what *no silent loss* is tried with.

A provider keeps the promise when changing any one of them changes what is planned, or is refused.
`uncovered` compares the table with the specs, so that a new field cannot be forgotten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from mlops_iac.specs import KINDS, Platform, Spec
from mlops_iac.specs.base import Part
from mlops_iac.specs.types import Ref
from mlops_iac.stack import Stack
from mlops_iac.testing.cast import CAST, company, member, spec
from mlops_iac.testing.examples import fill
from mlops_iac.testing.flip_rows import READERS, ROWS, SUBJECTS, WITH


@dataclass(frozen=True)
class Flip:
    """One field of one kind, before and after."""

    kind: str
    path: str
    """Dotted path; `[mode]` names the variant that a part of it belongs to."""
    before: Any
    """Value of the top field, as in `mlops.yaml`; `None` leaves it out."""
    after: Any

    @property
    def field(self) -> str:
        """The field of the kind itself."""
        return self.path.split(".")[0].split("[")[0]

    @property
    def id(self) -> str:
        """Name of the case."""
        return f"{self.kind}.{self.path}"

    def stacks(self, place: Mapping[str, Any], examples: Mapping[str, Any]) -> tuple[Stack, Stack]:
        """Return what is declared before and after: the same but for this field.

        Args:
            place: fields of the platform that say where the stack runs.
            examples: what an `Own` in a value stands for; see `mlops_iac.testing.examples`.
        """
        values = fill([self.before, self.after], examples)
        if self.kind == Platform.kind:
            readers = [member(name) for name in READERS[self.kind]]
            sides = [(platform(place, {self.field: value}), readers) for value in values]
        else:
            here = platform(place, {})
            sides = [(here, self._members(value, examples)) for value in values]
        # Both sides hold whatever one of them needs, so that nothing else differs.
        needed = company([each for _, held in sides for each in held])
        before, after = (
            Stack("flips", platform=here, components=_distinct([*held, *needed]))
            for here, held in sides
        )
        return before, after

    def _members(self, value: Any, examples: Mapping[str, Any]) -> list[Spec]:
        """Return the component with `value`, and those that show what becomes of it."""
        name = SUBJECTS[self.kind]
        fields = {**CAST[name][1], **WITH.get((self.kind, self.field), {}), self.field: value}
        called = fields.pop("name", name)
        subject = spec(self.kind, called, fill(fields, examples))
        return [subject, *(_renamed(each, name, called) for each in _readers(self.kind))]


FLIPS: tuple[Flip, ...] = tuple(
    Flip(kind, path, before, after)
    for kind, rows in ROWS.items()
    for path, (before, after) in rows.items()
)
"""Both values of each field of each kind; `target` itself is what the plans are compared on."""


def platform(place: Mapping[str, Any], fields: Mapping[str, Any]) -> Platform:
    """Return a platform at a place where nothing else is asked for; `None` leaves a field out."""
    given: dict[str, Any] = {"name": "platform", **place, **fields}
    return Platform(**{key: value for key, value in given.items() if value is not None})


def _readers(kind: str) -> list[Spec]:
    readers = [member(name) for name in READERS.get(kind, ())]
    others = company([*readers, member(SUBJECTS[kind])])
    return [*readers, *(each for each in others if each.kind != kind)]


def _renamed(reader: Spec, old: str, new: str) -> Spec:
    """Return `reader` with its references to `old` following a component that is renamed."""
    fields = CAST[reader.name][1]
    changed = {key: new for key, value in fields.items() if value == old}
    return member(reader.name, **changed)


def _distinct(specs: list[Spec]) -> list[Spec]:
    return list({each.name: each for each in reversed(specs)}.values())


def leaves(part: type[Part], prefix: str = "") -> Iterator[str]:
    """Yield the path of every field that holds a value, through parts and variants."""
    for name, info in part.model_fields.items():
        parts = list(dict.fromkeys(_parts_in(info.annotation)))
        tagged = any("mode" in inner.model_fields for inner in parts)
        if name == "mode":
            continue
        if not parts:
            yield f"{prefix}{name}"
        for inner in parts:
            mode = f"[{inner.model_fields['mode'].default}]" if tagged else ""
            yield from leaves(inner, f"{prefix}{name}{mode}.")


def _parts_in(annotation: Any) -> Iterator[type[Part]]:
    if get_origin(annotation) is Ref:
        return  # names a component, and holds none
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts_in(argument)


_WHERE = frozenset({"Platform.target", "Platform.stack"})
"""What plans are compared on; and whose platform it is, which only its own stack can tell."""


def uncovered() -> list[str]:
    """Return the fields that no flip covers."""
    covered = {flip.id for flip in FLIPS}
    every = [f"{kind}.{path}" for kind, spec in KINDS.items() for path in leaves(spec)]
    return [path for path in every if path not in covered | _WHERE]
