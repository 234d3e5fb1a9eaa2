"""A request's rows as numbers and words, read from JSON without a data frame.

Reads less than `mlops_iac.runtime.server.payload` accepts, never more: what is unusual in any way
is left to it, and so are all refusals.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from mlops_iac.runtime.signature import Signature

# Beyond it a whole number loses digits as a float, and the way of rounding begins to matter.
_EXACT = 1 << 53
_INT32 = np.iinfo(np.int32)
_LIMITS = {"long": (-_EXACT, _EXACT), "integer": (int(_INT32.min), int(_INT32.max))}
_PYTHON_TYPES = {
    "double": frozenset({float, int, type(None)}),
    "float": frozenset({float, int, type(None)}),
    "long": frozenset({int}),
    "integer": frozenset({int}),
    "boolean": frozenset({bool}),
    "string": frozenset({str, type(None)}),
}
_DTYPES = {
    "double": "float64", "float": "float32", "long": "int64", "integer": "int32",
    "boolean": "bool", "string": "object",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows that the plain way would accept, too."""

    columns: Sequence[list[Any]]
    """Each column's values as JSON had them, in the signature's order."""
    numbers: Any
    """The columns that are no words, as an array of 64-bit floats: a column a row of it."""

    def __len__(self) -> int:
        return len(self.columns[0])


def can_read(signature: Signature) -> bool:
    """Say whether a model takes nothing but columns of words and numbers."""
    types, names = {column.type for column in signature.columns}, signature.names
    return bool(names) and len(set(names)) == len(names) and types <= set(_PYTHON_TYPES)


class RowReader:
    """Reads bodies for one signature."""

    def __init__(self, signature: Signature) -> None:
        """Read for a signature of which `can_read` is true."""
        types = [column.type for column in signature.columns]
        self.names = signature.names
        self.types = dict(zip(self.names, types, strict=True))
        self.number_names = tuple(name for name in self.names if self.types[name] != "string")
        self._allowed = [_PYTHON_TYPES[kind] for kind in types]
        self._limits = [(i, *_LIMITS[kind]) for i, kind in enumerate(types) if kind in _LIMITS]
        self._numbers = [i for i, kind in enumerate(types) if kind != "string"]
        self._singles = [
            i for i, name in enumerate(self.number_names) if self.types[name] == "float"
        ]

    def read(self, body: bytes) -> Rows | None:
        """Return the rows of a JSON body; `None` when the plain way is to judge it."""
        try:
            columns = _columns(_DECODER.decode(body.decode()), self.names)
            return None if columns is None else self.rows(columns)
        except (ValueError, KeyError, OverflowError, RecursionError):
            return None

    def rows(self, columns: Sequence[list[Any]]) -> Rows | None:
        """Return the rows in `columns`, one list a column; `None` as for `read`.

        Raises:
            OverflowError: a whole number is beyond the floats.
        """
        for allowed, values in zip(self._allowed, columns, strict=True):
            if not allowed.issuperset(map(type, values)):
                return None
        for index, least, most in self._limits:
            if min(columns[index]) < least or max(columns[index]) > most:
                return None
        numbers = np.array([columns[i] for i in self._numbers], dtype=np.float64)
        for index in self._singles:
            with np.errstate(over="ignore"):
                numbers[index] = numbers[index].astype(np.float32)
        if np.isinf(numbers).any():
            return None
        return Rows(columns, numbers)

    def frame(self, columns: Sequence[list[Any]]) -> Any:
        """Return the data frame that the plain way would make of the columns of rows."""
        import pandas as pd

        return pd.DataFrame(
            {
                name: np.array(values, dtype=_DTYPES[self.types[name]])
                for name, values in zip(self.names, columns, strict=True)
            }
        )

    def lists(self, rows: Rows) -> dict[str, list[Any]]:
        """Return name → values, the numbers as the model's types have them."""
        found = dict(zip(self.names, rows.columns, strict=True))
        for index, name in enumerate(self.number_names):
            if self.types[name] in {"double", "float"}:
                found[name] = rows.numbers[index].tolist()
        return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _columns(document: Any, names: Sequence[str]) -> Sequence[list[Any]] | None:
    """Return the document's columns in the order of `names`; `None` for an unusual form."""
    if isinstance(document, list):
        return _from_rows(document, names)
    if not isinstance(document, dict):
        return None
    keys = _KEYS.intersection(document)
    if len(keys) != 1:
        return None
    value = document[key := next(iter(keys))]
    read = _FORMS.get((key, type(value)))
    return None if read is None else read(value, names)


def _from_rows(rows: list[Any], names: Sequence[str]) -> Sequence[list[Any]] | None:
    kinds = set(map(type, rows))
    if kinds not in ({dict}, {list}) or set(map(len, rows)) != {len(names)}:
        return None
    if kinds == {dict}:
        return [[row[name] for row in rows] for name in names]
    return [list(values) for values in zip(*rows, strict=True)]


def _from_split(split: dict[str, Any], names: Sequence[str]) -> Sequence[list[Any]] | None:
    columns = split["columns"]
    found = _from_rows(split["data"], names) if type(split["data"]) is list else None
    if found is None or type(columns) is not list or type(split["data"][0]) is not list:
        return None
    if set(map(type, columns)) != {str} or len(columns) != len(names):
        return None
    by_name = dict(zip(columns, found, strict=True))
    return [by_name[name] for name in names]


def _from_named(value: dict[str, Any], names: Sequence[str]) -> Sequence[list[Any]] | None:
    if len(value) != len(names) or set(map(type, value.values())) != {list}:
        return None
    lengths = set(map(len, value.values()))
    if len(lengths) != 1 or lengths == {0}:
        return None
    return [value[name] for name in names]


_FORMS: Mapping[tuple[str, type], Callable[[Any, Sequence[str]], Sequence[list[Any]] | None]] = {
    ("dataframe_records", list): _from_rows,
    ("dataframe_split", dict): _from_split,
    ("input_data", dict): _from_split,
    ("input_data", list): _from_rows,
    ("inputs", dict): _from_named,
    ("inputs", list): _from_rows,
    ("instances", list): _from_rows,
}
"""Key of a body and the kind of its value → how it becomes columns."""
_KEYS = frozenset(key for key, _ in _FORMS)
