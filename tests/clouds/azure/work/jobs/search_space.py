"""The values that a sweep tries: Azure ML's search space, drawn by a seed.

A distribution is a pair `[name, arguments]`, as azure-ai-ml sends it and as ARM keeps it:
https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters#define-the-search-space
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.clouds.azure.work.failures import WorkError, unknown

Values = dict[str, Any]
_Draw = Callable[..., Any]


def _rounded(value: float, step: float) -> float:
    return round(value / step) * step


_DRAWS: Mapping[str, _Draw] = {
    "choice": lambda draw, options: draw.choice(options),
    "randint": lambda draw, upper: draw.randrange(int(upper)),
    "uniform": lambda draw, low, high: draw.uniform(low, high),
    "loguniform": lambda draw, low, high: math.exp(draw.uniform(low, high)),
    "quniform": lambda draw, low, high, step: min(
        high, max(low, _rounded(draw.uniform(low, high), step))
    ),
    "qloguniform": lambda draw, low, high, step: _rounded(math.exp(draw.uniform(low, high)), step),
    "normal": lambda draw, middle, width: draw.gauss(middle, width),
    "lognormal": lambda draw, middle, width: math.exp(draw.gauss(middle, width)),
    "qnormal": lambda draw, middle, width, step: _rounded(draw.gauss(middle, width), step),
    "qlognormal": lambda draw, middle, width, step: _rounded(
        math.exp(draw.gauss(middle, width)), step
    ),
}
_BAYESIAN = frozenset({"choice", "uniform", "quniform"})
"""What Bayesian sampling takes, as Azure ML's pages say."""


def settings(space: Mapping[str, Any], algorithm: str, limit: int) -> Iterator[Values]:
    """Yield the values of each trial.

    Args:
        space: by name, `[distribution, arguments]`.
        algorithm: `Random`, `Grid` or `Bayesian`; the last draws at random here.
        limit: how many trials there may be.

    Raises:
        WorkError: for what Azure ML, or the test cloud, does not search.
    """
    rows = {name: _row(name, one) for name, one in space.items()}
    if algorithm == "Grid":
        yield from itertools.islice(_grid(rows), limit)
        return
    if algorithm not in {"Random", "Bayesian"}:
        raise unknown(f"the sampling algorithm `{algorithm}`")
    if algorithm == "Bayesian":
        _require_bayesian(rows)
    draw = random.Random(0)
    for _ in range(limit):
        yield {name: _DRAWS[kind](draw, *told) for name, (kind, told) in rows.items()}


def _row(name: str, told: Any) -> tuple[str, Sequence[Any]]:
    match told:
        case [str(kind), list(arguments)] if kind in _DRAWS:
            return kind, arguments
        case _:
            raise WorkError(f"The search space of '{name}' is no known distribution: {told!r}.")


def _require_bayesian(rows: Mapping[str, tuple[str, Sequence[Any]]]) -> None:
    if strange := sorted(name for name, (kind, _) in rows.items() if kind not in _BAYESIAN):
        raise WorkError(
            "Bayesian sampling supports choice, uniform and quniform distributions only; others "
            f"are used for {strange}."
        )


def _grid(rows: Mapping[str, tuple[str, Sequence[Any]]]) -> Iterator[Values]:
    if strange := sorted(name for name, (kind, _) in rows.items() if kind != "choice"):
        raise WorkError(f"Grid sampling supports choice only; others are used for {strange}.")
    for values in itertools.product(*(told[0] for _, told in rows.values())):
        yield dict(zip(rows, values, strict=True))
