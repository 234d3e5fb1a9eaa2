"""Property values between the engine's wire form and plain Python.

On the wire a secret is a struct with a signature, and a value that is not yet known is one of seven
sentinel strings. Neither the handlers nor their tests should see that.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.struct_pb2 import ListValue, Struct, Value

from mlops_iac.errors import MlopsError
from mlops_iac.wire import OUTPUT, RESOURCE, SECRET, SIGNATURE
from mlops_iac.wire import UNKNOWN as UNKNOWN_TEXT

UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
LARGEST_INTEGER: Final = 2**53
"""Beyond it a double, which is all the wire has, loses whole numbers."""


class ValueConversionError(MlopsError):
    """A value cannot cross between the engine and a handler."""

    code = "plugin.value"


class Unknown:
    """A value that the engine will know only after something else was made."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the state encrypts; prints as nothing."""

    value: Any = field(repr=False)


def decode(struct: Struct) -> dict[str, Any]:
    """Return the properties in `struct`, with `Secret` and `UNKNOWN` where they apply.

    Whole numbers become `int`; assets and archives are refused.
    """
    return {key: _decoded(value) for key, value in struct.fields.items()}


def encode(properties: Mapping[str, Any]) -> Struct:
    """Return the wire form of `properties`.

    Raises:
        ValueConversionError: a value is none of JSON's, or a number that would change on the way.
    """
    return Struct(fields={key: _encoded(value, key) for key, value in properties.items()})


def plain(value: Any) -> Any:
    """Return `value` without its secret marks."""
    match value:
        case Secret():
            return plain(value.value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def has_unknown(value: Any) -> bool:
    """Return whether any part of `value` is not known yet."""
    return any(leaf is UNKNOWN for leaf in leaves(value))


def has_secret(value: Any) -> bool:
    """Return whether any part of `value` is secret."""
    match value:
        case Secret():
            return True
        case Mapping():
            return any(map(has_secret, value.values()))
        case list():
            return any(map(has_secret, value))
        case _:
            return False


def secret_texts(value: Any) -> frozenset[str]:
    """Return every text that stands inside a secret part of `value`."""
    match value:
        case Secret():
            found = (leaf for leaf in leaves(value.value) if isinstance(leaf, str) and leaf)
            return frozenset(found)
        case Mapping():
            return frozenset[str]().union(*map(secret_texts, value.values()))
        case list():
            return frozenset[str]().union(*map(secret_texts, value))
        case _:
            return frozenset()


def leaves(value: Any) -> Iterator[Any]:
    """Yield every value that holds no other, secrets included."""
    match value:
        case Secret():
            yield from leaves(value.value)
        case Mapping():
            for item in value.values():
                yield from leaves(item)
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case _:
            yield value


def _decoded(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    return None if kind is None else _DECODERS[kind](value)


def _decoded_number(value: Value) -> int | float:
    number = value.number_value
    whole = math.isfinite(number) and number.is_integer() and abs(number) <= LARGEST_INTEGER
    return int(number) if whole else number


def _decoded_text(value: Value) -> Any:
    return UNKNOWN if value.string_value in UNKNOWN_TEXTS else value.string_value


def _decoded_struct(value: Value) -> Any:
    fields = value.struct_value.fields
    if SIGNATURE not in fields:
        return decode(value.struct_value)
    match fields[SIGNATURE].string_value:
        case signature if signature == SECRET:
            return Secret(_decoded(fields["value"]))
        case signature if signature == OUTPUT:
            inner = _decoded(fields["value"]) if "value" in fields else UNKNOWN
            return Secret(inner) if fields["secret"].bool_value else inner
        case signature if signature == RESOURCE:
            return _decoded(fields["id"] if "id" in fields else fields["urn"])
        case _:
            raise ValueConversionError(
                "assets and archives are not taken by this resource",
                remedy="give the path or the URI as text",
            )


_DECODERS: Mapping[str, Callable[[Value], Any]] = {
    "null_value": lambda _: None,
    "bool_value": lambda value: value.bool_value,
    "number_value": _decoded_number,
    "string_value": _decoded_text,
    "list_value": lambda value: [_decoded(item) for item in value.list_value.values],
    "struct_value": _decoded_struct,
}


def _encoded(value: Any, place: str) -> Value:  # noqa: PLR0911  one row for each type
    match value:
        case None:
            return Value(null_value=0)  # pyright: ignore[reportArgumentType]  the enum's only member
        case Unknown():
            return Value(string_value=UNKNOWN_TEXT)
        case Secret():
            marked = {SIGNATURE: Value(string_value=SECRET), "value": _encoded(value.value, place)}
            return Value(struct_value=Struct(fields=marked))
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=_safe_number(value, place))
        case str():
            return Value(string_value=value)
        case Mapping():
            items = {str(key): _encoded(item, f"{place}.{key}") for key, item in value.items()}
            return Value(struct_value=Struct(fields=items))
        case list() | tuple():
            values = [_encoded(item, f"{place}[{index}]") for index, item in enumerate(value)]
            return Value(list_value=ListValue(values=values))
        case _:
            raise ValueConversionError(
                f"`{place}` is a `{type(value).__name__}`, which the state cannot hold",
                remedy="return text, numbers, booleans, lists and mappings only",
            )


def _safe_number(value: float, place: str) -> float:
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > LARGEST_INTEGER):
        raise ValueConversionError(
            f"`{place}` is a number that the state cannot hold exactly",
            remedy="return it as text",
        )
    return float(value)
