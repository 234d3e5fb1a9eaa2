"""What the tests of a recording ask of one registration, output or class."""

import asyncio
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any, cast, get_args, get_origin

import pulumi
from pydantic import TypeAdapter, ValidationError

from mlops_iac.components.building import COMPONENTS
from mlops_iac.outputs import Outputs
from mlops_iac.recording import SECRET, UNKNOWN, Registration

_TAG_WORDS = ("tags", "labels")


def outputs_of(kind: str) -> type[Outputs]:
    """Return the record of outputs of a kind."""
    (base,) = cast("Any", COMPONENTS[kind]).__orig_bases__
    return get_args(base)[0]


def is_output(value: Any) -> bool:
    """Whether a value is an Output, or holds nothing else."""
    if isinstance(value, Mapping):
        return all(is_output(item) for item in cast("Mapping[str, Any]", value).values())
    return isinstance(value, pulumi.Output)


def fits(kind: str, key: str, value: Any) -> bool:
    """Whether a registered output is of its declared type; what is unknown may be any."""
    declared = COMPONENTS[kind].__annotations__[_attribute(key)]
    if value in (UNKNOWN, SECRET) or get_origin(declared) is not pulumi.Output:
        return True
    try:
        TypeAdapter(get_args(declared)[0]).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def _attribute(exported: str) -> str:
    return re.sub("(?=[A-Z])", "_", exported).lower()


def is_same(first: Registration, second: Registration) -> bool:
    """Whether two registrations cannot be told apart, nothing in them being unknown."""
    text = json.dumps(first.inputs, sort_keys=True, default=str)
    return "$unknown" not in text and bool(first.inputs) and first.inputs == second.inputs


def is_taggable(resource: type) -> bool:
    """Whether the class of an SDK takes tags or labels."""
    made = getattr(resource, "_internal_init", resource.__init__)
    return not {*_TAG_WORDS}.isdisjoint(inspect.signature(made).parameters)


def carries(inputs: Mapping[str, Any], tag: tuple[str, str]) -> bool:
    """Whether the tags, labels, or default ones of a registration hold `tag`."""
    held = [value for key, value in inputs.items() if key.lower().endswith(_TAG_WORDS)]
    return any(tag in _pairs(value) for value in held)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    value = json.loads(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return [*fields.items(), *(pair for item in fields.values() for pair in _inner(item))]
    if isinstance(value, list):
        return [_item(item) for item in cast("list[Mapping[str, Any] | str]", value)]
    return []


def _item(item: "Mapping[str, Any] | str") -> tuple[Any, Any]:
    if isinstance(item, str):
        key, _, told = item.partition("=")
        return key, told
    return item.get("key"), item.get("value")


def _inner(value: Any) -> list[tuple[Any, Any]]:
    return _pairs(value) if isinstance(value, Mapping) else []


def unknown(value: Any) -> pulumi.Output[Any]:
    """Return an Output of which nobody knows the value yet."""
    del value
    hidden, is_known = asyncio.Future[Any](), asyncio.Future[bool]()
    hidden.set_result(None)
    is_known.set_result(False)
    return pulumi.Output(set(), hidden, is_known)


def texts(value: Any) -> list[str]:
    """Return the text in an example, or those of its list."""
    return [str(item) for item in cast("list[Any]", value)] if isinstance(value, list) else [value]


def shows(registration: Registration, values: list[str]) -> bool:
    """Whether a registration holds one of the values in clear."""
    text = json.dumps([registration.inputs, registration.outputs], default=str)
    return any(value in text for value in values)


__all__ = [
    "carries",
    "fits",
    "is_output",
    "is_same",
    "is_taggable",
    "outputs_of",
    "shows",
    "texts",
    "unknown",
]
