"""What is tried next: Optuna's samplers, and a plain grid."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, Protocol

Values = Mapping[str, Any]

_STARTUP = 10
"""Most trials by chance before what was learned counts."""


class Space(Protocol):
    """Values to try."""

    def ask(self) -> Values | None:
        """Return the values of the next trial; `None` when there are none left."""
        ...

    def tell(self, number: int, value: float | None) -> None:
        """Say what trial `number` found; `None` when it failed. In the order of the numbers."""
        ...


def space_of(task: Mapping[str, Any], base: Values) -> Space:
    """Return the space that a task describes.

    Args:
        task: `parameters`, `strategy`, `goal`, `trials` and `seed` of the declaration.
        base: the job's own values, tried first where they lie in the space.
    """
    parameters: Mapping[str, Mapping[str, Any]] = task["parameters"]
    first = {
        name: base[name]
        for name, parameter in parameters.items()
        if name in base and _holds(parameter, base[name])
    }
    return _SPACES[task["strategy"]](task, first)


class GridSpace:
    """Every combination, in the order of the declaration; the job's own first."""

    def __init__(self, task: Mapping[str, Any], first: Values) -> None:
        parameters = task["parameters"]
        axes = [_points(parameter) for parameter in parameters.values()]
        found = [dict(zip(parameters, point, strict=True)) for point in product(*axes)]
        # Stable: what is not the job's own stays in its order.
        self._waiting = sorted(found, key=lambda values: values != first)

    def ask(self) -> Values | None:
        """Return the next combination."""
        return self._waiting.pop(0) if self._waiting else None

    def tell(self, number: int, value: float | None) -> None:
        """Learn nothing: a grid is walked whatever is found."""


class SampledSpace:
    """Values drawn by an Optuna sampler with the declared seed."""

    def __init__(self, task: Mapping[str, Any], first: Values) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(direction=task["goal"], sampler=_sampler(task))
        self._space = {name: _distribution(p) for name, p in task["parameters"].items()}
        if first:
            self._study.enqueue_trial(dict(first))

    def ask(self) -> Values | None:
        """Return the next draw."""
        return dict(self._study.ask(self._space).params)

    def tell(self, number: int, value: float | None) -> None:
        """Let the sampler learn."""
        from optuna.trial import TrialState

        state = TrialState.FAIL if value is None else TrialState.COMPLETE
        self._study.tell(number, value, state)


_SPACES: Mapping[str, Callable[[Mapping[str, Any], Values], Space]] = {
    "bayesian": SampledSpace,
    "random": SampledSpace,
    "grid": GridSpace,
}


def _sampler(task: Mapping[str, Any]) -> Any:
    from optuna.samplers import RandomSampler, TPESampler

    if task["strategy"] == "random":
        return RandomSampler(seed=task["seed"])
    # A third by chance: else a search of ten trials would learn from none of them.
    startup = max(3, min(_STARTUP, task["trials"] // 3))
    return TPESampler(seed=task["seed"], n_startup_trials=startup)


def _distribution(parameter: Mapping[str, Any]) -> Any:
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    if parameter["mode"] == "choice":
        return CategoricalDistribution(parameter["choices"])
    kind = IntDistribution if parameter["mode"] == "integer" else FloatDistribution
    return kind(parameter["min"], parameter["max"], log=parameter["log"])


def _points(parameter: Mapping[str, Any]) -> Sequence[Any]:
    if parameter["mode"] == "choice":
        return parameter["choices"]
    return range(parameter["min"], parameter["max"] + 1)


def _holds(parameter: Mapping[str, Any], value: Any) -> bool:
    if parameter["mode"] == "choice":
        return any(same(value, choice) for choice in parameter["choices"])
    kinds = (int,) if parameter["mode"] == "integer" else (int, float)
    is_number = isinstance(value, kinds) and not isinstance(value, bool)
    return is_number and parameter["min"] <= value <= parameter["max"]


def same(one: Any, other: Any) -> bool:
    """Whether two values of a hyperparameter are one; `1` and `1.0` are, `1` and `true` are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
