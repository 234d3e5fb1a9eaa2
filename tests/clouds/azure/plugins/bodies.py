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
from tests.clouds.plugins.wire import UNKNOWN, Values, is_unknown
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
            into = body
            if outside is not None and key not in outside:
                into = into.setdefault("properties", {})
            into[self.row.names.get(inner, key)] = self._sent(value, inner)
        return body

    def _sent(self, value: Any, place: str) -> Any:
        if place == _IDENTITIES and isinstance(value, list):
            if is_unknown(value):
                return dict(UNKNOWN)
            return {identity: {} for identity in value}
        if isinstance(value, Mapping) and value != UNKNOWN:
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
        if self._is_hybrid:
            told = {**outputs, "properties": outputs}
        elif self._outside is not None and isinstance(outputs.get("properties"), Mapping):
            told = {**outputs, **outputs["properties"]}
        else:
            told = outputs
        return self._projected(told, sdk.inputs_shape(self.token))

    def _lifted(self, found: Body) -> Values:
        """Return what is found with the members of its `properties` beside the others."""
        if self._outside is None and not self._is_hybrid:
            return self._renamed(found, "")
        inner = self._renamed(found.get("properties") or {}, "")
        beside = {key: self._told(value, key) for key, value in found.items()}
        own = words(self.row.inside)
        lifted = {**inner, **{key: value for key, value in beside.items() if key not in own}}
        return {**lifted, "properties": inner}

    def _renamed(self, found: Mapping[str, Any], place: str) -> Values:
        renamed: Values = {}
        for key, value in found.items():
            inner = f"{place}.{key}" if place else key
            at = self._origins.get(inner.lower())
            name = at.rpartition(".")[2] if at else key
            renamed[name] = self._told(value, at or inner)
        return renamed

    def _told(self, value: Any, place: str) -> Any:
        if isinstance(value, list):
            return [self._told(item, f"{place}[]") for item in value]
        if not isinstance(value, Mapping) or value == UNKNOWN:
            return value
        if place not in self.row.wrapped:
            return self._renamed(value, place)
        beside = {key: item for key, item in value.items() if key != "properties"}
        return self._renamed({**(value.get("properties") or {}), **beside}, place)

    @cached_property
    def _origins(self) -> Mapping[str, str]:
        """Input by the place that the API tells it at, below the input's own parent."""
        return {
            f"{at.rpartition('.')[0]}.{name}".lstrip(".").lower(): at
            for at, name in self.row.names.items()
        }

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
