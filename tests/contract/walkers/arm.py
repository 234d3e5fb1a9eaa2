"""Shapes of Azure ML resources (API 2025-12-01), read from `azure-ai-ml`'s own REST models.

The models do not check themselves: `rest_field` gives a member's name and visibility, the class
its type, the first overload of `__init__` what is required, `__mapping__` the discriminator.
"""

import inspect
import sys
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType, UnionType
from typing import Any

from tests.contract.walkers.shape import Kind, Member, Shape, anything

_PACKAGE = "azure.ai.ml"
_MODELS = f"{_PACKAGE}._restclient.arm_ml_service.models"
_SCALARS: Mapping[object, Kind] = {
    bool: Kind.BOOLEAN,
    float: Kind.NUMBER,
    int: Kind.INTEGER,
    str: Kind.STRING,
}


class UnknownModelError(LookupError):
    """The REST models have no class of the name."""


@cache
def model_shape(name: str) -> Shape:
    """Return the shape of a model's body, as `OnlineDeployment`.

    Raises:
        UnknownModelError: when there is no such model.
    """
    found = getattr(_models(), name, None)
    if not _is_model(found):
        raise UnknownModelError(f"`{_MODELS}` has no model `{name}`")
    return _object(found)


@cache
def _models() -> ModuleType:
    """Import the models without the package around them, whose import costs ten times as much."""
    if _PACKAGE in sys.modules:
        return import_module(_MODELS)
    spec = find_spec(_PACKAGE)
    assert spec is not None
    bare = ModuleType(_PACKAGE)
    bare.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[_PACKAGE] = bare
    try:
        return import_module(_MODELS)
    finally:
        # Whoever wants the package itself still imports it as a whole.
        del sys.modules[_PACKAGE]


def _is_model(candidate: object) -> bool:
    return isinstance(candidate, type) and hasattr(candidate, "_is_model")


@cache
def _object(model: Any) -> Shape:
    source = f"azure-ai-ml 2025-12-01 {model.__name__}"
    mapping = _choices(model)
    if not mapping:
        return Shape(Kind.OBJECT, source, load=partial(_members, model, source))
    return Shape(
        Kind.OBJECT,
        source,
        choices={value: partial(_object, child) for value, child in mapping.items()},
        discriminator=_discriminator(model),
    )


def _choices(model: Any) -> Mapping[str, Any]:
    """Return the concrete models by discriminator, empty for a concrete one."""
    own: Mapping[str, Any] = vars(model).get("__mapping__") or {}
    return {str(getattr(k, "value", k)): v for k, v in own.items()}


def _discriminator(model: Any) -> str:
    fields = _fields(model).values()
    names = [field._rest_name for field in fields if field._is_discriminator]
    return names[0]


@cache
def _fields(model: Any) -> Mapping[str, Any]:
    model.__new__(model)  # the generated base fills `_attr_to_rest_field` on first use
    return model._attr_to_rest_field


def _members(model: Any, source: str) -> Mapping[str, Member]:
    hints = _hints(model)
    required = _required(model)
    return {
        field._rest_name: Member(
            partial(_shape, hints.get(name, Any), source),
            required=name in required or bool(field._is_discriminator),
            read_only=list(field._visibility or ()) == ["read"],
        )
        for name, field in _fields(model).items()
    }


def _hints(model: Any) -> Mapping[str, object]:
    found: dict[str, object] = {}
    names = {**vars(typing), **vars(_models()), "_models": _models()}
    for owner in reversed(model.__mro__):
        if _is_model(owner):
            own = inspect.get_annotations(owner)
            holder = type("_Holder", (), {"__annotations__": dict(own)})
            found |= typing.get_type_hints(holder, globalns=names)
    return found


def _required(model: Any) -> frozenset[str]:
    """Return the arguments without a default in the first overload of the constructor."""
    overloads = typing.get_overloads(model.__init__)
    if not overloads:
        return frozenset()
    first = overloads[0]
    defaults = first.__kwdefaults__ or {}
    code = first.__code__
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return frozenset(keywords) - defaults.keys()


def _shape(hint: object, source: str) -> Shape:
    alternatives = _alternatives(hint)
    if len(alternatives) == 1:
        return _single(alternatives[0], source)
    enums = [a for a in alternatives if isinstance(a, type) and issubclass(a, Enum)]
    if len(enums) == 1 and len(alternatives) == 2 and str in alternatives:
        return _enumeration(enums[0], source)
    return anything(source)


def _single(hint: object, source: str) -> Shape:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if hint in _SCALARS:
        return Shape(_SCALARS[hint], source)
    if origin is typing.Literal:
        values = frozenset(getattr(a, "value", a) for a in arguments)
        return Shape(Kind.STRING, source, values=values)
    if origin is list:
        return Shape(Kind.LIST, source, item=partial(_shape, arguments[0], source))
    if origin is dict:
        return Shape(Kind.MAP, source, item=partial(_shape, arguments[1], source))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enumeration(hint, source)
    return _object(hint) if _is_model(hint) else anything(source)


def _enumeration(hint: type[Enum], source: str) -> Shape:
    return Shape(Kind.STRING, source, values=frozenset(member.value for member in hint))


def _alternatives(hint: object) -> Sequence[object]:
    if typing.get_origin(hint) not in {typing.Union, UnionType}:
        return [hint]
    return [a for a in typing.get_args(hint) if a is not type(None)]
