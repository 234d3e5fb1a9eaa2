"""scikit-learn's transformers as functions from rows to a matrix of 64-bit floats.

What a transformer answers to a category is asked of the transformer itself, once, while the model
loads. A transformer is in a table here only when `tests/runtime` compares it with the plain way.
"""
# ruff: noqa: SLF001 -- what libraries keep private is proved at each load; see `model.py`.

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

from mlops_iac.runtime.compiled.errors import NotCompilableError, UncoveredValueError
from mlops_iac.runtime.compiled.rows import RowReader, Rows

Block = Callable[[Rows], Any]
Change = Callable[[Any], Any]
_UNSEEN = "a word that no category is"


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a model takes, and the words that it was found to know."""

    reader: RowReader
    words: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Column → its categories; filled while compiling."""

    @property
    def has_singles(self) -> bool:
        """Whether a column is of 32-bit floats, in which scikit-learn would go on computing."""
        return "float" in self.reader.types.values()


def numbers(inputs: Inputs, names: Sequence[str]) -> Block:
    """Return how to take columns of numbers as they are."""
    reader = inputs.reader
    if not set(names) <= set(reader.number_names):
        raise NotCompilableError("words reach the model without an encoder")
    if tuple(names) == reader.number_names:
        return lambda rows: rows.numbers.T
    places = [reader.number_names.index(name) for name in names]
    return lambda rows: rows.numbers[places].T


def chained(steps: Sequence[Any], names: Sequence[str], inputs: Inputs) -> Block:
    """Return how the columns `names` of a data frame's rows become a matrix by `steps`.

    Raises:
        NotCompilableError: a step is of another kind than the tables name, or set to unusual ways.
    """
    if not steps or type(steps[0]).__name__ not in _BLOCKS:
        return _followed(numbers(inputs, names), steps, inputs)
    first, *others = steps
    return _followed(_BLOCKS[type(first).__name__](first, names, inputs), others, inputs)


def _followed(taken: Block, steps: Sequence[Any], inputs: Inputs) -> Block:
    changes = [change for step in steps if (change := _change(step, inputs)) is not None]
    if not changes:
        return taken

    def take(rows: Rows) -> Any:
        matrix = taken(rows)
        with np.errstate(over="ignore"):
            for change in changes:
                matrix = change(matrix)
        if np.isinf(matrix).any():
            raise UncoveredValueError
        return matrix

    return take


def _change(transformer: Any, inputs: Inputs) -> Change | None:
    # A fitted `ColumnTransformer` holds a `FunctionTransformer` of nothing for `passthrough`.
    if transformer is None or getattr(transformer, "func", transformer) in {None, "passthrough"}:
        return None
    make = _CHANGES.get(type(transformer).__name__)
    if make is None or inputs.has_singles:
        raise NotCompilableError(f"`{type(transformer).__name__}` is not known")
    _require_arrays(transformer)
    return make(transformer)


def _scaled(scaler: Any) -> Change:
    mean, scale = scaler.mean_, scaler.scale_

    def change(matrix: Any) -> Any:
        matrix = matrix.copy(order="K")
        if scaler.with_mean:
            matrix -= mean
        if scaler.with_std:
            matrix /= scale
        return matrix

    return change


def _ranged(scaler: Any) -> Change:
    if scaler.clip:
        raise NotCompilableError("a clipping `MinMaxScaler`")

    def change(matrix: Any) -> Any:
        matrix = matrix.copy(order="K")
        matrix *= scaler.scale_
        matrix += scaler.min_
        return matrix

    return change


def _imputed(imputer: Any) -> Change:
    found = imputer.statistics_
    is_plain = isinstance(imputer.missing_values, float) and np.isnan(imputer.missing_values)
    if not is_plain or imputer.add_indicator or found.dtype != np.float64 or np.isnan(found).any():
        raise NotCompilableError("an unusual `SimpleImputer`")

    def change(matrix: Any) -> Any:
        matrix = matrix.copy(order="K")
        missing = np.isnan(matrix)
        if missing.any():
            matrix[missing] = np.broadcast_to(found, matrix.shape)[missing]
        return matrix

    return change


_CHANGES: Mapping[str, Callable[[Any], Change]] = {
    "MinMaxScaler": _ranged,
    "SimpleImputer": _imputed,
    "StandardScaler": _scaled,
}


def _columns(transformer: Any, names: Sequence[str], inputs: Inputs) -> Block:
    _require_arrays(transformer)
    if transformer.sparse_output_ or transformer.transformer_weights:
        raise NotCompilableError("a sparse or weighted `ColumnTransformer`")
    fitted = [str(name) for name in getattr(transformer, "feature_names_in_", ())]
    if not fitted or not set(fitted) <= set(names):
        raise NotCompilableError("a `ColumnTransformer` of columns without names")
    blocks = [
        chained(
            [transformer.named_transformers_[name]],
            [fitted[index] for index in transformer._transformer_to_input_indices[name]],
            inputs,
        )
        for name, step, _ in transformer.transformers_
        if not (isinstance(step, str) and step == "drop")
        and len(transformer._transformer_to_input_indices[name])
    ]
    return lambda rows: np.hstack([take(rows) for take in blocks])


class _Codes(dict[Any, tuple[float, ...]]):
    """Word → what the encoder makes of it; `unseen` for any other."""

    unseen: tuple[float, ...] | None = None

    def __missing__(self, key: Any) -> tuple[float, ...]:
        if self.unseen is None or key is None:
            raise UncoveredValueError(key)
        return self.unseen


def _encoded(encoder: Any, names: Sequence[str], inputs: Inputs) -> Block:
    _require_arrays(encoder)
    reader = inputs.reader
    if any(reader.types[name] != "string" for name in names):
        raise NotCompilableError("an encoder of other than words")
    words = [[word for word in known if isinstance(word, str)] for known in encoder.categories_]
    if any(len(some) < len(known) for some, known in zip(words, encoder.categories_, strict=True)):
        raise NotCompilableError("an encoder with a category that is no word")
    inputs.words.update(zip(names, words, strict=True))
    codes = _codes(encoder, names, words)
    places = [reader.names.index(name) for name in names]

    def take(rows: Rows) -> Any:
        parts = [
            [table[word] for word in rows.columns[place]]
            for place, table in zip(places, codes, strict=True)
        ]
        return np.hstack([np.array(part, dtype=np.float64) for part in parts])

    return take


def _codes(encoder: Any, names: Sequence[str], words: Sequence[list[str]]) -> list[_Codes]:
    usual = [known[0] for known in words]
    ends = np.cumsum(_widths(encoder, len(names))).tolist()
    tables: list[_Codes] = []
    for index, end in enumerate(ends):
        part = slice(ends[index - 1] if index else 0, end)

        def ask(some: Sequence[str | None], index: int = index, part: slice = part) -> Any:
            rows = [[*usual[:index], word, *usual[index + 1 :]] for word in some]
            return [tuple(row) for row in _answer(encoder, names, rows)[:, part].tolist()]

        table = _Codes(zip(words[index], ask(words[index]), strict=True))
        # What the encoder refuses stays out: the plain way is to say so.
        with contextlib.suppress(ValueError):
            table[None] = ask([None])[0]
        with contextlib.suppress(ValueError):
            table.unseen = ask([_UNSEEN])[0]
        tables.append(table)
    return tables


def _widths(encoder: Any, columns: int) -> list[int]:
    return getattr(encoder, "_n_features_outs", None) or [1] * columns


def _answer(encoder: Any, names: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Any:
    import pandas as pd

    answer = encoder.transform(
        pd.DataFrame(dict(zip(names, zip(*rows, strict=True), strict=True)), dtype=object)
    )
    # A `ColumnTransformer` makes dense what an encoder in it left sparse.
    answer = answer.toarray() if hasattr(answer, "toarray") else answer
    if not isinstance(answer, np.ndarray) or answer.dtype != np.float64:
        raise NotCompilableError("an encoder that answers other than an array of 64-bit floats")
    return answer


def _piped(pipeline: Any, names: Sequence[str], inputs: Inputs) -> Block:
    return chained([step for _, step in pipeline.steps], names, inputs)


_BLOCKS: Mapping[str, Callable[[Any, Sequence[str], Inputs], Block]] = {
    "ColumnTransformer": _columns,
    "OneHotEncoder": _encoded,
    "OrdinalEncoder": _encoded,
    "Pipeline": _piped,
}


def _require_arrays(transformer: Any) -> None:
    inner = import_module("sklearn.utils._set_output")
    if inner._get_output_config("transform", transformer)["dense"] != "default":
        raise NotCompilableError("a transformer that answers data frames")
