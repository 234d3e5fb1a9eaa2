"""Shapes of Pulumi resources' inputs, read from the official SDKs' argument classes.

The weakest truth, and the only one that knows the inputs' own names: it finds unknown and missing
arguments, wrong nesting and types, and, where the SDK has them, enums and union types.
"""

import inspect
import keyword
import re
import sys
import threading
import typing
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache, partial
from importlib import import_module

import pulumi

# Private, and the one reader of the argument classes' names on the wire.
from pulumi import _types as pulumi_types  # pyright: ignore[reportPrivateUsage]

from tests.contract.walkers.shape import Kind, Member, Shape, anything

_PACKAGES = {
    "aws": "pulumi_aws",
    "aws-native": "pulumi_aws_native",
    "gcp": "pulumi_gcp",
    "azure-native": "pulumi_azure_native",
}
_LOADING = threading.RLock()
"""The SDKs load their modules at first use, which must not happen in two threads at once."""
_SCALARS: Mapping[object, Kind] = {
    bool: Kind.BOOLEAN,
    float: Kind.NUMBER,
    int: Kind.INTEGER,
    str: Kind.STRING,
}
_CONSTANT = re.compile(r"Expected value is '([^']+)'")


class UnknownTokenError(LookupError):
    """No installed SDK has the resource of a type token."""


@cache
def inputs_shape(token: str) -> Shape:
    """Return the shape of the inputs of the resource `token`.

    Raises:
        UnknownTokenError: when the SDK lacks the resource.
    """
    return _object(_arguments(token))


def resource_class(token: str) -> type[pulumi.Resource]:
    """Return the class of the resource `token`.

    Raises:
        UnknownTokenError: when the SDK lacks the resource.
    """
    package, _, rest = token.partition(":")
    module_path, _, name = rest.rpartition(":")
    root = _PACKAGES.get(package)
    if root is None:
        raise UnknownTokenError(f"`{token}`: no SDK is known for `{package}`")
    with _LOADING:
        try:
            module = import_module(f"{root}.{_python_name(module_path.partition('/')[0])}")
        except ModuleNotFoundError as error:
            raise UnknownTokenError(f"`{token}`: `{root}` lacks the module") from error
        resource = getattr(module, name, None)
    if resource is None or _declared(resource, token) is None:
        raise UnknownTokenError(f"`{token}`: `{module.__name__}` lacks the resource")
    return typing.cast("type[pulumi.Resource]", resource)


def _arguments(token: str) -> type:
    resource = resource_class(token)
    name = token.rpartition(":")[2]
    home = sys.modules[resource.__module__]
    # The SDK writes `InitArgs` where a nested type took the name first (`s3.BucketVersioning`).
    arguments = getattr(home, f"{name}InitArgs", None) or getattr(home, f"{name}Args")
    return typing.cast("type", arguments)


def _python_name(module: str) -> str:
    """Return the package of a token's module: `lambda` is a word of the language."""
    return f"{module}_" if keyword.iskeyword(module) else module


def _declared(resource: type, token: str) -> str | None:
    """Return `token` when `resource` registers itself under it."""
    declared: str | None = getattr(resource, "pulumi_type", None)
    return declared if declared == token else None


@cache
def _object(arguments: type) -> Shape:
    source = f"{arguments.__module__.partition('._inputs')[0]}.{arguments.__name__}"
    return Shape(Kind.OBJECT, source, load=partial(_members, arguments, source))


def _members(arguments: type, source: str) -> Mapping[str, Member]:
    required = _required(arguments)
    python_names = {
        wire: name for name, wire in pulumi_types.input_type_py_to_pulumi_names(arguments).items()
    }
    return {
        wire: Member(
            partial(_shape, hint, source, _constant(arguments, python_names[wire])),
            required=python_names[wire] in required,
        )
        for wire, hint in pulumi_types.input_type_types(arguments).items()
    }


def _required(arguments: type) -> frozenset[str]:
    parameters = inspect.signature(arguments.__init__).parameters.values()
    return frozenset(
        p.name
        for p in parameters
        if p.kind is p.KEYWORD_ONLY and p.default is inspect.Parameter.empty
    )


def _constant(arguments: type, name: str) -> str | None:
    """Return the one value that a discriminating argument may have, as its documentation says."""
    found = _CONSTANT.search(inspect.getdoc(getattr(arguments, name, None)) or "")
    return found.group(1) if found else None


def _shape(hint: object, source: str, constant: str | None = None) -> Shape:
    if constant is not None:
        return Shape(Kind.STRING, source, values=frozenset({constant}))
    alternatives = _alternatives(hint)
    if len(alternatives) == 1:
        return _single(alternatives[0], source)
    return _union(alternatives, source)


def _single(hint: object, source: str) -> Shape:
    origin = typing.get_origin(hint)
    if hint in _SCALARS:
        return Shape(_SCALARS[hint], source)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return Shape(Kind.LIST, source, item=partial(_shape, typing.get_args(hint)[0], source))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Shape(Kind.MAP, source, item=partial(_shape, typing.get_args(hint)[1], source))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enumeration(hint, source)
    if isinstance(hint, type) and pulumi_types.is_input_type(hint):
        return _object(hint)
    return anything(source)


def _enumeration(hint: type[Enum], source: str) -> Shape:
    values = frozenset(member.value for member in hint)
    kind = Kind.STRING if all(isinstance(value, str) for value in values) else Kind.NUMBER
    return Shape(kind, source, values=values)


def _union(alternatives: Sequence[object], source: str) -> Shape:
    classes = [a for a in alternatives if isinstance(a, type)]
    enums = [a for a in classes if issubclass(a, Enum)]
    if len(alternatives) == 2 and enums and str in alternatives:
        return _enumeration(enums[0], source)
    objects = [a for a in classes if pulumi_types.is_input_type(a)]
    if len(objects) == len(alternatives):
        return _discriminated(objects, source)
    return anything(source)


def _discriminated(objects: Sequence[type], source: str) -> Shape:
    names = set[str].intersection(
        *(set(pulumi_types.input_type_py_to_pulumi_names(o)) for o in objects)
    )
    for name in sorted(names):
        constants = [_constant(o, name) for o in objects]
        if all(constants):
            wire = pulumi_types.input_type_py_to_pulumi_names(objects[0])[name]
            choices = {
                str(constant): partial(_object, o)
                for constant, o in zip(constants, objects, strict=True)
            }
            return Shape(Kind.OBJECT, source, choices=choices, discriminator=wire)
    return anything(source)


def _alternatives(hint: object) -> list[object]:
    """Return the plain types in an input's annotation: neither outputs nor awaitables nor None."""
    if typing.get_origin(hint) is not typing.Union:
        return [hint]
    found: list[object] = []
    for argument in _plain(typing.get_args(hint)):
        found.extend(a for a in _alternatives(argument) if a not in found)
    return found


def _plain(arguments: Iterable[object]) -> list[object]:
    lifted: frozenset[object] = frozenset({pulumi.Output, Awaitable, type(None)})
    return [a for a in arguments if (typing.get_origin(a) or a) not in lifted]
