"""Property values between the engine's wire form and plain Python, for the stand-ins.

An unknown value is `{"$unknown": True}`, which the contract's walkers take as such. Assets stay in
their wire form; the engine keeps secrets from providers that do not ask for them.
"""

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct

from mlops_iac.plugin.values import UNKNOWN_TEXTS
from mlops_iac.wire import UNKNOWN as UNKNOWN_TEXT

Values = dict[str, Any]

UNKNOWN: Final[Mapping[str, bool]] = {"$unknown": True}


def received(struct: Struct) -> Values:
    """Return the properties in `struct`."""
    return {key: _plain(value) for key, value in MessageToDict(struct).items()}


def sent(properties: Mapping[str, Any]) -> Struct:
    """Return the wire form of `properties`; what JSON cannot hold goes as text."""
    return ParseDict({key: _wired(value) for key, value in properties.items()}, Struct())


def is_unknown(value: Any) -> bool:
    """Whether any part of `value` is not known yet."""
    if isinstance(value, Mapping):
        return value == UNKNOWN or any(map(is_unknown, value.values()))
    return isinstance(value, list) and any(map(is_unknown, value))


def _plain(value: Any) -> Any:
    match value:
        case str():
            return dict(UNKNOWN) if value in UNKNOWN_TEXTS else value
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case float():
            return int(value) if value.is_integer() else value
        case _:
            return value


def _wired(value: Any) -> Any:
    match value:
        case dict():
            if value == UNKNOWN:
                return UNKNOWN_TEXT
            return {key: _wired(item) for key, item in value.items()}
        case list() | tuple():
            return [_wired(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)
