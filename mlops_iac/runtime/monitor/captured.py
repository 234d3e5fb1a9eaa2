"""Captured rows: the newest of a check, and the answers that truth is asked for."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mlops_iac.runtime.frames import Frame

INPUTS = "inputs."
"""What the names of captured inputs begin with."""
REQUEST, ROW, PREDICTION, VERSION = "request_id", "row", "prediction", "model_version"


def newest_rows(folder: Path, names: Sequence[str], most: int) -> Frame:
    """Return the newest rows of some captured files, as they were written.

    Files are read from the last on until there are enough rows. A file that is gone is left out:
    its endpoint was removed with all that it captured.
    """
    import pandas as pd

    frames, rows = list[Frame](), 0
    for frame in _frames(folder, reversed(names)):
        frames.append(frame)
        rows += len(frame)
        if rows >= most:
            break
    if not frames:
        return pd.DataFrame()
    whole = pd.concat(frames, ignore_index=True)
    return whole.sort_values(["timestamp", REQUEST, ROW]).tail(most).reset_index(drop=True)


def answers_to(folder: Path, names: Sequence[str], requests: Iterable[str]) -> Frame:
    """Return request, row, prediction and version of the captured rows of some requests."""
    import pandas as pd

    columns = (REQUEST, ROW, PREDICTION, VERSION)
    wanted, frames = set(requests), list[Frame]()
    for table in _tables(folder, names, list(columns)):
        frame = table.to_pandas().astype(object)
        frames.append(frame[frame[REQUEST].astype(str).isin(wanted)])
    found = [frame for frame in frames if len(frame)]
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    return pd.concat(found, ignore_index=True) if found else empty


def inputs_of(captured: Frame) -> Frame:
    """Return the captured inputs under the names of the model's columns."""
    named = {name: name.removeprefix(INPUTS) for name in captured if name.startswith(INPUTS)}
    return captured[list(named)].rename(columns=named)


def predictions_of(captured: Frame) -> list[Any]:
    """Return one prediction a row; lists, which are captured as JSON, are lists again."""
    return [_uncelled(cell) for cell in captured[PREDICTION].tolist()]


def _uncelled(cell: Any) -> Any:
    is_document = isinstance(cell, str) and cell[:1] in {"[", "{"}
    return json.loads(cell) if is_document else cell


def _frames(folder: Path, names: Iterable[str]) -> Iterator[Frame]:
    # Columns of objects: two files may hold one column in two types, as models change.
    return (table.to_pandas().astype(object) for table in _tables(folder, names, None))


def _tables(folder: Path, names: Iterable[str], columns: list[str] | None) -> Iterator[Any]:
    import pyarrow.parquet as pq

    for name in names:
        if (folder / name).exists():
            with pq.ParquetFile(folder / name) as file:
                yield file.read(columns)
