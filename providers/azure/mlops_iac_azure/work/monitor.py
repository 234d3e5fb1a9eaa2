"""`python -m mlops_iac_azure.work monitor`: one check of an endpoint's traffic, in two steps.

The first one judges, where the model is loaded, under the training identity; the second one, under
the pipelines', keeps the report and tells of it. An alarm is a finished run. A failed one says
nothing about the traffic, which the next one looks at again.
"""

import json
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.errors import NothingToDoError
from mlops_iac.loop import logged
from mlops_iac.loop.judging import judge
from mlops_iac.loop.preparing import Prepared
from mlops_iac.runtime.layout import Layout, read_layout
from mlops_iac.runtime.monitor.__main__ import PAGE, REPORT
from mlops_iac_azure import documents, serving
from mlops_iac_azure.kept import reports_of
from mlops_iac_azure.monitor_steps import JUDGED_BY
from mlops_iac_azure.monitors import telling
from mlops_iac_azure.monitors.preparing import Watched, prepared
from mlops_iac_azure.serving import Work
from mlops_iac_azure.work.launch import Launch, perform, read, say

_TYPES = {PAGE: "text/html", REPORT: "application/json"}


def main(arguments: Sequence[str]) -> int:
    """Do one step of a check; return the exit code."""
    launch = read(arguments)
    return perform(launch, told if JUDGED_BY in launch.document else judged)


def judged(launch: Launch) -> dict[str, Any]:
    """Judge; return what it has come to, and `nothing` with the reason when it had none."""
    watched = Watched.of(launch.document["watched"])
    deployment = serving.load(launch.where, launch.bucket, watched.endpoint)
    work = Work(place=launch.where, log=say, pause=launch.pause)
    with tempfile.TemporaryDirectory(prefix="mlops-check-") as folder:
        root = Path(folder)
        try:
            found = prepared(work, watched, deployment, root / "model", datetime.now(UTC))
        except NothingToDoError as error:
            say(f"{watched.monitor}: {error.message}")
            return {"nothing": error.message}
        result = judge(_layout(launch, root / "output"), _task(launch, found, root))
        _leave(launch, root / "output")
    return {"metrics": result.metrics, "until": found.until.isoformat()}


def told(launch: Launch) -> dict[str, Any]:
    """Keep the report of the step before, and tell of it; return what it says."""
    watched = Watched.of(launch.document["watched"])
    found = launch.report_of(launch.document[JUDGED_BY])
    if "nothing" in found:
        return {"nothing": found["nothing"]}
    folder = reports_of(launch.where, launch.bucket, watched.monitor).folder(
        datetime.fromisoformat(found["until"])
    )
    report = _keep(launch, launch.document[JUDGED_BY], folder)
    telling.measure(launch.where, watched.tag, found["metrics"])
    if report["alarm"]:
        telling.tag(launch.where, launch.run, telling.ALARM_TAG, watched.tag)
    say(f"{watched.monitor}: {report['reason']}")
    return {"metrics": found["metrics"], "reason": report["reason"], "folder": folder}


def _layout(launch: Launch, output: Path) -> Layout:
    output.mkdir()
    mounted = {
        contract.INPUT + contract.input_suffix(name): str(launch.inputs[name] / inside)
        for name, inside in launch.document["within"].items()
    }
    return read_layout(
        {contract.PLATFORM: "mlops-iac", contract.OUTPUT_DIR: str(output), **mounted}
    )


def _task(launch: Launch, found: Prepared, root: Path) -> dict[str, Any]:
    texts = {
        "traffic": logged.lines(found.new),
        "older": logged.lines(found.older),
        "told": json.dumps(found.labels),
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    return {
        **launch.document["task"],
        **{name: str(root / name) for name in texts},
        "span": {"from": found.since.isoformat(), "to": found.until.isoformat()},
        "model": found.model,
    }


def _leave(launch: Launch, output: Path) -> None:
    """Leave report and page in the step's own folder of the run."""
    for name, kind in _TYPES.items():
        if (output / name).exists():
            path, content = f"{launch.base}/{name}", (output / name).read_bytes()
            documents.write_bytes(launch.where, launch.bucket, path, content, content_type=kind)


def _keep(launch: Launch, step: str, folder: str) -> dict[str, Any]:
    """Copy page and report to the monitor's own folder, the report last; return it."""
    left = launch.base_of(step)
    content = b"{}"
    for name, kind in _TYPES.items():
        held = documents.read_bytes(launch.where, launch.bucket, f"{left}/{name}")
        if held is not None:
            content, path = held[0], f"{folder}/{name}"
            documents.write_bytes(launch.where, launch.bucket, path, content, content_type=kind)
    return json.loads(content)
