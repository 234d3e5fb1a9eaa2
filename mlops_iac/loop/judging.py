"""The judgement of one check on logged requests: the runtime's, the same as on every target.

Beside what the runtime's check takes, the task names `traffic`, `older` and `told` (files of
logged requests and of labels) and `span`.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.loop.logged import events
from mlops_iac.runtime.digest import BASELINE_FILE
from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.inspection import read_metadata
from mlops_iac.runtime.layout import Layout
from mlops_iac.runtime.monitor.__main__ import REPORT, check
from mlops_iac.runtime.monitor.rows import Reading, Rows, Span, read_rows, write_rows
from mlops_iac.runtime.monitor.signals import MODEL_QUALITY
from mlops_iac.runtime.signature import read_signature
from mlops_iac.runtime.task import Task, TaskResult


def judge(layout: Layout, task: Task) -> TaskResult:
    """Judge traffic; leave the report with the time that it is of."""
    reading = _reading(task)
    new, older = (_rows(Path(task[name]), reading) for name in ("traffic", "older"))
    with tempfile.TemporaryDirectory(prefix="mlops-monitor-") as folder:
        written = write_rows(new, Path(folder) / "rows", older)
        result = check(layout, {**task, **written, "baseline": _baseline(task)})
    path = layout.output_dir / REPORT
    report = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {**report, "span": task["span"], "unreadable": new.unreadable})
    return result


def _rows(path: Path, reading: Reading) -> Rows:
    # Each request is a batch of its own: reading stops at the newest that suffice.
    return read_rows(([event] for event in events(path.read_text(encoding="utf-8"))), reading)


def _reading(task: Task) -> Reading:
    labels: Mapping[str, list[Any]] = json.loads(Path(task["told"]).read_text(encoding="utf-8"))
    wants_truth = MODEL_QUALITY in task["signals"]
    return Reading(
        signature=read_signature(read_metadata(Path(task["model"]["path"]))),
        version=task["model"]["version"],
        span=Span(),
        most=sys.maxsize if wants_truth else task["max_rows"],
        needs_inputs=set(task["signals"]) != {MODEL_QUALITY},
        truth={request: tuple(told) for request, told in labels.items()},
    )


def _baseline(task: Task) -> list[str] | None:
    kept = Path(task["model"]["path"]) / BASELINE_FILE
    return [str(kept)] if kept.is_file() else None
