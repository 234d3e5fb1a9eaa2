"""Late truth in a file: labels of predictions, checked before any of them is kept."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.monitor.captured import REQUEST, ROW
from mlops_iac.runtime.monitor.performance import LABEL


def read_truth(path: Path, label: str | None) -> Any:
    """Return the labels in a file: a data frame of `request_id`, `row` and `label`.

    Args:
        path: CSV, JSON lines or parquet with `request_id`, the label, and `row` where a request
            had several; without it a request's lines are in the order of its rows.
        label: column with the label; the only other column when left out.

    Raises:
        OperationError: the file cannot be read, or lists all that is wrong with it.
    """
    frame = _read(path)
    column = label or _only_other(frame, path)
    _require(frame, column, path)
    kept = _normal(frame, column)
    _require_unique(kept, path)
    return kept


def _read(path: Path) -> Any:
    import pyarrow as pa

    if path.suffix not in _READERS:
        raise OperationError(
            f"`{path.name}` is of no known format",
            remedy=f"name a file that ends with {', '.join(_READERS)}",
        )
    try:
        return _READERS[path.suffix](path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise OperationError(f"`{path}` cannot be read: {str(error).splitlines()[0]}") from error


def _read_csv(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    # A request may be called `0017`.
    options = csv.ConvertOptions(column_types={REQUEST: pa.string()}, strings_can_be_null=True)
    return csv.read_csv(path, convert_options=options)


def _read_json(path: Path) -> Any:
    from pyarrow import json

    return json.read_json(path)


def _read_parquet(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(path)


_READERS: Mapping[str, Callable[[Path], Any]] = {
    ".csv": _read_csv,
    ".jsonl": _read_json,
    ".json": _read_json,
    ".parquet": _read_parquet,
}


def _only_other(frame: Any, path: Path) -> str:
    others = [name for name in frame.columns if name not in {REQUEST, ROW}]
    if len(others) != 1:
        listed = ", ".join(f"`{name}`" for name in others) or "none"
        raise OperationError(
            f"the label of `{path.name}` is not clear: beside `{REQUEST}` and `{ROW}` it has "
            f"{listed}",
            remedy="name the label's column: `--label NAME`",
        )
    return str(others[0])


def _require(frame: Any, label: str, path: Path) -> None:
    if faults := list(_faults(frame, label)):
        raise OperationError(
            f"`{path.name}` is no truth: {'; '.join(faults)}",
            remedy=f"a line has the `{REQUEST}` that the answer's header `x-request-id` gave, "
            "and the label",
        )


def _faults(frame: Any, label: str) -> Iterator[str]:
    present = set(frame.columns)
    yield from (f"there is no column `{name}`" for name in (REQUEST, label) if name not in present)
    if not len(frame):
        yield "it has no line"
    for name in (REQUEST, ROW, label):
        missing = int(frame[name].isna().sum()) if name in present else 0
        if missing:
            yield f"{missing} lines have no `{name}`"
    if ROW in present and not _are_rows(frame[ROW].dropna()):
        yield f"`{ROW}` is not a number from 0 on everywhere"


def _are_rows(values: Any) -> bool:
    import pandas as pd

    numbers: Any = pd.to_numeric(values, errors="coerce")
    return bool((numbers.notna() & (numbers >= 0) & (numbers % 1 == 0)).all())


def _normal(frame: Any, label: str) -> Any:
    import pandas as pd

    requests = frame[REQUEST].astype(str)
    rows = frame[ROW] if ROW in frame.columns else frame.groupby(requests).cumcount()
    return pd.DataFrame({REQUEST: requests, ROW: rows.astype("int64"), LABEL: frame[label]})


def _require_unique(kept: Any, path: Path) -> None:
    doubled = kept[kept.duplicated([REQUEST, ROW])]
    if len(doubled):
        first = doubled.iloc[0]
        raise OperationError(
            f"`{path.name}` has {len(doubled)} labels for rows that it has a label for, such as "
            f"row {first[ROW]} of `{first[REQUEST]}`",
            remedy="leave one label for each row of a request",
        )
