"""What Vertex AI takes: the fields of its requests, from `schemas.json`.

`tools/gcp_schemas.py` writes the file from the discovery documents.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from mlops_iac.custom import InputFailure

Shape = Mapping[str, Any]
_NAMES: Mapping[str, str] = {
    "array": "a list",
    "boolean": "true or false",
    "int64": "a whole number",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


@cache
def schema(api: str, name: str) -> Mapping[str, Shape]:
    """Return the fields of a schema by their name, such as `CustomJob` of `aiplatform.v1`."""
    text = files("mlops_iac_gcp.resources").joinpath("schemas.json").read_text()
    return json.loads(text)[api][name]


def writable(api: str, name: str) -> frozenset[str]:
    """Return the fields that a caller may set."""
    return frozenset(key for key, shape in schema(api, name).items() if not shape.get("output"))


def immutable(api: str, name: str) -> frozenset[str]:
    """Return the fields that the document itself calls immutable."""
    return frozenset(key for key, shape in schema(api, name).items() if shape.get("immutable"))


def failures(api: str, name: str, inputs: Mapping[str, Any]) -> Iterator[InputFailure]:
    """Yield what the API would refuse of a resource's declared fields.

    Whether a required field is missing is asked below the top only: there, unknown values are left
    out of what is checked.
    """
    for key in sorted(inputs.keys() & writable(api, name)):
        yield from _judged(api, schema(api, name)[key], inputs[key], key)


def spelled(api: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return declared fields as JSON has them: 64-bit numbers are text."""
    fields = schema(api, name)
    return {
        key: _spelled(api, fields[key], value) if key in fields else value
        for key, value in inputs.items()
    }


def _spelled(api: str, shape: Shape, value: Any) -> Any:
    match value:
        case Mapping() if "ref" in shape:
            return spelled(api, shape["ref"], value)
        case Mapping() if "values" in shape:
            return {key: _spelled(api, shape["values"], item) for key, item in value.items()}
        case list() | tuple() if "items" in shape:
            return [_spelled(api, shape["items"], item) for item in value]
        case int() | float() if shape.get("type") == "int64":
            return str(int(value))
        case _:
            return value


def _judged(api: str, shape: Shape, value: Any, where: str) -> Iterator[InputFailure]:
    if value is None:
        return
    if "ref" in shape:
        yield from _record(api, shape["ref"], value, where)
    elif not _TYPES.get(shape["type"], _anything)(value):
        yield _failure(where, f"is `{value!r}`, not {_NAMES[shape['type']]}")
    elif "enum" in shape and value not in shape["enum"]:
        yield _failure(where, f"is `{value}`, not one of {_listed(shape['enum'])}")
    elif "items" in shape:
        for index, item in enumerate(value):
            yield from _judged(api, shape["items"], item, f"{where}[{index}]")
    elif "values" in shape:
        for key, item in value.items():
            yield from _judged(api, shape["values"], item, f"{where}.{key}")


def _record(api: str, name: str, value: Any, where: str) -> Iterator[InputFailure]:
    if not isinstance(value, Mapping):
        yield _failure(where, f"is `{value!r}`, not a mapping with the fields of `{name}`")
        return
    fields = schema(api, name)
    for key in value:
        if key not in fields:
            yield _failure(where, f"has no field `{key}`{_meant(key, fields)}")
        elif fields[key].get("output"):
            yield _failure(f"{where}.{key}", "is written by Vertex AI alone: leave it out")
        else:
            yield from _judged(api, fields[key], value[key], f"{where}.{key}")
    for key in fields:
        if fields[key].get("required") and key not in value:
            yield _failure(where, f"lacks `{key}`, which `{name}` requires")


def _failure(where: str, reason: str) -> InputFailure:
    return InputFailure(property=where, reason=f"`{where}` {reason}")


def _meant(key: str, fields: Mapping[str, Any]) -> str:
    camel = "".join(part[:1].upper() + part[1:] for part in key.split("_"))
    near = get_close_matches(camel[:1].lower() + camel[1:], fields, 1)
    return f"; did you mean `{near[0]}`?" if near else f"; it has {_listed(sorted(fields))}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if not name.endswith("_UNSPECIFIED"))


def _anything(value: Any) -> bool:  # noqa: ARG001  any value is one
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and float(value).is_integer()


def _is_int64(value: Any) -> bool:
    return _is_integer(value) or (isinstance(value, str) and value.lstrip("-").isdigit())


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list | tuple),
    "boolean": lambda value: isinstance(value, bool),
    "int64": _is_int64,
    "integer": _is_integer,
    "number": _is_number,
    "object": lambda value: isinstance(value, Mapping),
    "string": lambda value: isinstance(value, str),
}
