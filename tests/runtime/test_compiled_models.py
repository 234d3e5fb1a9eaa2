"""Proves that compiled models answer as `mlflow.pyfunc` does, to the last bit, on drawn rows.

Each model goes the whole way: saved as a training job saves it, loaded by its digest, compiled.
Thresholds of trees are drawn, too, so that rows fall on them.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import pandas as pd
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from mlops_iac.runtime import load_model, tree_digest
from mlops_iac.runtime.compiled.errors import NotCompilableError
from mlops_iac.runtime.compiled.model import compile_model
from mlops_iac.runtime.compiled.rows import RowReader
from mlops_iac.runtime.saving import flavor_of, save_model
from mlops_iac.runtime.server.deployment import Deployment
from mlops_iac.runtime.server.host import Serving, load
from mlops_iac.runtime.server.payload import parse_json

NUMBERS, WORDS = ["x", "y", "z"], ["city", "word"]
CITIES, OTHERS = ["Bern", "Genève", "Zürich"], ["a", "b", "c", "d"]


def encoder(**options: Any) -> OrdinalEncoder:
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, **options)


def mixed(last: Any, *between: Any) -> Any:
    return make_pipeline(
        make_column_transformer((encoder(), WORDS), remainder="passthrough"), *between, last
    )


def dense(last: Any) -> Any:
    one_hot = OneHotEncoder(handle_unknown="ignore")
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    return make_pipeline(
        make_column_transformer((numbers, ["z", "x", "y"]), (one_hot, WORDS), sparse_threshold=0),
        last,
    )


class Booster:
    """XGBoost's own way of training, which makes a model of a class of its own."""

    def fit(self, rows: pd.DataFrame, wanted: Any) -> Any:
        return xgboost.train({}, xgboost.DMatrix(rows, wanted), num_boost_round=7)


class LightBooster:
    """LightGBM, where it is installed: it is none of the project's dependencies."""

    def fit(self, rows: pd.DataFrame, wanted: Any) -> Any:
        lightgbm = pytest.importorskip("lightgbm")
        options = {"verbose": -1, "num_threads": 1, "objective": "binary"}
        return lightgbm.train(options, lightgbm.Dataset(rows, wanted), num_boost_round=7)


ALL, PLAIN, WHOLE = [*WORDS, *NUMBERS], NUMBERS, [*NUMBERS, "n", "flag"]
SHORT = ["x", "f", "i"]


@dataclass(frozen=True)
class Case:
    make: Callable[[], Any]
    columns: list[str]
    function: str = "predict"
    classes: int = 2
    """0 for a number to predict."""


BOOST: dict[str, Any] = {"max_iter": 12, "random_state": 0}
FEW: dict[str, Any] = {"n_estimators": 7, "random_state": 0}
CASES = {
    "boosted": Case(lambda: mixed(HistGradientBoostingClassifier(**BOOST)), ALL, "predict_proba"),
    "boosted-labels": Case(lambda: mixed(HistGradientBoostingClassifier(**BOOST)), ALL),
    "boosted-3": Case(
        lambda: mixed(HistGradientBoostingClassifier(**BOOST)), ALL, "predict_proba", 3
    ),
    "boosted-numbers": Case(lambda: HistGradientBoostingRegressor(**BOOST), WHOLE, classes=0),
    "boosted-poisson": Case(
        lambda: HistGradientBoostingRegressor(loss="poisson", **BOOST), PLAIN, classes=0
    ),
    "boosted-short": Case(lambda: HistGradientBoostingRegressor(**BOOST), SHORT, classes=0),
    "forest-short": Case(lambda: RandomForestRegressor(**FEW), ["f", "i"], classes=0),
    "xgboost-short": Case(lambda: xgboost.XGBRegressor(**FEW), SHORT, classes=0),
    "one-tree": Case(lambda: HistGradientBoostingRegressor(max_iter=1), PLAIN, classes=0),
    "logistic": Case(lambda: dense(LogisticRegression()), ALL, "predict_proba"),
    "logistic-3": Case(lambda: dense(LogisticRegression()), ALL, "predict_proba", 3),
    "logistic-bare": Case(
        lambda: make_pipeline(SimpleImputer(), LogisticRegression()), PLAIN, "predict", 3
    ),
    "linear": Case(
        lambda: make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler(), LinearRegression()),
        PLAIN, classes=0,
    ),
    "ridge": Case(lambda: dense(Ridge()), ALL, classes=0),
    "lasso": Case(lambda: dense(Lasso(alpha=0.01)), ALL, classes=0),
    "elastic": Case(lambda: mixed(ElasticNet(), SimpleImputer()), ALL, classes=0),
    "forest": Case(lambda: mixed(RandomForestClassifier(**FEW)), ALL, "predict_proba", 3),
    "forest-labels": Case(lambda: mixed(RandomForestClassifier(**FEW)), ALL),
    "forest-numbers": Case(
        lambda: mixed(RandomForestRegressor(**FEW), SimpleImputer()), ALL, classes=0
    ),
    "extra": Case(lambda: mixed(ExtraTreesClassifier(**FEW), SimpleImputer()), ALL),
    "extra-numbers": Case(
        lambda: mixed(ExtraTreesRegressor(**FEW), SimpleImputer()), ALL, classes=0
    ),
    "xgboost": Case(lambda: xgboost.XGBClassifier(**FEW), WHOLE),
    "xgboost-3": Case(lambda: xgboost.XGBClassifier(**FEW), WHOLE, classes=3),
    "xgboost-booster": Case(Booster, WHOLE, classes=0),
    "lightgbm": Case(LightBooster, WHOLE),
    "xgboost-numbers": Case(lambda: xgboost.XGBRegressor(**FEW), PLAIN, classes=0),
}  # fmt: skip


def training_rows() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame({name: draw.normal(0, 10, 300).round(1) for name in NUMBERS})
    frame["n"], frame["flag"] = draw.integers(-5, 5, 300), draw.random(300) < 0.5
    frame["f"], frame["i"] = frame.y.astype("float32"), frame.n.astype("int32")
    frame["city"], frame["word"] = draw.choice(CITIES, 300), draw.choice(OTHERS, 300)
    return frame


ROWS = training_rows()


def truth(classes: int) -> Any:
    signal = ROWS.x + 3 * ROWS.n + 10 * (ROWS.city == "Bern") + ROWS.y.abs()
    if not classes:
        return signal - signal.min()
    return pd.cut(signal, classes, labels=False)


def holed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with values missing, so that models learn where these go."""
    holes = np.random.default_rng(8).random((len(frame), len(NUMBERS))) < 0.1
    frame = frame.copy()
    frame[NUMBERS] = frame[NUMBERS].mask(holes)
    return frame


def saved(folder: Path, case: Case) -> Path:
    rows = holed(ROWS)[case.columns]
    model = case.make().fit(rows, truth(case.classes))
    flavor, chosen = flavor_of(model), {"pyfunc_predict_fn": case.function}
    options = {"pip_requirements": [], **(chosen if flavor == "sklearn" else {})}
    signature = infer_signature(rows.head(20), truth(case.classes)[:20])
    save_model(model, flavor, folder=folder, signature=signature, options=options)
    return folder


def serving_of(folder: Path) -> Serving:
    return load(Deployment(location=str(folder), digest=tree_digest(folder), version="1"))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Let no library wait for threads of its own: on a busy machine they cost most of the time."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module", params=CASES, ids=str)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Serving, Any, Case]:
    case = CASES[request.param]
    folder = saved(tmp_path_factory.mktemp("compiled") / "model", case)
    return serving_of(folder), mlflow.pyfunc.load_model(str(folder)), case


THRESHOLDS = sorted({float(value) for name in NUMBERS for value in ROWS[name].head(40)})
VALUES = {
    **dict.fromkeys(
        NUMBERS,
        st.none() | st.sampled_from(THRESHOLDS) | st.integers(-30, 30)
        | st.floats(-1e9, 1e9) | st.floats(-30, 30),
    ),
    "n": st.integers(-9, 9) | st.integers(-(2**53), 2**53),
    "f": st.floats(-1e9, 1e9, width=32) | st.sampled_from(THRESHOLDS),
    "i": st.integers(-9, 9) | st.integers(-(2**31), 2**31 - 1),
    "flag": st.booleans(),
    "city": st.sampled_from([*CITIES, "Basel", ""]),
    "word": st.sampled_from([*OTHERS, "z"]),
}  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_compiled_model_answers_as_pyfunc_does(
    pair: tuple[Serving, Any, Case], data: st.DataObject
) -> None:
    serving, pyfunc, case = pair
    columns = data.draw(st.permutations(case.columns))
    records = data.draw(
        st.lists(st.fixed_dictionaries({name: VALUES[name] for name in columns}),
                 min_size=1, max_size=20)
    )  # fmt: skip
    body = json.dumps({"instances": records}).encode()
    assert serving.reader is not None
    assert serving.compiled is not None
    rows = serving.reader.read(body)
    assert rows is not None
    found = serving.compiled.predict(rows)
    assert found is not None

    wanted = pyfunc.predict(parse_json(body, serving.model.signature).data)
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    assert found.tobytes() == wanted.tobytes()


def test_what_no_table_covers_is_served_the_plain_way(tmp_path: Path) -> None:
    folder = saved(tmp_path / "model", Case(lambda: dense(KNeighborsClassifier()), ALL))
    serving = serving_of(folder)

    assert serving.compiled is None
    assert serving.reader is not None
    assert len(serving.model.predict(ROWS[ALL].head(2))) == 2


def test_a_word_that_the_encoder_refuses_is_left_to_the_plain_way(tmp_path: Path) -> None:
    strict = make_column_transformer((OrdinalEncoder(), WORDS), remainder="passthrough")
    made = make_pipeline(strict, HistGradientBoostingClassifier(**BOOST))
    serving = serving_of(saved(tmp_path / "model", Case(lambda: made, ALL)))
    assert serving.compiled is not None
    assert serving.reader is not None
    found: list[Any] = []
    for city in ("Bern", "Basel"):
        row = {"city": city, "word": "a", "x": 1.0, "y": 1.0, "z": 1.0}
        rows = serving.reader.read(json.dumps([row]).encode())
        assert rows is not None
        found.append(serving.compiled.predict(rows))

    assert found[0] is not None
    assert found[1] is None


def test_a_model_that_answers_otherwise_than_the_plain_way_is_not_used(tmp_path: Path) -> None:
    """As after an upgrade of a library that computes in another order."""
    folder = saved(tmp_path / "model", CASES["boosted"])
    model = load_model(folder, digest=tree_digest(folder))
    reader = RowReader(model.signature)

    def other(frame: pd.DataFrame) -> Any:
        answer = model.predict(frame)
        return np.nextafter(answer, 1)

    with pytest.raises(NotCompilableError, match="differs"):
        compile_model(model.estimator, model.function, reader, other)
    assert compile_model(model.estimator, model.function, reader, model.predict)
