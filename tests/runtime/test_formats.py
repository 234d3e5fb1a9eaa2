"""Proves that the trusted types exist, and suffice for the estimators that people use.

Judged by the installed scikit-learn and skops; a new release of either may add names.
"""

import importlib
from pathlib import Path
from typing import Any

import pytest
import skops.io
import yaml
from sklearn import ensemble, linear_model, naive_bayes, neighbors, neural_network, svm, tree
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.formats import TRUSTED_TYPES
from mlops_iac.runtime.inspection import inspect_model

COLUMNS = make_column_transformer(
    (StandardScaler(), [0, 1]),
    (OneHotEncoder(handle_unknown="ignore"), [2]),
    remainder="passthrough",
)
ESTIMATORS = [
    linear_model.LogisticRegression(),
    linear_model.Ridge(),
    linear_model.TweedieRegressor(),
    linear_model.SGDClassifier(),
    linear_model.SGDClassifier(loss="log_loss"),
    linear_model.SGDClassifier(loss="modified_huber"),
    linear_model.SGDRegressor(),
    linear_model.SGDRegressor(loss="huber"),
    linear_model.SGDRegressor(loss="epsilon_insensitive"),
    ensemble.RandomForestClassifier(3),
    ensemble.GradientBoostingClassifier(n_estimators=3),
    ensemble.GradientBoostingRegressor(n_estimators=3),
    ensemble.HistGradientBoostingClassifier(max_iter=3),
    ensemble.HistGradientBoostingRegressor(max_iter=3),
    ensemble.IsolationForest(n_estimators=3),
    neighbors.KNeighborsClassifier(),
    neighbors.KNeighborsClassifier(algorithm="ball_tree"),
    neighbors.KNeighborsClassifier(algorithm="kd_tree", metric="manhattan"),
    naive_bayes.GaussianNB(),
    neural_network.MLPClassifier((2,)),
    neural_network.MLPClassifier((2,), solver="sgd"),
    svm.SVC(),
    tree.DecisionTreeClassifier(),
    CalibratedClassifierCV(linear_model.LogisticRegression(), cv=2),
    CalibratedClassifierCV(linear_model.LogisticRegression(), cv=2, method="isotonic"),
    make_pipeline(COLUMNS, linear_model.LogisticRegression()),
]


@pytest.mark.parametrize("name", sorted(TRUSTED_TYPES))
def test_a_trusted_type_exists(name: str) -> None:
    module, _, member = name.rpartition(".")

    assert hasattr(importlib.import_module(module), member)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda e: str(e)[:40])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_common_estimator_needs_no_other(estimator: Any) -> None:
    rows, truth = make_classification(n_samples=80, n_features=4, n_redundant=0, random_state=0)
    content = skops.io.dumps(estimator.fit(rows, truth))

    assert set(skops.io.get_untrusted_types(data=content)) - TRUSTED_TYPES == set()


def test_a_lightgbm_booster_is_let_in_as_mlflow_saves_it(tmp_path: Path) -> None:
    """By a folder written as MLflow 3.17 does: LightGBM is none of the project's dependencies."""
    flavor = {
        "code": None, "data": "model.lgb", "model_class": "lightgbm.basic.Booster",
        "serialization_format": "skops",
        "skops_trusted_types": ["collections.OrderedDict", "lightgbm.basic.Booster"],
    }  # fmt: skip
    pyfunc = {"loader_module": "mlflow.lightgbm", "data": "model.lgb", "env": {}}
    flavors = {"lightgbm": flavor, "python_function": pyfunc}
    (tmp_path / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors}))
    (tmp_path / "model.lgb").write_text("tree\nversion=v4\n")
    inspected = inspect_model(tmp_path, digest=tree_digest(tmp_path))

    assert inspected.format is not None
    assert inspected.format.serialization == "text"
