"""What the served model answers on the baseline, beside what it answered to traffic."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.runtime.frames import Frame
from mlops_iac.runtime.model import load_model
from mlops_iac.runtime.monitor.baseline import CATEGORY, NUMBER
from mlops_iac.runtime.monitor.drift import Column, column
from mlops_iac.runtime.scoring import positive

_CLASSES = 20
"""Whole numbers of at most so many values are classes."""


def answers_on(sample: Frame, model: Mapping[str, Any]) -> list[Any]:
    """Return the predictions of a model, named by `path` and `digest`, as the server makes them."""
    from mlops_iac.runtime.server.answers import predictions
    from mlops_iac.runtime.server.payload import frame_to_data

    loaded = load_model(
        Path(model["path"]), digest=model["digest"], trust_pickle=bool(model["trust_pickle"])
    )
    data = frame_to_data(sample.copy(), loaded.signature, finite=False)
    return predictions(loaded.predict(data))


def prediction_column(baseline: Sequence[Any], current: Sequence[Any]) -> Column:
    """Return predictions as a column: of two probabilities the positive class's."""
    sides = [positive([one for one in side if one is not None]) for side in (baseline, current)]
    return column(_kind(sides[0]), *sides)


def _kind(values: Any) -> str:
    if values.dtype.kind == "f":
        return NUMBER
    is_counted = values.dtype.kind in "iu" and len(set(values.tolist())) > _CLASSES
    return NUMBER if is_counted else CATEGORY
