"""Two small models, saved as a training job saves them."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import mlflow.sklearn
    import mlflow.xgboost
    import pandas as pd
    import xgboost
    from mlflow.models import infer_signature
    from sklearn.linear_model import LogisticRegression

    folder = tmp_path_factory.mktemp("models")
    rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0] * 5, "b": [1.0, 0.0, 1.0, 0.0] * 5})
    truth = (rows.a > 1).astype(int)
    signature = infer_signature(rows, truth.to_numpy())
    for name, module, model in (
        ("sklearn", mlflow.sklearn, LogisticRegression()),
        ("other", mlflow.sklearn, LogisticRegression(C=0.01)),
        ("xgboost", mlflow.xgboost, xgboost.XGBClassifier(n_estimators=3)),
    ):
        module.save_model(
            model.fit(rows, truth), str(folder / name), signature=signature, pip_requirements=[]
        )
    return folder
