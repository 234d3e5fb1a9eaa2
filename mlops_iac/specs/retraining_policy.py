"""From an alarm to a better model, or to a reason why not."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Spec
from mlops_iac.specs.model_monitor import ModelMonitor, Signal
from mlops_iac.specs.pipeline import Pipeline
from mlops_iac.specs.types import Duration, Ref


class Promotion(StrEnum):
    """Who promotes a version that passed the pipeline's gates."""

    AUTOMATIC = "automatic"
    """The policy: it approves in the declaration's name, which is recorded, and promotes."""
    MANUAL = "manual"
    """A person approves, by `mlops-iac approve`; then the policy promotes."""


class RetrainingPolicy(Spec):
    """Runs a pipeline when a monitor alarms; promotes what passes, rolls back what fails."""

    kind: ClassVar[str] = "RetrainingPolicy"

    monitor: Ref[ModelMonitor]
    """Whose alarms start it; its endpoint is the one that is promoted to."""
    pipeline: Ref[Pipeline]
    """What is run; its gates decide."""
    on: tuple[Signal, ...] = Field(default=(), max_length=4)
    """Signals whose alarms count; all of the monitor's when left out."""
    confirm: int = Field(default=1, ge=1, le=100)
    """Checks with an alarm in a row before a run is started."""
    cooldown: Duration = timedelta(days=1)
    """Least time between the starts of two runs."""
    max_runs: int = Field(default=4, ge=1, le=1000)
    """Most runs within `period`."""
    budget: Duration | None = None
    """Most machine time of the runs within `period`; any when left out."""
    period: Duration = timedelta(days=30)
    """What `max_runs` and `budget` are counted in."""
    promotion: Promotion = Promotion.MANUAL
    """Who promotes a version that passed."""
    watch: Duration = timedelta(minutes=10)
    """How long after a promotion an endpoint that dies is rolled back."""

    asks = (
        Ask(Capability.RETRAINING, "pipeline", lambda _: True),
        Ask(
            Capability.RETRAINING_AUTOMATIC,
            "promotion",
            lambda s: s.promotion is Promotion.AUTOMATIC,
        ),
        Ask(Capability.RETRAINING_BUDGET, "budget", lambda s: s.budget is not None),
    )
