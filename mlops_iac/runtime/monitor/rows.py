"""From what a target captured of an endpoint to the rows that the runtime's check reads."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.errors import DataError, PayloadError
from mlops_iac.runtime.monitor.captured import INPUTS, PREDICTION, REQUEST, ROW, VERSION
from mlops_iac.runtime.monitor.ledger import Seen, extend_ledger
from mlops_iac.runtime.monitor.performance import LABEL
from mlops_iac.runtime.signature import Signature

_CAPTURED, _OLDER, _UNREAD = "captured.parquet", "older.parquet", "unread"
_LEDGER, _FOLDER, _TRUTH = "ledger.txt", "captured", "truth"


@dataclass(frozen=True, kw_only=True)
class Body:
    """One side of a captured event."""

    content: bytes
    is_csv: bool


@dataclass(frozen=True, kw_only=True)
class Event:
    """A captured request, and its answer."""

    request: str
    """The caller's own name for it, else the platform's."""
    at: datetime
    asked: Body
    answered: Body
    truth: tuple[Any, ...] | None = None
    """Labels of its rows, `None` where one is not known; `None` when no truth has come."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """The time that a check is of; its end does not belong to it."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is in it."""
        is_late = self.start is None or moment >= self.start
        return is_late and (self.end is None or moment < self.end)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How captured events are read."""

    signature: Signature
    """What the model takes; an empty one reads rows that name their columns."""
    version: str
    """Version that has answered."""
    span: Span
    most: int
    """So many of the newest rows are read, the others counted."""
    needs_inputs: bool = True
    truth: Mapping[str, tuple[Any, ...]] | None = None
    """Labels by request, where nobody has merged them with the events."""


@dataclass(kw_only=True)
class Rows:
    """What was read."""

    read: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    truth: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    counted: int = 0
    """Events that were not read because newer ones sufficed."""
    unreadable: int = 0
    """Requests, or answers, that do not fit the model: what the endpoint refused."""


def read_rows(batches: Iterable[Iterable[Event]], reading: Reading) -> Rows:
    """Return the newest captured rows, and their truth where it has come.

    Args:
        batches: events of the newest first; each is read as a whole, or not at all.
        reading: how.

    Raises:
        DataError: there are events, and none of them can be read.
    """
    rows = Rows()
    for batch in batches:
        _read_batch(batch, reading, rows)
    if rows.unreadable and not rows.read:
        raise DataError(
            f"none of {rows.unreadable} captured requests fits the model",
            remedy="send rows that the model takes; see `mlops-iac predict`",
        )
    return rows


def write_rows(rows: Rows, folder: Path, older: Rows | None = None) -> dict[str, Any]:
    """Write rows and truth as the runtime reads them; return what of a task names them.

    Args:
        rows: what is judged.
        folder: where to; a part of a task names what lies there.
        older: rows that only late truth is looked for in.
    """
    captured = folder / _FOLDER
    captured.mkdir(parents=True)
    before = [] if older is None else [*_write_captured(older, captured / _OLDER)]
    seen = [*before, *_write_captured(rows, captured / _CAPTURED)]
    if rows.counted:
        seen.append(Seen(name=_UNREAD, rows=rows.counted))
    extend_ledger(folder / _LEDGER, seen)
    truth = [*rows.truth, *(() if older is None else older.truth)]
    return {
        "captured": str(captured),
        "ledger": str(folder / _LEDGER),
        "rows": [len(before), len(seen)],
        "labels": _write_truth(truth, folder / _TRUTH, len(seen)),
    }


def _write_captured(rows: Rows, path: Path) -> Iterator[Seen]:
    import pandas as pd

    if rows.read:
        pd.DataFrame.from_records(rows.read).to_parquet(path, index=False)
        yield Seen(name=path.name, rows=len(rows.read))


def _write_truth(truth: Sequence[Mapping[str, Any]], folder: Path, end: int) -> dict[str, Any]:
    import pandas as pd

    folder.mkdir()
    if truth:
        pd.DataFrame.from_records(list(truth)).to_parquet(folder / "0.parquet", index=False)
    told = int(bool(truth))
    return {
        "first": 0,
        "judged": 0,
        "end": end,
        "truth": str(folder),
        "told": told,
        "judged_told": 0,
    }


def _read_batch(batch: Iterable[Event], reading: Reading, rows: Rows) -> None:
    events = (event for event in batch if reading.span.holds(event.at))
    if len(rows.read) >= reading.most:
        rows.counted += sum(1 for _ in events)
        return
    for event in events:
        _read_event(event, reading, rows)


def _read_event(event: Event, reading: Reading, rows: Rows) -> None:
    try:
        made = list(_rows_of(event, reading))
    except (PayloadError, ValueError, KeyError, TypeError):
        rows.unreadable += 1
        return
    rows.read += made
    rows.truth += _labels_of(event, reading, len(made))


def _rows_of(event: Event, reading: Reading) -> Iterator[dict[str, Any]]:
    answers = _answers(event.answered.content)
    columns = _columns(event, reading.signature) if reading.needs_inputs else {}
    count = min([len(answers), *map(len, columns.values())])
    for row in range(count):
        yield {
            "timestamp": event.at,
            REQUEST: event.request,
            ROW: row,
            VERSION: reading.version,
            **{f"{INPUTS}{name}": values[row] for name, values in columns.items()},
            PREDICTION: _cell(answers[row]),
        }


def _columns(event: Event, signature: Signature) -> Mapping[str, list[Any]]:
    from mlops_iac.runtime.server.capture import columns_of
    from mlops_iac.runtime.server.payload import parse_csv, parse_json

    parse = parse_csv if event.asked.is_csv else parse_json
    return columns_of(parse(event.asked.content, signature).data)


def _answers(content: bytes) -> list[Any]:
    document = json.loads(content)
    if "predictions" in document:
        return list(document["predictions"])
    tensor = document["outputs"][0]
    shape, data = tensor["shape"], tensor["data"]
    width = len(data) // shape[0] if shape[0] else 1
    is_flat = len(shape) == 1
    return data if is_flat else [data[i : i + width] for i in range(0, len(data), width)]


def _cell(answer: Any) -> Any:
    return json.dumps(answer) if isinstance(answer, list | dict) else answer


def _labels_of(event: Event, reading: Reading, count: int) -> Iterable[dict[str, Any]]:
    labels = (event.truth or (reading.truth or {}).get(event.request) or ())[:count]
    return [
        {REQUEST: event.request, ROW: row, LABEL: label}
        for row, label in enumerate(labels)
        if label is not None
    ]
