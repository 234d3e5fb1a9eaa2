"""Rows that a model may be asked for, made up: usual and odd numbers, known and unknown words."""

import random
from typing import Any

from mlops_iac.runtime.compiled.transformers import Inputs

ROWS = 24
_ODD_WORDS = ("", "no such word", "né")


def sample_columns(inputs: Inputs, *, count: int = ROWS) -> list[list[Any]]:
    """Return `count` rows as columns in the signature's order; always the same ones."""
    draw = random.Random(0)  # noqa: S311 -- no secret; the same rows at each start
    return [[_value(draw, name, inputs) for _ in range(count)] for name in inputs.reader.names]


def usual_columns(inputs: Inputs, *, count: int = 3) -> list[list[Any]]:
    """Return rows that any model of these inputs takes."""
    usual = {"string": "", "boolean": True, "long": 1, "integer": 1}
    return [
        [(inputs.words.get(name) or [usual.get(inputs.reader.types[name], 1.0)])[0]] * count
        for name in inputs.reader.names
    ]


def _value(draw: random.Random, name: str, inputs: Inputs) -> Any:
    kind = inputs.reader.types[name]
    if kind == "string":
        words = [*inputs.words.get(name, []), *_ODD_WORDS]
        return None if draw.random() < 0.05 else draw.choice(words)  # noqa: PLR2004  one in twenty
    if kind == "boolean":
        return draw.random() < 0.5  # noqa: PLR2004  one in two
    if kind in {"long", "integer"}:
        return draw.randrange(-1000, 1000)
    values = [None, 0, draw.randrange(-99, 99), draw.gauss(0, 1), draw.gauss(0, 1) * 10**6]
    return draw.choices(values, weights=[1, 2, 6, 8, 3])[0]
