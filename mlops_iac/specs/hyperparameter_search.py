"""Finding hyperparameters: many runs of one training job, the best of which counts."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec
from mlops_iac.specs.jobs import RunPolicy, Wait
from mlops_iac.specs.training_job import TrainingJob
from mlops_iac.specs.types import Duration, Ref
from mlops_iac.specs.variants import by_keys


class NumberRange(Part):
    """Numbers between two ends."""

    mode: Literal["number"] = "number"
    min: float
    """Least value."""
    max: float
    """Greatest value."""
    log: bool = False
    """Whether small values are tried as often as large ones, by their logarithm."""

    @model_validator(mode="after")
    def _is_ordered(self) -> "NumberRange":
        _require_range(self.min, self.max, log=self.log)
        return self


class IntegerRange(Part):
    """Whole numbers between two ends, both included."""

    mode: Literal["integer"] = "integer"
    min: int
    """Least value."""
    max: int
    """Greatest value."""
    log: bool = False
    """Whether small values are tried as often as large ones, by their logarithm."""

    @model_validator(mode="after")
    def _is_ordered(self) -> "IntegerRange":
        _require_range(self.min, self.max, log=self.log)
        return self


class Choice(Part):
    """One of some values."""

    mode: Literal["choice"] = "choice"
    choices: tuple[bool | int | float | str, ...] = Field(min_length=1, max_length=30)
    """The values."""


Parameter = Annotated[
    Annotated[NumberRange, Tag("number")]
    | Annotated[IntegerRange, Tag("integer")]
    | Annotated[Choice, Tag("choice")],
    by_keys({"choices": "choice"}, "number"),
]
"""`{min: 0.01, max: 0.3, log: true}`, `{mode: integer, min: 2, max: 8}`, `{choices: [a, b]}`."""


class Goal(StrEnum):
    """Whether more or less of the metric is better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


class Strategy(StrEnum):
    """How the next values are chosen."""

    BAYESIAN = "bayesian"
    """From what was learned so far."""
    RANDOM = "random"
    GRID = "grid"
    """Every combination of `choice` and `integer` parameters, up to `trials`."""


class HyperparameterSearch(Spec):
    """Runs a training job with other hyperparameters; the best run's model is the result."""

    kind: ClassVar[str] = "HyperparameterSearch"

    job: Ref[TrainingJob]
    """What is run; its own hyperparameters are the first trial, and hold where none is searched."""
    parameters: Mapping[str, Parameter] = Field(min_length=1, max_length=30)
    """The hyperparameters that are searched."""
    metric: str = Field(min_length=1, max_length=250)
    """Metric that the script logs, by which trials are compared."""
    goal: Goal = Goal.MAXIMIZE
    """Whether more or less of it is better."""
    strategy: Strategy = Strategy.BAYESIAN
    """How the next values are chosen."""
    trials: int = Field(default=20, ge=1, le=500)
    """Most runs."""
    parallel: int = Field(default=1, ge=1, le=100)
    """Runs at the same time. More than one makes `bayesian` depend on which ends first."""
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    """Start of the random numbers."""
    timeout: Duration = timedelta(hours=6)
    """A search that takes longer ends with what it has found."""
    run: RunPolicy = RunPolicy.ON_CHANGE
    """When a search is started."""
    wait: Wait | None = None
    """What `up` waits for; on `local` the end of the search, on clouds its submission."""

    asks = (
        Ask(Capability.SEARCH_BAYESIAN, "strategy", lambda s: s.strategy is Strategy.BAYESIAN),
        Ask(Capability.SEARCH_RANDOM, "strategy", lambda s: s.strategy is Strategy.RANDOM),
        Ask(Capability.SEARCH_GRID, "strategy", lambda s: s.strategy is Strategy.GRID),
        Ask(Capability.SEARCH_PARALLEL, "parallel", lambda s: s.parallel > 1),
    )

    @model_validator(mode="after")
    def _has_a_grid(self) -> "HyperparameterSearch":
        numbers = [n for n, p in self.parameters.items() if isinstance(p, NumberRange)]
        if self.strategy is Strategy.GRID and numbers:
            raise PydanticCustomError(
                "grid",
                "a grid has no ranges of numbers: {names}",
                {"names": ", ".join(f"`{name}`" for name in numbers)},
            )
        return self


def _require_range(least: float, greatest: float, *, log: bool) -> None:
    if least >= greatest:
        raise PydanticCustomError(
            "order", "`min` is {min} and `max` is {max}", {"min": least, "max": greatest}
        )
    if log and least <= 0:
        raise PydanticCustomError("log", "`log` needs a `min` above 0")
