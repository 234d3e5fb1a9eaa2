"""`docs/reference/kinds.md`: every field of every kind, from the specs."""

import inspect
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from mlops_iac.specs import KINDS, Part, Ref, SecretRef, duration_text

_WORD = re.compile(r'^    [A-Z0-9_]+ = "([^"]+)"(?:\n    """([^"]+)""")?', re.MULTILINE)

HEAD = """\
# Kinds

Generated from the specs by `python -m tools.generate_docs`.

Keys that are not listed are refused, with the nearest one that is. A field marked **required** has
no default. `mlops-iac schema` prints the same as a JSON Schema for editors.
"""


def page() -> str:
    """Return the page: a table per kind, then one per part, then the words of each enumeration."""
    parts = list(_parts())
    words = list(_enums([*KINDS.values(), *parts]))
    sections = [HEAD]
    sections += [_section(kind.kind, kind) for kind in KINDS.values()]
    sections += ["# Parts\n", *(_section(part.__name__, part) for part in parts)]
    sections += ["# Words\n", *(_words(enum) for enum in words)]
    return "\n".join(sections)


def _section(title: str, part: type[Any]) -> str:
    lines = [f"## {title}", "", _first_line(part), ""]
    lines += ["| field | type | default | |", "|---|---|---|---|"]
    for name, field in part.model_fields.items():
        text = " ".join((field.description or "").split())
        lines.append(f"| `{name}` | {_type(field.annotation)} | {_default(field)} | {text} |")
    return "\n".join([*lines, ""])


def _words(enum: type[StrEnum]) -> str:
    described = re.findall(
        r'^    [A-Z0-9_]+ = "([^"]+)"(?:\n    """([^"]+)""")?',
        inspect.getsource(enum),
        re.MULTILINE,
    )
    lines = [f"## {enum.__name__}", "", _first_line(enum), ""]
    lines += [f"* `{word}`{f': {text}' if text else ''}" for word, text in described]
    return "\n".join([*lines, ""])


def _first_line(part: type[Any]) -> str:
    return (inspect.getdoc(part) or "").partition("\n")[0]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is PydanticUndefined:
        return "**required**"
    if isinstance(value, Part):
        return f"`{type(value).__name__}`"
    if value in (None, "", (), {}):
        return "none"
    if hasattr(value, "total_seconds"):
        return f"`{duration_text(value)}`"
    return f"`{json.dumps(value)}`"


def _type(annotation: Any) -> str:
    return f"`{_name(annotation)}`".replace("|", "\\|")


def _name(annotation: Any) -> str:
    """Return a type as a user reads it: no `Annotated`, no `None`, durations as such."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _name(arguments[0])
    if origin in {Union, UnionType}:
        return " | ".join(_name(each) for each in arguments if each is not NoneType)
    if origin is Literal:
        return " | ".join(json.dumps(each) for each in arguments)
    if origin is not None:
        inside = ", ".join("…" if each is Ellipsis else _name(each) for each in arguments)
        return f"{_GENERIC.get(origin.__name__, origin.__name__)}[{inside}]"
    name = getattr(annotation, "__forward_arg__", None) or annotation.__name__
    return _PLAIN.get(name, name)


_GENERIC = {"Mapping": "map", "tuple": "list"}
_PLAIN = {"str": "text", "bool": "true/false", "int": "integer", "float": "number",
          "timedelta": "duration"}  # fmt: skip


def _parts() -> Iterator[type[Any]]:
    seen: dict[type[Any], None] = {}
    waiting: list[type[Any]] = list(KINDS.values())
    while waiting:
        for field in waiting.pop(0).model_fields.values():
            for found in _classes(field.annotation):
                is_part = issubclass(found, Part | SecretRef) and found not in KINDS.values()
                if is_part and found not in seen:
                    seen[found] = None
                    waiting.append(found)
    yield from seen


def _enums(parts: list[type[Any]]) -> Iterator[type[StrEnum]]:
    found = {
        enum: None
        for part in parts
        for field in part.model_fields.values()
        for enum in _classes(field.annotation)
        if issubclass(enum, StrEnum)
    }
    yield from found


def _classes(annotation: Any) -> Iterator[type[Any]]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    if get_origin(annotation) is Ref:
        return  # names another kind, and holds none
    for argument in get_args(annotation):
        yield from _classes(argument)
