"""Whether a cloud tells what was wished for."""

import json
from collections.abc import Mapping
from typing import Any


def same(wish: Any, found: Any) -> bool:
    """Whether `found` is what was wished for, whatever else the cloud tells with it.

    Lists are compared in any order; a text of JSON with what it means.
    """
    wish, found = _meant(wish, found)
    if isinstance(wish, Mapping) and isinstance(found, Mapping):
        return all(same(item, found.get(key)) for key, item in wish.items() if item is not None)
    if isinstance(wish, list) and isinstance(found, list):
        return _same_lists(wish, list(found))
    return wish == found or str(wish) == str(found)


def _same_lists(wish: list[Any], found: list[Any]) -> bool:
    if len(wish) != len(found):
        return False
    for item in wish:
        match = next((each for each in found if same(item, each)), None)
        if match is None:
            return False
        found.remove(match)
    return True


def _meant(*values: Any) -> tuple[Any, ...]:
    return tuple(_parsed(value) for value in values)


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
