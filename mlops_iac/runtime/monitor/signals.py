"""What a signal found: the same form for all, as the report has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATA_QUALITY, DATA_DRIFT, PREDICTION_DRIFT, MODEL_QUALITY = (
    "data_quality", "data_drift", "prediction_drift", "model_quality",
)  # fmt: skip
"""The words of `mlops_iac.specs.model_monitor`, which does not travel into containers."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One signal of one check."""

    alarm: bool | None
    """`None` when there is no verdict; the reason says why."""
    value: float | None
    threshold: float | None
    """From which `value` is an alarm; of a metric the worst value without one."""
    reason: str
    """The verdict in words."""
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """By column: `alarm`, `value`, `kind`, and what led to it."""
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Facts of this signal only."""

    def document(self) -> dict[str, Any]:
        """Return the finding as the report has it."""
        return {
            "alarm": self.alarm,
            "value": self.value,
            "threshold": self.threshold,
            "reason": self.reason,
            "columns": {name: dict(column) for name, column in self.columns.items()},
            **self.more,
        }


def no_verdict(reason: str, threshold: float | None = None, **more: Any) -> Finding:
    """Return the finding of a signal that cannot judge."""
    return Finding(alarm=None, value=None, threshold=threshold, reason=reason, more=more)
