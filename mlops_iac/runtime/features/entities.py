"""Entities as people name them, checked against a group and typed as its keys are."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.columns import INTEGER
from mlops_iac.runtime.features.group import FeatureSet


def entity_keys(
    group: FeatureSet, entities: Sequence[Mapping[str, Any]]
) -> list[dict[str, str | int]]:
    """Return entities with the types of the group's keys, which its data has shown.

    Raises:
        OperationError: lists everything that is wrong with the entities.
    """
    faults = [fault for entity in entities for fault in _faults(group, entity)]
    if faults:
        raise OperationError(
            f"feature group `{group.name}` has no such entity: {'; '.join(faults)}",
            remedy="an entity has "
            + " and ".join(f"`{name}` ({group.keys[name]})" for name in group.entities),
        )
    return [
        {
            name: int(entity[name]) if group.keys[name] == INTEGER else str(entity[name])
            for name in group.entities
        }
        for entity in entities
    ]


def _faults(group: FeatureSet, entity: Mapping[str, Any]) -> Iterator[str]:
    for name in entity:
        if name not in group.keys:
            yield f"`{name}` is none of its entities"
    for name in group.entities:
        if name not in entity:
            yield f"`{name}` is missing"
        elif group.keys[name] == INTEGER and not _is_whole(entity[name]):
            yield f"`{name}` is a whole number, not `{entity[name]}`"


def _is_whole(value: Any) -> bool:
    if isinstance(value, str):
        digits = value.removeprefix("-")
        value = int(value) if digits.isascii() and digits.isdigit() else None
    return isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63
