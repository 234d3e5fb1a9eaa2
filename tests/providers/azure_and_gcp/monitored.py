"""Rows that a model was trained on, and what a check is asked for. Not a test."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_iac.runtime.digest import BASELINE_FILE

ROWS = pd.DataFrame(
    {"a": np.tile([0.0, 1.0, 2.0, 3.0], 50), "b": np.repeat([1.0, 0.0], 100)},
)
ALL = ("data_quality", "data_drift", "prediction_drift")
LIMITS = {
    "quality": {"missing": 0.05, "invalid": 0.05},
    "drift": {"columns": 0.5, "distance": 0.1},
    "min_rows": 20,
    "max_rows": 10_000,
    "performance": None,
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with its baseline, in a folder."""
    from mlflow import sklearn
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    late = (ROWS.a > 1).astype(int)
    folder = tmp_path_factory.mktemp("model") / "model"
    sklearn.save_model(
        LogisticRegression().fit(ROWS, late),
        str(folder),
        signature=infer_signature(ROWS, late.to_numpy()),
        pip_requirements=[],
    )
    ROWS.to_parquet(folder / BASELINE_FILE, index=False)
    return folder
