"""What a candidate must achieve before it becomes a version."""

from enum import StrEnum

from pydantic import Field

from mlops_iac.specs.base import Part
from mlops_iac.specs.data_ref import DataRef


class Metric(StrEnum):
    """How good predictions are; scikit-learn's definitions."""

    ROC_AUC = "roc_auc"
    ACCURACY = "accuracy"
    F1 = "f1"
    LOG_LOSS = "log_loss"
    RMSE = "rmse"
    MAE = "mae"
    R2 = "r2"

    @property
    def is_loss(self) -> bool:
        """Whether less is better."""
        return self in {Metric.LOG_LOSS, Metric.RMSE, Metric.MAE}


class Gate(Part):
    """A candidate is judged on labelled data, and beside it the champion on the same rows."""

    metric: Metric
    """What is measured."""
    data: DataRef
    """Labelled rows that no run has trained on."""
    label: str = Field(min_length=1, max_length=256)
    """Column with the truth."""
    threshold: float | None = Field(default=None, allow_inf_nan=False)
    """Worst value that passes: the least, for losses and errors the most; any when left out."""
    margin: float | None = Field(default=0.0, allow_inf_nan=False)
    """How much better than the champion it must be, 0 for as good; `null` to not compare.

    Without a champion only `threshold` is judged.
    """
