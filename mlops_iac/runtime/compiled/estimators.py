"""The last step of a model as a function from a matrix of 64-bit floats to its answer.

Where the library's own method can be used, it is: on a shallow copy of the model, of which only
the costly part (checking, a call per tree) is replaced. An estimator is in a table here only when
`tests/runtime` compares it with the plain way.
"""
# ruff: noqa: SLF001 -- what libraries keep private is proved at each load; see `model.py`.

import copy
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from mlops_iac.runtime.compiled.errors import NotCompilableError, UncoveredValueError
from mlops_iac.runtime.compiled.forest import Forest
from mlops_iac.runtime.compiled.transformers import Inputs

Order = Literal["C", "F"]
Answer = Callable[[Any], Any]


def answer(estimator: Any, function: str, inputs: Inputs, order: Order) -> Answer:
    """Return how `estimator` answers with its method `function`.

    `order` is the memory order in which the plain way's matrix reaches it: the last bits of a
    matrix product depend on it.

    Raises:
        NotCompilableError: no table has the estimator.
    """
    kind = type(estimator)
    make = _ESTIMATORS.get((kind.__module__.partition(".")[0], kind.__name__, function))
    if make is None:
        raise NotCompilableError(f"`{type(estimator).__name__}.{function}` is not known")
    return make(estimator, function, inputs, order)


def _with_forest(booster: Any, function: str, inputs: Inputs, order: Order) -> Answer:  # noqa: ARG001  a table's row
    if booster._preprocessor is not None:
        raise NotCompilableError("a booster that encodes categories by itself")
    changed = copy.copy(booster)
    changed._raw_predict = Forest(booster).raw
    return getattr(changed, function)


def _with_product(attribute: str) -> Callable[[Any, str, Inputs, Order], Answer]:
    def make(model: Any, function: str, inputs: Inputs, order: Order) -> Answer:
        if not set(inputs.reader.types.values()) <= {"double", "string"}:
            raise NotCompilableError("a linear model of whole or of short numbers")
        coefficients = model.coef_.T if model.coef_.ndim > 1 else model.coef_

        def product(matrix: Any) -> Any:
            matrix = np.asarray(matrix, order=order)
            if not np.isfinite(matrix).all():
                raise UncoveredValueError
            scores = matrix @ coefficients + model.intercept_
            is_single = attribute == "decision_function" and scores.shape[-1:] == (1,)
            return scores.reshape(-1) if is_single and scores.ndim > 1 else scores

        changed = copy.copy(model)
        setattr(changed, attribute, product)
        return getattr(changed, function)

    return make


def _averaged(forest: Any, function: str, inputs: Inputs, order: Order) -> Answer:  # noqa: ARG001  a table's row
    from sklearn.utils import get_tags

    if forest.n_outputs_ != 1 or forest.n_jobs not in {None, 1}:
        raise NotCompilableError("a forest of several outputs, or of threads in any order")
    trees = [tree.tree_.predict for tree in forest.estimators_]
    takes_missing = get_tags(forest.estimators_[0]).input_tags.allow_nan
    is_classifier = hasattr(forest, "classes_")
    count = forest.n_classes_ if is_classifier else 1

    def mean(matrix: Any) -> Any:
        with np.errstate(over="ignore"):
            short = np.ascontiguousarray(matrix, dtype=np.float32)
        if np.isinf(short).any() or (np.isnan(short).any() and not takes_missing):
            raise UncoveredValueError
        total = np.zeros((len(short), count))
        for tree in trees:
            total += tree(short)[:, :count]
        total /= len(trees)
        return total if is_classifier else total[:, 0]

    if is_classifier and function == "predict":
        return lambda matrix: forest.classes_.take(np.argmax(mean(matrix), axis=1), axis=0)
    return mean


def _on_arrays(model: Any, function: str, inputs: Inputs, order: Order) -> Answer:  # noqa: ARG001  a table's row
    if not model._can_use_inplace_predict():
        raise NotCompilableError("a booster of linear models")
    return getattr(model, function)


def _in_place(booster: Any, function: str, inputs: Inputs, order: Order) -> Answer:  # noqa: ARG001  a table's row
    return booster.inplace_predict


def _itself(model: Any, function: str, inputs: Inputs, order: Order) -> Answer:  # noqa: ARG001  a table's row
    return getattr(model, function)


_Make = Callable[[Any, str, Inputs, Order], Answer]
_LINEAR = ("ElasticNet", "Lasso", "LinearRegression", "Ridge")
_PROBABLE = ("predict", "predict_proba")
_ROWS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], _Make], ...] = (
    ("sklearn", ("HistGradientBoostingClassifier",), _PROBABLE, _with_forest),
    ("sklearn", ("HistGradientBoostingRegressor",), ("predict",), _with_forest),
    ("sklearn", ("LogisticRegression",), _PROBABLE, _with_product("decision_function")),
    ("sklearn", _LINEAR, ("predict",), _with_product("_decision_function")),
    ("sklearn", ("ExtraTreesClassifier", "RandomForestClassifier"), _PROBABLE, _averaged),
    ("sklearn", ("ExtraTreesRegressor", "RandomForestRegressor"), ("predict",), _averaged),
    ("xgboost", ("XGBClassifier", "XGBRegressor"), ("predict",), _on_arrays),
    ("xgboost", ("Booster",), ("predict",), _in_place),
    ("lightgbm", ("Booster",), ("predict",), _itself),
)
"""Library, classes, methods, and how they are compiled."""
_ESTIMATORS: Mapping[tuple[str, str, str], _Make] = {
    (library, name, function): make
    for library, names, functions, make in _ROWS
    for name in names
    for function in functions
}
