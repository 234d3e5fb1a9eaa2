"""Compiling a loaded model, and the proof that it answers as the plain one does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mlops_iac.runtime.compiled.errors import NotCompilableError, UncoveredValueError
from mlops_iac.runtime.compiled.estimators import Order, answer
from mlops_iac.runtime.compiled.rows import RowReader, Rows
from mlops_iac.runtime.compiled.samples import ROWS, sample_columns, usual_columns
from mlops_iac.runtime.compiled.transformers import Block, Inputs, chained

Predict = Callable[[Any], Any]
_QUICK_SECONDS = 0.001


@dataclass(frozen=True, kw_only=True)
class CompiledModel:
    """Answers bodies of the usual forms, to the last bit as the plain way does."""

    reader: RowReader = field(repr=False)
    compute: Callable[[Rows], Any] = field(repr=False)
    is_quick: bool = False
    """Whether a row takes less than a millisecond: too little to hand it to a thread."""

    def predict(self, rows: Rows) -> Any | None:
        """Return what the model answers; `None` when the plain way is to judge the rows."""
        try:
            return self.compute(rows)
        except UncoveredValueError:
            return None


def compile_model(model: Any, function: str, reader: RowReader, predict: Predict) -> CompiledModel:
    """Return `model` compiled, after it answered sample rows exactly as `predict` does.

    Args:
        model: what was loaded, such as a fitted pipeline of scikit-learn.
        function: the method that answers, such as `predict_proba`.
        reader: reads the rows that the model takes.
        predict: the plain way, which takes a data frame.

    Raises:
        NotCompilableError: says why it stays with the plain way.
    """
    inputs = Inputs(reader=reader)
    is_pipeline = type(model).__name__ == "Pipeline"
    *steps, last = [step for _, step in model.steps] if is_pipeline else [model]
    take = _taken(steps, last, inputs)
    make_answer = answer(last, function, inputs, _order(steps, inputs))
    compiled = CompiledModel(reader=inputs.reader, compute=lambda rows: make_answer(take(rows)))
    columns = sample_columns(inputs)
    _prove(compiled, columns, predict)
    return replace(compiled, is_quick=_seconds(compiled, columns) < _QUICK_SECONDS)


def _taken(steps: list[Any], last: Any, inputs: Inputs) -> Block:
    names, first = inputs.reader.names, [*steps, last][0]
    known = getattr(first, "feature_names_in_", None)
    # Only a `ColumnTransformer` takes its columns in any order.
    if type(first).__name__ != "ColumnTransformer" and known is not None and tuple(known) != names:
        raise NotCompilableError("the model's columns are not the signature's")
    return chained(steps, names, inputs)


def _order(steps: list[Any], inputs: Inputs) -> Order:
    """Return the memory order in which the plain way's matrix reaches the last step."""
    frame = inputs.reader.frame(usual_columns(inputs))
    for step in steps:
        frame = step.transform(frame) if hasattr(step, "transform") else frame
    if hasattr(frame, "toarray"):
        raise NotCompilableError("a sparse matrix reaches the model")
    flags = np.asarray(frame).flags
    return "F" if flags.f_contiguous and not flags.c_contiguous else "C"


def _prove(compiled: CompiledModel, columns: list[list[Any]], predict: Predict) -> None:
    """Compare both ways on each row alone, and on all rows that the plain way takes."""
    single = [[[values[index]] for values in columns] for index in range(ROWS)]
    taken = [row for row in single if _is_equal(compiled, row, predict)]
    if not taken:
        raise NotCompilableError("the plain way takes none of the sample rows")
    together = [[row[place][0] for row in taken] for place in range(len(columns))]
    _is_equal(compiled, together, predict)


def _is_equal(compiled: CompiledModel, columns: list[list[Any]], predict: Predict) -> bool:
    """Return whether the compiled way covers the rows.

    Raises:
        NotCompilableError: it does, and the plain way does not answer the same.
    """
    rows = compiled.reader.rows(columns)
    found = None if rows is None else compiled.predict(rows)
    if rows is None or found is None:
        return False
    try:
        wanted = predict(compiled.reader.frame(rows.columns))
    except ValueError as error:
        raise NotCompilableError(f"the plain way refuses a row: {error}") from error
    if not _same(found, wanted):
        raise NotCompilableError("a sample row's prediction differs from the plain way's")
    return True


def _same(found: Any, wanted: Any) -> bool:
    return (
        type(found) is type(wanted)
        and (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
        and found.tolist() == wanted.tolist()
        and (found.dtype == object or found.tobytes() == wanted.tobytes())
    )


def _seconds(compiled: CompiledModel, columns: list[list[Any]]) -> float:
    """Return what a row takes, the shortest of a few times."""
    taken: list[float] = []
    for index in range(ROWS):
        rows = compiled.reader.rows([[values[index]] for values in columns])
        start = time.perf_counter()
        if rows is not None and compiled.predict(rows) is not None:
            taken.append(time.perf_counter() - start)
    return min(taken)
