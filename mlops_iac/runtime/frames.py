"""Reading the files of data as data frames: some columns of all rows, or all in pieces."""

import csv as text_csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from mlops_iac.runtime.columns import CSV, JSONL, PARQUET
from mlops_iac.runtime.contracts import data_files
from mlops_iac.runtime.errors import DataError

Frame: TypeAlias = Any
"""A data frame of pandas, which is imported only where it is used."""
Table: TypeAlias = Any
"""A table of pyarrow."""
Piece: TypeAlias = Any
"""A record batch of pyarrow."""

_PIECE_ROWS = 65_536


def files_of(path: Path, name: str) -> dict[str, Path]:
    """Return the files of an input.

    Raises:
        DataError: there is none.
    """
    found = data_files(path)
    if not found:
        raise DataError(f"the input `{name}` holds no file", remedy="name data that is there")
    return found


def read_columns(
    files: Mapping[str, Path], data_format: str, columns: Sequence[str]
) -> tuple[Frame, dict[str, list[str]]]:
    """Return the named columns of all files, and the files that lack each of them.

    Values of CSV come as text, so that none is lost to a guessed type. A column that no file has
    is not in the frame; where one file lacks it, its values are missing.

    Raises:
        DataError: a file cannot be read.
    """
    import pyarrow as pa

    tables, lacking = list[Table](), dict[str, list[str]]()
    for name, path in sorted(files.items()):
        table = _guarded(name, data_format, lambda path=path: _TABLES[data_format](path, columns))
        for column in columns:
            if column not in table.schema.names:
                lacking.setdefault(column, []).append(name)
        tables.append(table)
    try:
        whole = pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            f"the files differ in their columns: {_first_line(error)}",
            remedy="write all files of one dataset with the same types",
        ) from error
    return whole.to_pandas(), lacking


def read_pieces(files: Mapping[str, Path], data_format: str) -> Iterator[Piece]:
    """Yield all columns of all files, piece by piece.

    Raises:
        DataError: a file cannot be read.
    """
    for name, path in sorted(files.items()):
        pieces = iter(_PIECES[data_format](path))
        while (piece := _guarded(name, data_format, lambda p=pieces: next(p, None))) is not None:
            yield piece


def _guarded(name: str, data_format: str, read: Callable[[], Any]) -> Any:
    import pyarrow as pa

    try:
        return read()
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"`{name}` cannot be read as `{data_format}` ({_first_line(error)})",
            remedy="correct the file, or the declared `format`",
        ) from error


def _parquet_table(path: Path, columns: Sequence[str]) -> Table:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return file.read([name for name in columns if name in file.schema_arrow.names])


def _csv_table(path: Path, columns: Sequence[str]) -> Table:
    import pyarrow as pa
    from pyarrow import csv

    with path.open(encoding="utf-8", newline="") as file:
        header = next(text_csv.reader(file), [])
    present = [name for name in columns if name in header]
    if not present:
        # The number of rows is asked for even when none of the columns is there.
        return csv.read_csv(path).select([])
    options = csv.ConvertOptions(
        strings_can_be_null=True,
        include_columns=present,
        column_types=dict.fromkeys(present, pa.string()),
    )
    return csv.read_csv(path, convert_options=options)


def _jsonl_table(path: Path, columns: Sequence[str]) -> Table:
    from pyarrow import json

    table = json.read_json(path)
    return table.select([name for name in columns if name in table.schema.names])


_TABLES: Mapping[str, Callable[[Path, Sequence[str]], Table]] = {
    PARQUET: _parquet_table,
    CSV: _csv_table,
    JSONL: _jsonl_table,
}


def _parquet_pieces(path: Path) -> Iterator[Piece]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(_PIECE_ROWS)


def _csv_pieces(path: Path) -> Iterator[Piece]:
    from pyarrow import csv

    with csv.open_csv(path, convert_options=csv.ConvertOptions(strings_can_be_null=True)) as file:
        yield from file


def _jsonl_pieces(path: Path) -> Iterator[Piece]:
    from pyarrow import json

    yield from json.read_json(path).to_batches(_PIECE_ROWS)


_PIECES: Mapping[str, Callable[[Path], Iterator[Piece]]] = {
    PARQUET: _parquet_pieces,
    CSV: _csv_pieces,
    JSONL: _jsonl_pieces,
}


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
