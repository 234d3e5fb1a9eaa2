"""Watching an endpoint: is what comes in, and what goes out, still what was learned?"""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.gate import Metric
from mlops_iac.specs.model_endpoint import ModelEndpoint
from mlops_iac.specs.schedule import Cron, Every, Schedule
from mlops_iac.specs.types import Duration, Ref


class Signal(StrEnum):
    """What is compared."""

    DATA_QUALITY = "data_quality"
    """Missing values, values outside of the learned range, unseen categories, wrong types."""
    DATA_DRIFT = "data_drift"
    """The distribution of each input."""
    PREDICTION_DRIFT = "prediction_drift"
    """The distribution of the predictions."""
    MODEL_QUALITY = "model_quality"
    """Predictions against the truth, which may come late."""


class QualityLimits(Part):
    """When the inputs are bad."""

    missing: float = Field(default=0.05, ge=0, le=1)
    """Share of missing values of a column that is more than the baseline's by so much."""
    invalid: float = Field(default=0.05, ge=0, le=1)
    """Share of values of a column outside of the baseline's range or categories."""


class DriftLimits(Part):
    """When inputs or predictions have drifted."""

    columns: float = Field(default=0.5, gt=0, le=1)
    """Share of the columns that must have drifted for an alarm."""
    distance: float = Field(default=0.1, gt=0)
    """Distance from which a column counts as drifted: Wasserstein distance in units of the
    baseline's standard deviation for numbers, Jensen-Shannon distance for categories."""


class Performance(Part):
    """When predictions are bad."""

    metric: Metric
    """What is measured."""
    threshold: float
    """Worst value without an alarm: the least, for losses and errors the most."""


class ModelMonitor(Spec):
    """Checks captured traffic on a schedule against a baseline; an alarm is an event."""

    kind: ClassVar[str] = "ModelMonitor"

    endpoint: Ref[ModelEndpoint]
    """The endpoint; it must capture its traffic."""
    signals: tuple[Signal, ...] = Field(min_length=1, max_length=4)
    """What is compared."""
    baseline: DataRef | None = None
    """Rows to compare with; what the served version was trained on when left out."""
    schedule: Schedule = Every(every=timedelta(hours=1))
    """When it checks; each check takes the rows since the one before."""
    min_rows: int = Field(default=200, ge=2)
    """Fewer new rows are left for the next check."""
    max_rows: int = Field(default=10_000, ge=100)
    """Most rows of each side that are compared: the newest, and a sample of the baseline."""
    quality: QualityLimits = QualityLimits()
    """Limits of the signal `data_quality`."""
    drift: DriftLimits = DriftLimits()
    """Limits of the signals `data_drift` and `prediction_drift`."""
    performance: Performance | None = None
    """Limit of the signal `model_quality`, which needs it."""
    compute: Compute = Compute()
    """What the machine that checks must offer."""
    timeout: Duration = timedelta(minutes=30)
    """A check that takes longer is stopped and failed."""

    asks = (
        *(
            Ask(capability, "signals", lambda s, signal=signal: signal in s.signals)
            for signal, capability in {
                Signal.DATA_QUALITY: Capability.MONITOR_DATA_QUALITY,
                Signal.DATA_DRIFT: Capability.MONITOR_DATA_DRIFT,
                Signal.PREDICTION_DRIFT: Capability.MONITOR_PREDICTION_DRIFT,
                Signal.MODEL_QUALITY: Capability.MONITOR_MODEL_QUALITY,
            }.items()
        ),
        Ask(
            Capability.PROCESSING_ACCELERATOR,
            "compute.accelerator",
            lambda s: s.compute.accelerator is not None,
        ),
        Ask(Capability.SCHEDULE_CRON, "schedule", lambda s: isinstance(s.schedule, Cron)),
        Ask(Capability.SCHEDULE_EVERY, "schedule", lambda s: isinstance(s.schedule, Every)),
    )

    @model_validator(mode="after")
    def _has_a_limit(self) -> "ModelMonitor":
        if (Signal.MODEL_QUALITY in self.signals) != (self.performance is not None):
            raise PydanticCustomError(
                "performance", "the signal `model_quality` and `performance` need each other"
            )
        return self
