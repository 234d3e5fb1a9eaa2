"""The small types that specs are made of: `Ref`, `Input`, `Secret`, `Duration`."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

import pydantic
from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

K = TypeVar("K")
T = TypeVar("T")

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,62}$"
"""What a component may be called; every target's names are derived from it."""


class Ref(str, Generic[K]):
    """The name of another component of kind `K` in the same stack; `K` may be a `Literal` of kinds.

    Takes the name or the declared component itself. Whether it exists, and is of that kind, is
    judged by planning, so that all wrong references are reported at once.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        kinds = " or ".join(kind_names(get_args(source)[0]))
        return core_schema.no_info_plain_validator_function(
            _ref_parser(cls),
            metadata={"ref": kinds},
            serialization=core_schema.to_string_ser_schema(),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        kind = cast("Mapping[str, Any]", schema.get("metadata") or {}).get("ref", "component")
        return {"type": "string", "pattern": NAME_PATTERN, "description": f"Name of a {kind}."}


def kind_names(kind: Any) -> tuple[str, ...]:
    """Return the kinds that a `Ref` may name: of a spec, or of a `Literal` of kinds."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return (cast("str", getattr(kind, "__name__", kind)),)


def _ref_parser(cls: type[Ref[Any]]) -> Any:
    def parse(value: Any) -> Ref[Any]:
        name = getattr(value, "name", value)
        if not isinstance(name, str) or not re.fullmatch(NAME_PATTERN, name):
            raise PydanticCustomError("ref", "names another component, such as `departures`")
        return cls(name)

    return parse


def is_output(value: Any) -> bool:
    """Whether `value` is a `pulumi.Output`, without importing Pulumi for the question."""
    return any(
        base.__name__ == "Output" and base.__module__.startswith("pulumi")
        for base in type(value).__mro__
    )


def wired(value: Any) -> Any:
    """Return the JSON form of an `Input`: an Output's value is never looked at."""
    if not is_output(value):
        return value
    return {"$secret": True} if type(value).__name__ == "SecretOutput" else {"$unknown": True}


if TYPE_CHECKING:
    import pulumi

    Input = T | pulumi.Output[T]
    """A value, or a `pulumi.Output` of one, that is only wired through and never decides."""
else:

    class Input:
        """A value, or a `pulumi.Output` of one, that is only wired through and never decides."""

        def __class_getitem__(cls, item: Any) -> Any:
            return Annotated[item, _WiredValue()]


class _WiredValue:
    """Lets a `pulumi.Output` pass where the annotated type is expected."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        inner = handler(source)
        output = core_schema.is_instance_schema(cls=object)
        return core_schema.tagged_union_schema(
            choices={"value": inner, "output": output},
            discriminator=lambda value: "output" if is_output(value) else "value",
            serialization=core_schema.plain_serializer_function_ser_schema(wired),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> Any:
        choices = cast("Mapping[str, Any]", cast("Any", schema)["choices"])
        return handler(choices["value"])


class Secret(pydantic.Secret[T], Generic[T]):
    """A value that never prints: not in `repr`, not in JSON, not in a traceback."""

    def _display(self) -> str:
        return "**********"


class SecretRef(pydantic.BaseModel):
    """A secret by its name in the target's own store; its value never enters the declaration."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    secret: str = pydantic.Field(min_length=1, max_length=256, pattern=r"^[A-Za-z0-9/_+=.@-]+$")
    """Name in the target's secret store."""


_UNITS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _parse_duration(value: Any) -> Any:
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,9})([smhd])", value)):
        return timedelta(seconds=int(match[1]) * _UNITS[match[2]])
    if isinstance(value, timedelta):
        return value
    raise PydanticCustomError("duration", "is a whole number with a unit: `90s`, `15m`, `2h`, `1d`")


def duration_text(value: timedelta) -> str:
    """Return the shortest text that `Duration` reads back: `2h`, `90s`."""
    seconds = int(value.total_seconds())
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


Duration = Annotated[
    timedelta,
    BeforeValidator(_parse_duration, json_schema_input_type=str),
    PlainSerializer(duration_text, return_type=str),
]
"""A length of time: `90s`, `15m`, `2h`, `1d`."""
