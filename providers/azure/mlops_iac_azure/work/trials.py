"""A trial of a search: its values, and what it tells of them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_azure.work.launch import Launch


def with_values(launch: Launch, file: Path | None) -> None:
    """Put a trial's values into the file with the script's parameters."""
    if not launch.is_trial or file is None:
        return
    own = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**own, **parameters(launch)}), encoding="utf-8")


def told(launch: Launch, metrics: Mapping[str, float]) -> dict[str, Any]:
    """Return what a trial tells beside its metrics; nothing of a step that is none."""
    if not launch.is_trial:
        return {}
    value = metrics.get(launch.document["search"]["metric"])
    return {"parameters": parameters(launch), "value": value}


def parameters(launch: Launch) -> dict[str, Any]:
    """Return the values that a trial was given, with their types."""
    meanings = launch.document["search"]["parameters"]
    return {name: decoded(word, meanings[name]) for name, word in launch.values.items()}


def decoded(word: str, meaning: Mapping[str, Any]) -> Any:
    """Return the value that a word of a trial's command stands for.

    Raises:
        OperationError: the search has no such word.
    """
    if "words" in meaning:
        if word not in meaning["words"]:
            raise OperationError(f"`{word}` is no value of this search", remedy="run it again")
        return meaning["words"][word]
    number = float(word)
    value = math.exp(number) if meaning.get("log") else number
    return round(value) if meaning.get("integer") else value
