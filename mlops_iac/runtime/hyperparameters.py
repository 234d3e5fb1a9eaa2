"""Hyperparameters with their types, also where a platform carries strings only."""

import json
import math
from collections.abc import Mapping
from typing import Any

# SageMaker's own script mode puts its settings among the user's.
_RESERVED_PREFIX = "sagemaker_"


def encode_hyperparameters(values: Mapping[str, Any]) -> dict[str, str]:
    """Return `values` as strings that `decode_hyperparameters` turns back into the same.

    A plain word stays itself; a word that looks like JSON, such as `"3"`, is quoted.
    """
    return {name: _encode(value) for name, value in values.items()}


def decode_hyperparameters(values: Mapping[str, str]) -> dict[str, Any]:
    """Return strings as numbers, booleans, lists and so on, where they are JSON."""
    return {
        name: decode_value(value)
        for name, value in values.items()
        if not name.startswith(_RESERVED_PREFIX)
    }


def decode_value(text: str) -> Any:
    """Return the JSON value of `text`, or `text` itself when it is no finite JSON."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value


def _encode(value: Any) -> str:
    if isinstance(value, str) and decode_value(value) == value:
        return value
    return json.dumps(value, allow_nan=False)


def _refuse(name: str) -> Any:
    raise ValueError(name)
