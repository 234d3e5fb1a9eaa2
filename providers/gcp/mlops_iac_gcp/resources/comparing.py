"""Whether the world is as it was declared: Vertex AI spells what it keeps in its own way."""

import re
from collections.abc import Mapping
from typing import Any

_PROJECT = re.compile(r"^projects/[^/]+/")
"""Vertex AI answers with the project's number where its id was given."""


def seen(world: Any, declared: Any) -> Any:
    """Return `declared` where the world is as declared, what the world has where it is not.

    Only what was declared is looked at: the rest are defaults, which are Vertex AI's to choose.
    """
    match world, declared:
        case Mapping(), Mapping():
            return {key: seen(world.get(key), item) for key, item in declared.items()}
        case (list() | tuple(), list() | tuple()) if len(world) == len(declared):
            return [seen(one, item) for one, item in zip(world, declared, strict=True)]
        case _:
            return declared if _is_same(world, declared) else world


def _is_same(world: Any, declared: Any) -> bool:
    if _is_empty(world) and _is_empty(declared):
        return True
    if isinstance(world, str) or isinstance(declared, str):
        return _is_same_text(_plain(world), _plain(declared))
    return world == declared


def _is_same_text(world: str, declared: str) -> bool:
    if world == declared or not (_is_model(world) and _is_model(declared)):
        return world == declared
    ours, theirs = declared.partition("@"), world.partition("@")
    # A number says which version; an alias, or nothing, leaves that open.
    is_certain = ours[2].isdigit() and theirs[2].isdigit()
    return ours[0] == theirs[0] and not is_certain


def _is_model(text: str) -> bool:
    return text.startswith("projects/-/") and "/models/" in text


def _is_empty(value: Any) -> bool:
    # JSON leaves out what has protobuf's default.
    return value in (None, "", 0, False) or (isinstance(value, Mapping | list) and not value)


def _plain(value: Any) -> str:
    # 64-bit numbers travel as text.
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return _PROJECT.sub("projects/-/", text)
