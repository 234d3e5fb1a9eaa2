"""Reading the files of data as Arrow tables, with the columns that a feature store needs."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.runtime.columns import (
    BOOLEAN,
    CSV,
    INTEGER,
    JSONL,
    NUMBER,
    PARQUET,
    STRING,
    TIMESTAMP,
)
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features.arrow import Column, Table, functions

_SUFFIXES = {".csv": CSV, ".jsonl": JSONL, ".ndjson": JSONL, ".json": JSONL}


def format_of(path: Path) -> str:
    """Return the format of a file: Parquet by its first bytes, else by its suffix.

    Raises:
        DataError: neither tells.
    """
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return PARQUET
    found = _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise DataError(
            f"`{path.name}` is no table that features can be joined to",
            remedy="write it as Parquet, or name it `.csv` or `.jsonl`",
        )
    return found


def read_table(
    path: Path, data_format: str, types: Mapping[str, str], *, only: Iterable[str] | None = None
) -> Table:
    """Return the rows of a file, in their order.

    Args:
        path: the file.
        data_format: `parquet`, `csv` or `jsonl`.
        types: types of columns of a CSV file, which itself has none.
        only: the columns to read, those that are there; all when left out.

    Raises:
        DataError: the file cannot be read.
    """
    import pyarrow as pa

    try:
        return _READERS[data_format](path, types, None if only is None else list(only))
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"`{path.name}` cannot be read as `{data_format}` ({str(error).partition(chr(10))[0]})",
            remedy="correct the file, or the declared types and format",
        ) from error


def _read_parquet(path: Path, types: Mapping[str, str], only: list[str] | None) -> Table:
    del types
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        return file.read(None if only is None else [name for name in only if name in names])


def _read_csv(path: Path, types: Mapping[str, str], only: list[str] | None) -> Table:
    from pyarrow import csv

    with csv.open_csv(path) as head:
        names = head.schema.names
    chosen = names if only is None else [name for name in only if name in names]
    options = csv.ConvertOptions(
        strings_can_be_null=True,
        include_columns=chosen,
        column_types={
            name: _CSV_TYPES[kind]() for name, kind in types.items() if kind in _CSV_TYPES
        },
    )
    return csv.read_csv(path, convert_options=options)


def _read_jsonl(path: Path, types: Mapping[str, str], only: list[str] | None) -> Table:
    del types
    from pyarrow import json

    table = json.read_json(path)
    return table if only is None else table.select([n for n in only if n in table.schema.names])


_READERS: Mapping[str, Callable[[Path, Mapping[str, str], list[str] | None], Table]] = {
    PARQUET: _read_parquet,
    CSV: _read_csv,
    JSONL: _read_jsonl,
}


def _arrow(name: str) -> Callable[[], Any]:
    def make() -> Any:
        import pyarrow as pa

        return getattr(pa, name)()

    return make


_CSV_TYPES = {STRING: _arrow("string"), INTEGER: _arrow("int64"), NUMBER: _arrow("float64"),
              BOOLEAN: _arrow("bool_")}  # fmt: skip
"""A timestamp is left to the reader, which knows more spellings."""


def _utc_microseconds() -> Any:
    import pyarrow as pa

    return pa.timestamp("us", "UTC")


STORED_TYPES: Mapping[str, Callable[[], Any]] = {**_CSV_TYPES, TIMESTAMP: _utc_microseconds}
"""How each type is stored. Nanoseconds cannot be: Feast's duckdb store fails on them."""

_FITS: Mapping[str, tuple[str, ...]] = {
    STRING: ("is_string", "is_large_string", "is_string_view"),
    INTEGER: ("is_integer",),
    NUMBER: ("is_integer", "is_floating", "is_decimal"),
    BOOLEAN: ("is_boolean",),
    TIMESTAMP: ("is_timestamp", "is_date"),
}


def kind_of(found: Any, kinds: Iterable[str]) -> str | None:
    """Return the first of `kinds` that an Arrow type is; `None` when it is none of them."""
    from pyarrow import types

    value = found.value_type if types.is_dictionary(found) else found
    for kind in kinds:
        if types.is_null(value) or any(getattr(types, test)(value) for test in _FITS[kind]):
            return kind
    return None


def moments(column: Column, *, up: bool) -> Column:
    """Return times as microseconds in UTC; one without a zone is UTC.

    Args:
        column: timestamps or dates.
        up: whether a part of a microsecond counts as a whole one. When values are known is
            rounded up and when they are asked for is rounded down, so rounding lets nothing of
            the future in.
    """
    import pyarrow as pa
    from pyarrow import types

    if types.is_timestamp(column.type) and column.type.unit == "ns":
        # Without the zone: its rules are not needed to count in UTC.
        plain = column.cast(pa.timestamp("ns"))
        column = (functions().ceil_temporal if up else functions().floor_temporal)(
            plain, unit="microsecond"
        )
        column = column.cast(pa.timestamp("us"))
    return column.cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))


def converted(column: Column, kind: str) -> Column:
    """Return a column in the type that it is stored in.

    Raises:
        pyarrow.ArrowInvalid: a value does not fit.
    """
    return moments(column, up=False) if kind == TIMESTAMP else column.cast(STORED_TYPES[kind]())
