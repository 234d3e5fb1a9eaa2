"""Checking data against the declared columns; an error names the file and the column.

The launcher does it on the files that a job was really given; the `local` target also when data
is added to its store.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import DataError

STRING, INTEGER, NUMBER, BOOLEAN, TIMESTAMP = (
    "string", "integer", "number", "boolean", "timestamp",
)  # fmt: skip
PARQUET, CSV, JSONL, FILES = "parquet", "csv", "jsonl", "files"
FORMATS = frozenset({PARQUET, CSV, JSONL, FILES})
"""The words of `mlops_iac.specs.dataset`, which does not travel into containers."""
_BLOCK_BYTES = 8 << 20


def check_columns(files: Mapping[str, Path], data_format: str, columns: Mapping[str, str]) -> None:
    """Compare every file's columns with the declared ones.

    Parquet is judged by its own schema; CSV and JSON lines by reading them whole, so that a wrong
    value in the last line is found. Columns that are not declared are no fault.

    Raises:
        DataError: lists each file and column that is wrong, or the file that cannot be read.
    """
    if not columns or data_format == FILES:
        return
    faults = [
        fault
        for name in sorted(files)
        for fault in _faults(name, files[name], data_format, columns)
    ]
    if faults:
        raise DataError(
            "the data is not what its `columns` declare: " + "; ".join(faults),
            remedy="correct the data, or the declared columns",
        )


def check_readable(files: Mapping[str, Path], data_format: str) -> None:
    """Fail when a file is not of the declared format, judged from its beginning.

    Raises:
        DataError: names the first such file.
    """
    if data_format == FILES:
        return
    for name, path in files.items():
        with path.open("rb") as file:
            fault = _FORMAT_FAULTS[data_format](file.read(64))
        if fault:
            raise DataError(f"`{name}` is not `{data_format}`: {fault}", remedy="set `format`")


def _parquet_fault(head: bytes) -> str | None:
    return None if head.startswith(b"PAR1") else "it does not begin with `PAR1`"


def _text_fault(head: bytes) -> str | None:
    return "it holds zero bytes" if b"\0" in head else None


def _jsonl_fault(head: bytes) -> str | None:
    return None if head.lstrip()[:1] in {b"{", b""} else "its first line is not a JSON object"


_FORMAT_FAULTS: Mapping[str, Callable[[bytes], str | None]] = {
    PARQUET: _parquet_fault,
    CSV: _text_fault,
    JSONL: _jsonl_fault,
}


def _faults(name: str, path: Path, data_format: str, columns: Mapping[str, str]) -> Iterator[str]:
    import pyarrow as pa

    try:
        schema = _READERS[data_format](path, columns)
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        yield f"`{name}` cannot be read as `{data_format}` ({_first_line(error)})"
        return
    for column, declared in columns.items():
        if column not in schema.names:
            yield f"`{name}` has no column `{column}`"
        elif not _matches(schema.field(column).type, declared, data_format):
            found = schema.field(column).type
            yield f"column `{column}` of `{name}` is `{found}`, declared `{declared}`"


def _parquet_schema(path: Path, columns: Mapping[str, str]) -> Any:  # noqa: ARG001  a table's row
    import pyarrow.parquet as pq

    return pq.read_schema(path)


def _csv_schema(path: Path, columns: Mapping[str, str]) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ConvertOptions(strings_can_be_null=True)
    # The first block decides the types and later blocks must keep them: `NA` in a column of
    # numbers is a null, a word is not.
    with csv.open_csv(
        path, read_options=csv.ReadOptions(block_size=_BLOCK_BYTES), convert_options=options
    ) as reader:
        schema = reader.schema
        empty = {
            name: pa.float64() for name in schema.names if pa.types.is_null(schema.field(name).type)
        }
    wanted = {name: _ARROW[kind]() for name, kind in columns.items() if kind in _ARROW}
    options = csv.ConvertOptions(
        strings_can_be_null=True,
        column_types={**empty, **{k: v for k, v in wanted.items() if k in schema.names}},
        include_columns=[name for name in columns if name in schema.names] or schema.names[:1],
    )
    with csv.open_csv(
        path, read_options=csv.ReadOptions(block_size=_BLOCK_BYTES), convert_options=options
    ) as reader:
        for _ in reader:
            pass
    return schema


def _jsonl_schema(path: Path, columns: Mapping[str, str]) -> Any:  # noqa: ARG001  a table's row
    from pyarrow import json

    return json.read_json(path).schema


_READERS: Mapping[str, Callable[[Path, Mapping[str, str]], Any]] = {
    PARQUET: _parquet_schema,
    CSV: _csv_schema,
    JSONL: _jsonl_schema,
}


def _arrow(name: str) -> Callable[[], Any]:
    def make() -> Any:
        import pyarrow as pa

        return getattr(pa, name)()

    return make


_ARROW: Mapping[str, Callable[[], Any]] = {
    STRING: _arrow("string"),
    INTEGER: _arrow("int64"),
    NUMBER: _arrow("float64"),
    BOOLEAN: _arrow("bool_"),
}
"""How a CSV column is read; a timestamp is left to the reader, which knows more spellings."""

_TESTS: Mapping[str, tuple[str, ...]] = {
    STRING: ("is_string", "is_large_string", "is_dictionary", "is_string_view"),
    INTEGER: ("is_integer",),
    NUMBER: ("is_integer", "is_floating", "is_decimal"),
    BOOLEAN: ("is_boolean",),
    TIMESTAMP: ("is_timestamp", "is_date"),
}


def _matches(found: Any, declared: str, data_format: str) -> bool:
    from pyarrow import types

    # Text formats hold no types: a null column, or a code of digits, is what it is declared to be.
    if types.is_null(found) or (data_format == CSV and declared in _ARROW):
        return True
    return any(getattr(types, test)(found) for test in _TESTS[declared])


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
