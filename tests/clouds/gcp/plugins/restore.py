"""What the cloud tells, in the form of the inputs that it stands for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.clouds.plugins.wire import Values
from tests.contract.walkers import sdk
from tests.contract.walkers.shape import Kind, Shape
from tests.contract.walkers.translate import Translation, member_of


@dataclass(frozen=True)
class Restoring:
    """The way back from a body to the inputs of a type."""

    token: str
    translation: Translation

    def inputs(self, found: Mapping[str, Any]) -> Values:
        """Return all inputs that `found` tells, as an import needs them."""
        return self._members(self._shape, self.translation.shape(), found, "")

    def one(self, name: str, found: Mapping[str, Any]) -> Any:
        """Return one input; None when `found` does not tell it."""
        member = self._shape.members[name].shape
        return self._member(name, member, self.translation.shape(), found, name)

    @property
    def _shape(self) -> Shape:
        return sdk.inputs_shape(self.token)

    def _members(self, shape: Shape, api: Shape, found: Mapping[str, Any], path: str) -> Values:
        values: Values = {}
        for name, member in shape.members.items():
            place = f"{path}.{name}" if path else name
            value = self._member(name, member.shape, api, found, place)
            if value is not None:
                values[name] = value
        return values

    def _member(
        self, name: str, shape: Shape, api: Shape, found: Mapping[str, Any], place: str
    ) -> Any:
        if place in self.translation.local or place in self.translation.elsewhere:
            return None
        target = member_of(self.translation, name, api, place, is_list=shape.kind is Kind.LIST)
        if target is None or target.startswith("/"):
            return None
        value, inner = _at(found, api, target)
        return None if value is None else self._value(value, shape, inner, place)

    def _value(self, value: Any, shape: Shape, api: Shape, place: str) -> Any:
        if shape.kind is Kind.LIST and isinstance(value, Mapping):
            keyed = place in self.translation.keyed
            value = list(value.values()) if keyed else [value]
            api = _element(api) if keyed else api
            return [self._value(item, _element(shape), api, f"{place}[]") for item in value]
        if shape.kind is Kind.LIST:
            items = value if isinstance(value, list) else [value]
            inner = _element(api)
            return [self._value(item, _element(shape), inner, f"{place}[]") for item in items]
        if shape.kind is Kind.OBJECT and isinstance(value, list):
            return self._value(value[0], shape, _element(api), place) if value else None
        if shape.kind is Kind.OBJECT and isinstance(value, Mapping):
            return self._members(shape, api, value, place)
        return _scalar(value, shape)


def _element(shape: Shape) -> Shape:
    return shape.item() if shape.item is not None else shape


def _at(found: Mapping[str, Any], api: Shape, target: str) -> tuple[Any, Shape]:
    value: Any = found
    shape = api
    for step in target.removesuffix("[]").split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
        shape = shape.members[step].shape
    if target.endswith("[]"):
        return (value[0] if value else None), _element(shape)
    return value, shape


def _scalar(value: Any, shape: Shape) -> Any:
    if shape.kind is Kind.STRING and isinstance(value, dict | list):
        return json.dumps(value)
    if shape.kind is Kind.INTEGER and isinstance(value, str):
        return int(value)
    if shape.kind is Kind.NUMBER and isinstance(value, str):
        return float(value)
    return value
