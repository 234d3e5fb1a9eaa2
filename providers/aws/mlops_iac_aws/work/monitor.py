"""`python -m mlops_iac_aws.work monitor`: one check of captured traffic for Model Monitor.

The judgement is the runtime's own, the same as on every target. An alarm is a completed check
with violations; a failed one says nothing about the traffic.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.errors import MlopsError
from mlops_iac.runtime.digest import BASELINE_FILE
from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.layout import Layout, read_layout
from mlops_iac.runtime.monitor.__main__ import REPORT, check
from mlops_iac.runtime.monitor.rows import Reading, Rows, Span, read_rows, write_rows
from mlops_iac.runtime.monitor.signals import MODEL_QUALITY
from mlops_iac.runtime.task import TaskResult, read_task
from mlops_iac_aws.monitors.capture import capture_files, events_of, truth_of
from mlops_iac_aws.monitors.container import Container, container_of, signature_of


def main(arguments: Sequence[str]) -> int:
    """Do the check that this container was started for; return its exit code."""
    del arguments
    container = container_of(os.environ)
    try:
        with tempfile.TemporaryDirectory(prefix="mlops-monitor-") as folder:
            container.tell(_checked(container, Path(folder)))
    except MlopsError as error:
        sys.stderr.write(f"{error}\n")
        container.tell(f"{type(error).__name__}: {error.message}")
        return 1
    return 0


def _checked(container: Container, folder: Path) -> str:
    task = read_task(os.environ)
    model = container.unpacked_model(folder / "model")
    rows = read_rows(
        map(events_of, capture_files(container.dataset)), _reading(container, task, model)
    )
    whole = {
        **task,
        **write_rows(rows, folder / "rows"),
        "model": _model(container, model),
        "baseline": _baseline(container, model),
    }
    container.output.mkdir(parents=True, exist_ok=True)
    result = check(_layout(container), whole)
    return _reported(container, rows, result)


def _reading(container: Container, task: Mapping[str, Any], model: Path | None) -> Reading:
    version = container.version() or {}
    is_of_truth = MODEL_QUALITY in task["signals"]
    return Reading(
        signature=signature_of(model),
        version=str(version.get("version", "")),
        # The merge of the truth looks further back, and has looked at the time.
        span=Span() if is_of_truth and container.truth is None else container.span,
        most=sys.maxsize if is_of_truth else task["max_rows"],
        needs_inputs=set(task["signals"]) != {MODEL_QUALITY},
        truth=None if container.truth is None else truth_of(container.truth),
    )


def _model(container: Container, model: Path | None) -> dict[str, Any] | None:
    version = container.version()
    if version is None:
        return None
    return {
        "version": version["version"],
        "path": str(model),
        "digest": version["digest"],
        "trust_pickle": os.environ.get(contract.TRUST_PICKLE) == "1",
    }


def _baseline(container: Container, model: Path | None) -> list[str] | None:
    if container.declared is not None:
        return [str(container.declared)]
    kept = None if model is None else model / BASELINE_FILE
    return None if kept is None or not kept.is_file() else [str(kept)]


def _layout(container: Container) -> Layout:
    return read_layout({contract.PLATFORM: "mlops-iac", contract.OUTPUT_DIR: str(container.output)})


def _reported(container: Container, rows: Rows, result: TaskResult) -> str:
    path = container.output / REPORT
    span = {"from": container.span.start, "to": container.span.end}
    report = {
        **json.loads(path.read_text(encoding="utf-8")),
        "schedule": container.schedule,
        "span": {name: moment and moment.isoformat() for name, moment in span.items()},
        "unreadable": rows.unreadable,
    }
    write_json(path, report)
    container.publish(result.metrics)
    if faults := container.write_violations(report):
        return f"CompletedWithViolations: {report['reason']} ({faults} violations)"
    return f"Completed: {report['reason']}"
