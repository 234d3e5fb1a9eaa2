"""Keeping requests and predictions as parquet, for the monitors."""

import json
import logging
import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac.runtime.files import make_private_folder

_LOG = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Capture:
    """Collects rows in memory, writes a file when there are enough or they are old.

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
    _rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    _since: float = field(default_factory=time.monotonic)
    _sequence: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))

    def add(self, request_id: str, model: dict[str, str], data: Any, answers: list[Any]) -> None:
        """Keep one request's rows, if the draw says so."""
        if self.draw() * 100 >= self.percent:
            return
        now = datetime.now(UTC)
        rows = _records(data)
        common = {"timestamp": now, "request_id": request_id, **model}
        with self._lock:
            for index, (row, answer) in enumerate(zip(rows, answers, strict=False)):
                inputs = {f"inputs.{name}": value for name, value in row.items()}
                self._rows.append({**common, "row": index, **inputs, "prediction": _cell(answer)})
            is_full = len(self._rows) >= self.max_rows
        if is_full:
            self.flush()

    def flush_when_old(self) -> None:
        """Write what is older than the limit; to be called now and then."""
        if self._rows and time.monotonic() - self._since >= self.max_seconds:
            self.flush()

    def flush(self) -> None:
        """Hand what is kept to the writer."""
        with self._lock:
            rows, self._rows = self._rows, []
            self._since = time.monotonic()
            self._sequence += 1
            name = f"capture-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}-{self._sequence}"
        if rows:
            self._writer.submit(self._write, rows, name)

    def close(self) -> None:
        """Write the rest and wait for it."""
        self.flush()
        self._writer.shutdown(wait=True)

    def _write(self, rows: list[dict[str, Any]], name: str) -> None:
        import pandas as pd

        try:
            folder = make_private_folder(self.folder)
            temporary = folder / f".{name}.tmp"
            with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                pd.DataFrame(rows).to_parquet(file, index=False)
            temporary.replace(folder / f"{name}.parquet")
        except Exception:  # noqa: BLE001 -- logged whole
            # Losing captured rows must not fail a prediction; the log and its count tell.
            self.tell_loss(len(rows))
            _LOG.exception("capture lost", extra={"rows": len(rows)})


def _records(data: Any) -> list[dict[str, Any]]:
    if hasattr(data, "to_dict"):
        return data.to_dict(orient="records")
    return [{"tensor": json.dumps(row)} for row in data.tolist()]


def _cell(answer: Any) -> Any:
    return json.dumps(answer) if isinstance(answer, list | dict) else answer
