"""Inputs as the body that Resource Manager takes, and what it tells as outputs and inputs."""

import inspect
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from pulumi import _types as pulumi_types  # pyright: ignore[reportPrivateUsage]

from tests.clouds.azure.plugins.rows import ENVELOPE, Row, words
from tests.clouds.plugins.wire import Values
from tests.contract.walkers import sdk
from tests.contract.walkers.shape import Kind, Shape

Body = dict[str, Any]
_VERSION = re.compile(r"Azure REST API version:? (\d{4}-\d\d-\d\d(?:-preview)?)")
_IDENTITIES = "identity.userAssignedIdentities"
_BEHAVIOUR = frozenset({"__defaults", "azureApiVersion"})


@dataclass(frozen=True)
class Bodies:
    """The two ways of one type."""

    token: str
    row: Row

    # --- there ---

    def body(self, inputs: Values) -> Body:
        """Return what is sent for `inputs`."""
        aside = self.row.parameters | words(self.row.query) | _BEHAVIOUR
        given = {key: value for key, value in inputs.items() if key not in aside}
        return self._nested(given, "", self._outside)

    def _nested(self, given: Mapping[str, Any], place: str, outside: frozenset[str] | None) -> Body:
        body: Body = {}
        for key, value in given.items():
            if value is None:
                continue
            inner = f"{place}.{key}" if place else key
            name = self.row.names.get(inner, key)
            into = body
            if outside is not None and key not in outside:
                into = into.setdefault("properties", {})
            *steps, last = name.split("/")
            for step in steps:
                into = into.setdefault(step, {})
            into[last] = self._sent(value, inner)
        return body

    def _sent(self, value: Any, place: str) -> Any:
        if place == _IDENTITIES and isinstance(value, list):
            return {identity: {} for identity in value}
        if isinstance(value, Mapping):
            wrapped = self.row.wrapped.get(place)
            return self._nested(value, place, None if wrapped is None else words(wrapped))
        if isinstance(value, list):
            return [self._sent(item, f"{place}[]") for item in value]
        return value

    # --- back ---

    def outputs(self, found: Body) -> Values:
        """Return the outputs that the SDK has of what is found."""
        told = {**self._lifted(found), "azureApiVersion": version(self.token)}
        folded = {_folded(key): value for key, value in told.items()}
        outputs = {name: folded.get(_folded(name)) for name in self._output_names}
        return {name: value for name, value in outputs.items() if value is not None}

    def inputs(self, outputs: Values) -> Values:
        """Return the inputs that outputs stand for."""
        shape = sdk.inputs_shape(self.token)
        return self._projected(outputs, shape)

    def _lifted(self, found: Body) -> Values:
        """Return what is found with the members of its `properties` beside the others."""
        return self._raised(found, "", is_wrapped=self._outside is not None or self._is_hybrid)

    def _raised(self, found: Mapping[str, Any], place: str, *, is_wrapped: bool) -> Values:
        inner = found.get("properties") if is_wrapped else None
        flat = {key: value for key, value in found.items() if inner is None or key != "properties"}
        if self._is_hybrid and not place:
            flat = dict(found)
        both = {**(inner if isinstance(inner, Mapping) else {}), **flat}
        raised: Values = {}
        for key, value in both.items():
            name = self._named_back(place, key)
            raised[name] = self._told(value, f"{place}.{name}" if place else name)
        for at, name in self.row.names.items():
            steps = name.split("/")
            parent = at.rpartition(".")[0]
            if len(steps) > 1 and parent == place:
                value = _at(both, steps)
                if value is not None:
                    raised[at.rpartition(".")[2]] = self._told(value, at)
        return raised

    def _told(self, value: Any, place: str) -> Any:
        if isinstance(value, Mapping):
            return self._raised(value, place, is_wrapped=place in self.row.wrapped)
        if isinstance(value, list):
            return [self._told(item, f"{place}[]") for item in value]
        return value

    def _named_back(self, place: str, key: str) -> str:
        for at, name in self.row.names.items():
            parent, _, last = at.rpartition(".")
            if parent == place and name == key:
                return last
        return key

    def _projected(self, value: Any, shape: Shape, place: str = "") -> Any:
        if place == _IDENTITIES and isinstance(value, Mapping) and shape.kind is Kind.LIST:
            return list(value)
        if isinstance(value, Mapping) and shape.choices:
            chosen = shape.choices.get(str(value.get(shape.discriminator)))
            return dict(value) if chosen is None else self._projected(value, chosen(), place)
        if isinstance(value, Mapping) and shape.kind is Kind.OBJECT:
            return {
                name: self._projected(
                    value[name], member.shape, f"{place}.{name}" if place else name
                )
                for name, member in shape.members.items()
                if value.get(name) is not None
            }
        if isinstance(value, list) and shape.kind is Kind.LIST and shape.item is not None:
            return [self._projected(item, shape.item(), f"{place}[]") for item in value]
        return value

    # --- the type ---

    @cached_property
    def _outside(self) -> frozenset[str] | None:
        """Members beside `properties`; None when the inputs are the body as it is."""
        members = sdk.inputs_shape(self.token).members
        if "properties" in members or not self._has_properties:
            return None
        return ENVELOPE - words(self.row.inside)

    @property
    def _has_properties(self) -> bool:
        return not self.row.path.endswith("resourceGroups/{resourceGroupName}")

    @cached_property
    def _is_hybrid(self) -> bool:
        """Whether inputs are in `properties`, and outputs are lifted out of them."""
        given = "properties" in sdk.inputs_shape(self.token).members
        return given and "properties" not in self._output_names

    @cached_property
    def _output_names(self) -> frozenset[str]:
        return frozenset(pulumi_types.resource_types(sdk.resource_class(self.token))) - {"urn"}


@cache
def version(token: str) -> str:
    """Return the version of the API that the SDK uses for a type, as its documentation says."""
    source = inspect.getsource(sys.modules[sdk.resource_class(token).__module__])
    found = _VERSION.search(source)
    return found[1] if found else ""


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _at(document: Mapping[str, Any], steps: list[str]) -> Any:
    value: Any = document
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
