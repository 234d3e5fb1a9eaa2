"""Turning every platform's request body into rows of the model's inputs."""

import base64
import io
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mlops_iac.runtime.errors import PayloadError
from mlops_iac.runtime.signature import Column, Signature


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One request's rows."""

    data: Any
    """A data frame, or an array for a model of one tensor."""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_v2: bool = False
    """Whether the answer is to be KServe's second form."""
    id: str | None = None


def parse_json(body: bytes, signature: Signature) -> Payload:
    """Return the rows of a JSON body in any of the forms of `ADAPTERS`.

    Raises:
        PayloadError: the body is no JSON, of no known form, or does not fit the signature.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the body is no JSON: {error}", remedy=_REMEDY) from error
    if isinstance(document, list):
        return Payload(data=to_data(document, signature))
    if not isinstance(document, dict):
        raise PayloadError("the body is neither an object nor a list", remedy=_REMEDY)
    for key, adapt in ADAPTERS.items():
        if key in document:
            return Payload(
                data=adapt(document[key], signature),
                parameters=document.get("parameters") or {},
                is_v2=_is_v2(document),
                id=document.get("id"),
            )
    raise PayloadError(f"the body has none of the keys {list(ADAPTERS)}", remedy=_REMEDY)


def parse_csv(body: bytes, signature: Signature) -> Payload:
    """Return the rows of a CSV body; its first line is a header when it holds the names."""
    names = signature.names
    try:
        text = body.decode()
        first = pd.read_csv(io.StringIO(text), header=None, nrows=1, dtype=str)
        cells = [str(cell).strip() for cell in first.iloc[0]]
        has_header = set(names) <= set(cells) if names else not all(map(_is_number, cells))
        types: Any = {column.name: str for column in signature.columns if column.type == "string"}
        frame = pd.read_csv(
            io.StringIO(text),
            header=0 if has_header else None,
            names=None if has_header or not names else list(names),
            dtype=types or None,
            index_col=False,
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise PayloadError(f"the body is no CSV: {error}", remedy=_REMEDY) from error
    if not has_header and names and len(cells) != len(names):
        raise PayloadError(f"a row has {len(cells)} values, the model takes {list(names)}")
    return Payload(data=frame_to_data(frame, signature, finite=False))


def to_data(rows: Any, signature: Signature) -> Any:
    """Return a list of rows (objects, lists or single values) as the model's input."""
    if signature.tensors:
        return _array(rows, signature)
    if not isinstance(rows, list):
        raise PayloadError("the rows are no list", remedy=_REMEDY)
    if rows and all(isinstance(row, dict) for row in rows):
        return frame_to_data(_frame(rows, None), signature)
    width = len(signature.names)
    nested = [row if isinstance(row, list) else [row] for row in rows]
    if wrong := [row for row in nested if width and len(row) != width]:
        raise PayloadError(f"a row has {len(wrong[0])} values, the model takes {width}")
    return frame_to_data(_frame(nested, list(signature.names) or None), signature)


def frame_to_data(frame: pd.DataFrame, signature: Signature, *, finite: bool = True) -> Any:
    """Return a frame with the signature's columns, in its order and of its types.

    Columns that the model does not take are left out. `finite` refuses NaN, not only
    infinity; a missing value is `null` in JSON and an empty cell in CSV.
    """
    frame.columns = [str(name) for name in frame.columns]
    if twice := sorted(set(frame.columns[frame.columns.duplicated()])):
        raise PayloadError(f"the rows have the columns {twice} twice", remedy=_REMEDY)
    _require_finite(frame, refuse_nan=finite)
    if signature.tensors:
        return _array(frame.to_numpy().tolist(), signature)
    if not signature.columns:
        return frame.infer_objects()
    missing = [c.name for c in signature.columns if c.is_required and c.name not in frame.columns]
    if missing:
        raise PayloadError(f"the rows lack the columns {missing}", remedy=_REMEDY)
    present = [column for column in signature.columns if column.name in frame.columns]
    return pd.DataFrame({column.name: _typed(frame[column.name], column) for column in present})


def _from_split(split: Any, signature: Signature) -> Any:
    if not isinstance(split, dict) or not isinstance(split.get("data"), list):
        raise PayloadError("a split frame has no list `data`", remedy=_REMEDY)
    columns = split.get("columns")
    if columns is None:
        return to_data(split["data"], signature)
    return frame_to_data(_frame(split["data"], columns), signature)


def _from_input_data(value: Any, signature: Signature) -> Any:
    return _from_split(value, signature) if isinstance(value, dict) else to_data(value, signature)


def _from_inputs(value: Any, signature: Signature) -> Any:
    if isinstance(value, list) and value and _are_v2_tensors(value):
        return _from_tensors(value, signature)
    if isinstance(value, dict):
        lists = {name: v if isinstance(v, list) else [v] for name, v in value.items()}
        if len({len(column) for column in lists.values()}) > 1:
            raise PayloadError("the columns of `inputs` differ in length")
        return frame_to_data(_objects(lists), signature)
    return to_data(value, signature)


def _from_tensors(tensors: list[dict[str, Any]], signature: Signature) -> Any:
    arrays = {str(t["name"]): _v2_array(t) for t in tensors}
    only = next(iter(arrays.values()))
    if signature.tensors:
        return only.astype(signature.tensors[0].dtype)
    if len(arrays) == 1 and only.ndim == 2 and only.shape[1] != 1:  # noqa: PLR2004
        return to_data(only.tolist(), signature)
    columns = {name: array.reshape(-1).tolist() for name, array in arrays.items()}
    if len({len(column) for column in columns.values()}) > 1:
        raise PayloadError("the tensors differ in length")
    return frame_to_data(_objects(columns), signature)


def _v2_array(tensor: Mapping[str, Any]) -> Any:
    data, shape = tensor["data"], tensor["shape"]
    try:
        array = np.array(data, dtype=object)
        return array.reshape([int(length) for length in shape])
    except (ValueError, TypeError) as error:
        raise PayloadError(f"the tensor `{tensor['name']}` does not have its shape") from error


ADAPTERS: Mapping[str, Callable[[Any, Signature], Any]] = {
    "instances": to_data,
    "dataframe_split": _from_split,
    "dataframe_records": to_data,
    "input_data": _from_input_data,
    "inputs": _from_inputs,
}
"""Key of a body → how its value becomes rows. A bare list is read like `instances`."""

_REMEDY = (
    'send `{"instances": [{"column": value}]}`, `{"dataframe_split": {"columns": [], "data": []}}`'
    ", `text/csv`, or KServe v2 tensors"
)


def _is_v2(document: Mapping[str, Any]) -> bool:
    inputs = document.get("inputs")
    return isinstance(inputs, list) and bool(inputs) and _are_v2_tensors(inputs)


def _are_v2_tensors(value: list[Any]) -> bool:
    keys = {"name", "shape", "datatype", "data"}
    return all(isinstance(item, dict) and keys <= set(item) for item in value)


def _frame(rows: list[Any], columns: Any) -> pd.DataFrame:
    try:
        return pd.DataFrame(rows, columns=columns, dtype=object)
    except (ValueError, TypeError, AssertionError) as error:
        raise PayloadError(f"the rows are no table: {error}", remedy=_REMEDY) from error


def _objects(columns: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame({k: pd.Series(v, dtype=object) for k, v in columns.items()})


def _require_finite(frame: pd.DataFrame, *, refuse_nan: bool) -> None:
    for name in frame.columns:
        for value in frame[name].to_numpy():
            if isinstance(value, float) and not math.isfinite(value):
                if math.isnan(value) and not refuse_nan:
                    continue
                raise PayloadError(
                    f"the column `{name}` holds `{value}`, which is no finite number",
                    remedy="send `null` for a missing value",
                )


_DTYPES: Mapping[str, str] = {"float": "float32", "double": "float64"}
_WHOLE: Mapping[str, Any] = {"integer": np.int32, "long": np.int64}


def _typed(values: Any, column: Column) -> Any:
    try:
        if column.type in _DTYPES:
            return _floating(values, _DTYPES[column.type])
        if column.type in _WHOLE:
            return _whole(values, _WHOLE[column.type])
        return _OTHERS.get(column.type, lambda kept: kept)(values)
    except (ValueError, TypeError, OverflowError) as error:
        raise PayloadError(f"the column `{column.name}` is no `{column.type}`: {error}") from error


def _floating(values: pd.Series, kind: str) -> Any:
    with np.errstate(over="ignore"):
        typed = values.astype(kind)
    if np.isinf(typed.to_numpy()).any():
        raise ValueError("a value is too large, or infinite")
    return typed


def _whole(values: pd.Series, kind: Any) -> Any:
    if values.isna().any():
        raise ValueError("a value is missing")
    limits = np.iinfo(kind)
    numbers = [int(value) for value in values]
    if any(n != v for n, v in zip(numbers, values.astype(object), strict=True) if v is not n):
        raise ValueError("a value is no whole number")
    if any(not limits.min <= number <= limits.max for number in numbers):
        raise ValueError(f"a value is outside of {limits.min} to {limits.max}")
    return pd.Series(numbers, index=values.index, dtype=kind)


def _boolean(values: pd.Series) -> Any:
    if not all(isinstance(value, bool | np.bool_) for value in values):
        raise ValueError("a value is neither true nor false")
    return values.astype(bool)


def _text(values: pd.Series) -> Any:
    if wrong := [v for v in values if not isinstance(v, str) and not pd.isna(v)]:
        raise ValueError(f"`{wrong[0]}` is no text")
    return values


_OTHERS: Mapping[str, Callable[[pd.Series], Any]] = {
    "boolean": _boolean,
    "string": _text,
    "datetime": pd.to_datetime,
    "binary": lambda values: values.map(lambda text: base64.b64decode(text, validate=True)),
}


def _array(rows: Any, signature: Signature) -> Any:
    spec, *others = signature.tensors
    if others:
        raise PayloadError("models of several tensors are not served")
    try:
        array: Any = np.asarray(rows, dtype=spec.dtype)
    except (ValueError, TypeError) as error:
        raise PayloadError(f"the rows are no tensor of `{spec.dtype}`: {error}") from error
    found: tuple[int, ...] = array.shape
    fits = len(found) == len(spec.shape) and all(
        want in (-1, have) for want, have in zip(spec.shape, found, strict=False)
    )
    if not fits:
        raise PayloadError(f"the tensor's shape is {found}, the model takes {spec.shape}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise PayloadError("the tensor holds a value that is no finite number")
    return array


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
