"""How good predictions are: the metrics of gates and monitors, by scikit-learn's definitions."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.errors import DataError

_MATRIX_AXES = 2
_MIDDLE = 0.5


@dataclass(frozen=True, kw_only=True)
class _Row:
    compute: Callable[[Any, Any, Any], float]
    """Takes the truth, the predictions in the form that `shape` makes, and the classes."""
    shape: Callable[[Any, Any], Any] | None
    """Turns predictions and classes into what the metric takes; `None` without classes."""
    is_loss: bool = False


def score(metric: str, truth: Any, prediction: Any) -> float:
    """Return a metric of predictions against the truth.

    Args:
        metric: a word of `METRICS`.
        truth: one label or value a row.
        prediction: one label, value or probability of the positive class a row, or one
            probability for each class a row, in the order of the classes.

    Raises:
        DataError: the two do not fit each other, hold gaps, or the metric is not defined on them.
    """
    row = _row(metric)
    told, answered = _arrays(truth, prediction)
    try:
        if row.shape is None:
            value = row.compute(told, _column(answered), None)
        else:
            classes = _classes(told, answered)
            value = row.compute(told, row.shape(answered, classes), classes)
    except (ValueError, TypeError) as error:
        raise DataError(f"`{metric}` of these predictions is not defined: {error}") from error
    return _finite(metric, value)


def is_loss(metric: str) -> bool:
    """Whether less is better."""
    return _row(metric).is_loss


def is_worse(metric: str, value: float, threshold: float) -> bool:
    """Whether a value is on the bad side of a threshold; level with it is not."""
    return value > threshold if is_loss(metric) else value < threshold


def positive(prediction: Any) -> Any:
    """Return one number or label a row; of two probabilities the positive class's.

    Of more classes it is the index of the likeliest.
    """
    import numpy as np

    array = np.asarray(prediction)
    if array.ndim < _MATRIX_AXES:
        return array
    width = array.shape[1]
    return array[:, -1] if width <= _MATRIX_AXES else array.argmax(axis=1)


def _row(metric: str) -> _Row:
    if metric not in METRICS:
        raise DataError(
            f"`{metric}` is no metric that is known here", remedy=f"known are {', '.join(METRICS)}"
        )
    return METRICS[metric]


def _arrays(truth: Any, prediction: Any) -> tuple[Any, Any]:
    import numpy as np
    import pandas as pd

    told, answered = np.asarray(truth), np.asarray(prediction)
    if len(told) != len(answered) or not len(told):
        raise DataError(f"there are {len(told)} labels for {len(answered)} predictions")
    for name, array in (("labels", told), ("predictions", answered)):
        gaps = int(pd.isna(array).sum())
        if gaps:
            raise DataError(f"{gaps} of the {name} are missing", remedy="leave those rows out")
    return told, answered


def _column(prediction: Any) -> Any:
    if prediction.ndim < _MATRIX_AXES:
        return prediction
    if prediction.shape[1] != 1:
        raise ValueError(f"{prediction.shape[1]} values a row are no prediction of a number")
    return prediction[:, 0]


def _classes(truth: Any, prediction: Any) -> Any:
    """Return the classes in the order of the columns of probabilities."""
    import numpy as np

    found = np.unique(truth)
    width = prediction.shape[1] if prediction.ndim == _MATRIX_AXES else 0
    if found.dtype.kind == "b":
        return np.array([False, True])
    if _is_among(found, range(max(width, 2))):
        return np.arange(max(width, 2))
    if width > 1 and len(found) != width:
        raise ValueError(f"the labels are of {len(found)} classes, the predictions of {width}")
    return found


def _is_among(found: Any, numbers: range) -> bool:
    return found.dtype.kind in "iuf" and all(value in numbers for value in found.tolist())


def _probabilities(prediction: Any, classes: Any) -> Any:
    if prediction.ndim == _MATRIX_AXES and prediction.shape[1] > len(classes):
        raise ValueError(f"{prediction.shape[1]} probabilities a row for {len(classes)} classes")
    return positive(prediction) if len(classes) <= _MATRIX_AXES else prediction


def _labels(prediction: Any, classes: Any) -> Any:
    import numpy as np

    if prediction.ndim == _MATRIX_AXES and prediction.shape[1] > 1:
        return np.asarray(classes)[prediction.argmax(axis=1)]
    flat = prediction.reshape(-1)
    if len(classes) == _MATRIX_AXES and flat.dtype.kind == "f" and not np.isin(flat, classes).all():
        return np.asarray(classes)[(flat >= _MIDDLE).astype(int)]
    return flat


def _roc_auc(truth: Any, prediction: Any, classes: Any) -> float:
    import numpy as np
    from sklearn.metrics import roc_auc_score

    if len(np.unique(truth)) < len(classes) or len(classes) < _MATRIX_AXES:
        raise ValueError("not every class is among the labels")
    if len(classes) == _MATRIX_AXES:
        return roc_auc_score(truth == classes[1], prediction)
    return roc_auc_score(truth, prediction, multi_class="ovr", labels=classes)


def _log_loss(truth: Any, prediction: Any, classes: Any) -> float:
    from sklearn.metrics import log_loss

    return log_loss(truth, prediction, labels=classes)


def _accuracy(truth: Any, prediction: Any, _: Any) -> float:
    from sklearn.metrics import accuracy_score

    return accuracy_score(truth, prediction)


def _f1(truth: Any, prediction: Any, classes: Any) -> float:
    from sklearn.metrics import f1_score

    if len(classes) > _MATRIX_AXES:
        return float(f1_score(truth, prediction, labels=classes, average="macro"))
    # Its annotation says text only; the documentation names 0.0, which says no warning.
    no_positive: Any = 0.0
    return float(f1_score(truth, prediction, pos_label=classes[-1], zero_division=no_positive))


def _rmse(truth: Any, prediction: Any, _: Any) -> float:
    from sklearn.metrics import root_mean_squared_error

    return root_mean_squared_error(truth, prediction)


def _mae(truth: Any, prediction: Any, _: Any) -> float:
    from sklearn.metrics import mean_absolute_error

    return mean_absolute_error(truth, prediction)


def _r2(truth: Any, prediction: Any, _: Any) -> float:
    from sklearn.metrics import r2_score

    if len(truth) < _MATRIX_AXES:
        raise ValueError("it needs two rows")
    return float(r2_score(truth, prediction))


def _finite(metric: str, value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise DataError(f"`{metric}` of these predictions is {number}")
    return number


METRICS: Mapping[str, _Row] = {
    "roc_auc": _Row(compute=_roc_auc, shape=_probabilities),
    "accuracy": _Row(compute=_accuracy, shape=_labels),
    "f1": _Row(compute=_f1, shape=_labels),
    "log_loss": _Row(compute=_log_loss, shape=_probabilities, is_loss=True),
    "rmse": _Row(compute=_rmse, shape=None, is_loss=True),
    "mae": _Row(compute=_mae, shape=None, is_loss=True),
    "r2": _Row(compute=_r2, shape=None),
}
"""The words of `mlops_iac.specs.gate`, which does not travel into containers."""
