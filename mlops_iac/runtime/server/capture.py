"""Keeping requests and predictions as parquet, for the monitors."""

import json
import logging
import os
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.files import make_private_folder

_LOG = logging.getLogger(__name__)

Inputs = Callable[[], Mapping[str, list[Any]]]


@dataclass(frozen=True, slots=True)
class _Kept:
    timestamp: datetime
    request_id: str
    model: Mapping[str, str]
    inputs: Inputs
    answers: Sequence[Any]


@dataclass(kw_only=True)
class Capture:
    """Collects requests in memory, writes a file when there are enough rows or they are old.

    Rows become a table in the writing thread; a request only leaves what it has.

    Columns: `timestamp` (UTC), `request_id`, `row`, `model_name`, `model_version`,
    `model_digest`, `inputs.<column>` and `prediction`.
    """

    folder: Path
    percent: float
    """Share of the requests that are kept, 0 to 100."""
    max_rows: int
    max_seconds: float
    draw: Callable[[], float] = random.random
    tell_loss: Callable[[int], None] = lambda _: None
    """Told how many rows could not be written."""
    _kept: list[_Kept] = field(default_factory=list[_Kept])
    _rows: int = 0
    _since: float = field(default_factory=time.monotonic)
    _sequence: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))

    def add(
        self, request_id: str, model: Mapping[str, str], inputs: Inputs, answers: Sequence[Any]
    ) -> None:
        """Keep one request's rows, if the draw says so; `inputs` makes its columns later."""
        if self.draw() * 100 >= self.percent:
            return
        kept = _Kept(datetime.now(UTC), request_id, model, inputs, answers)
        with self._lock:
            self._kept.append(kept)
            self._rows += len(answers)
            is_full = self._rows >= self.max_rows
        if is_full:
            self.flush()

    def flush_when_old(self) -> None:
        """Write what is older than the limit; to be called now and then."""
        if self._kept and time.monotonic() - self._since >= self.max_seconds:
            self.flush()

    def flush(self) -> None:
        """Hand what is kept to the writer."""
        with self._lock:
            kept, self._kept = self._kept, []
            rows, self._rows = self._rows, 0
            self._since = time.monotonic()
            self._sequence += 1
            name = f"capture-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{self._sequence}"
        if kept:
            self._writer.submit(self._write, kept, rows, name)

    def close(self) -> None:
        """Write the rest and wait for it."""
        self.flush()
        self._writer.shutdown(wait=True)

    def _write(self, kept: Sequence[_Kept], rows: int, name: str) -> None:
        import pandas as pd

        try:
            folder = make_private_folder(self.folder)
            temporary = folder / f".{name}.tmp"
            with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                pd.DataFrame(_table(kept)).to_parquet(file, index=False)
            temporary.replace(folder / f"{name}.parquet")
        except Exception:  # noqa: BLE001 -- logged whole
            # Losing captured rows must not fail a prediction; the log and its count tell.
            self.tell_loss(rows)
            _LOG.exception("capture lost", extra={"rows": rows})


def columns_of(data: Any) -> dict[str, list[Any]]:
    """Return a model's input, a data frame or an array, as columns."""
    if hasattr(data, "to_dict"):
        return data.to_dict(orient="list")
    return {"tensor": [json.dumps(row) for row in data.tolist()]}


def _table(kept: Sequence[_Kept]) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {}
    done = 0
    for one in kept:
        inputs = one.inputs()
        rows = min([len(one.answers), *map(len, inputs.values())])
        columns = {
            "timestamp": [one.timestamp] * rows,
            "request_id": [one.request_id] * rows,
            **{name: [value] * rows for name, value in one.model.items()},
            "row": list(range(rows)),
            **{f"inputs.{name}": values[:rows] for name, values in inputs.items()},
            "prediction": [_cell(answer) for answer in one.answers[:rows]],
        }
        for name, values in columns.items():
            table.setdefault(name, [None] * done).extend(values)
        done += rows
        for name in table.keys() - columns.keys():
            table[name].extend([None] * rows)
    return table


def _cell(answer: Any) -> Any:
    return json.dumps(answer) if isinstance(answer, list | dict) else answer
