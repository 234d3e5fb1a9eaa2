"""Starting a check: settled on the rows that wait, on what is served, and on its baseline."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac.errors import NothingToDoError, OperationError
from mlops_iac.operations import Run
from mlops_iac.runtime.monitor.signals import MODEL_QUALITY
from mlops_iac_local import registry, serving
from mlops_iac_local.files import locked
from mlops_iac_local.jobs.definition import Definition, definition, require_parameters
from mlops_iac_local.jobs.runs import RUNNING, read_run, runs_of
from mlops_iac_local.jobs.starting import Request, start
from mlops_iac_local.layout import Layout
from mlops_iac_local.loop.starts import is_under_way
from mlops_iac_local.monitors.baselines import learned_rows
from mlops_iac_local.monitors.places import captured, truth
from mlops_iac_local.monitors.windows import Window, endpoint_of, ledger_file, window

KIND = "ModelMonitor"
BASELINE = "baseline"
SETTLED: Mapping[str, str] = dict.fromkeys(
    ("captured", "ledger", "ledger_id", "rows", "labels", "model", BASELINE), ""
)
"""What of a check's task only its start settles."""


def request(layout: Layout, made: Definition, asked: Request) -> Request:
    """Return what is asked of a monitor, with the rows and the truth that this check is of.

    Raises:
        NothingToDoError: too few rows wait, or nothing is served.
        OperationError: another check is under way, or the baseline is not known.
    """
    if is_under_way(layout, made.component):
        raise OperationError(
            f"a check of `{made.component}` is under way",
            remedy=f"`mlops-iac wait {made.component}` waits for it",
        )
    declared = {k: v for k, v in (made.task or {}).items() if k not in SETTLED}
    require_parameters(replace(made, task=declared), asked.overrides)
    endpoint, task = endpoint_of(made), {**declared, **asked.overrides}
    version = _served(layout, endpoint)
    waiting = window(layout, made)
    takes_rows = waiting.rows >= task["min_rows"]
    if not takes_rows and not _has_labels(waiting, task):
        raise NothingToDoError(
            f"{waiting.rows} new rows wait for `{made.component}`; a check needs {task['min_rows']}"
        )
    settled: Mapping[str, Any] = {
        "captured": str(captured(layout, endpoint)),
        "ledger": str(ledger_file(layout, made)),
        "ledger_id": waiting.ledger.id,
        "rows": [waiting.judged.rows, waiting.end if takes_rows else waiting.judged.rows],
        "labels": _labels(layout, endpoint, waiting),
        "model": _model(layout, endpoint, version),
        BASELINE: None
        if BASELINE in made.inputs or BASELINE in made.sources
        else [str(path) for path in learned_rows(layout, version)],
    }
    return replace(asked, overrides={**asked.overrides, **settled})


def check(layout: Layout, monitor: str) -> Run:
    """Start a check of a monitor now, or return the one that is under way.

    Raises:
        NothingToDoError: too few rows wait, or nothing is served.
        OperationError: there is no such monitor.
    """
    made = definition(layout, monitor)
    if made.kind != KIND:
        raise OperationError(f"`{monitor}` is a {made.kind}", remedy="name a ModelMonitor")
    with locked(layout.lock(f"start-{monitor}")):
        if is_under_way(layout, monitor):
            return next(run for run in runs_of(layout, monitor) if run.status == RUNNING)
        # A failed check has judged nothing: its rows are looked at again.
        started = start(layout, made, Request(again=True), attached=False)
    run = read_run(started.folder)
    assert run is not None  # noqa: S101  it was started just now
    return run


def _served(layout: Layout, endpoint: str) -> "registry.ModelVersion":
    now = serving.deployed(layout, endpoint)
    if now is None:
        raise NothingToDoError(f"`{endpoint}` serves nothing yet")
    return registry.version(layout, str(now["name"]), int(now["version"]))


def _has_labels(waiting: Window, task: Mapping[str, Any]) -> bool:
    is_judged = MODEL_QUALITY in task["signals"]
    return is_judged and waiting.has_new_truth and waiting.labels >= task["min_rows"]


def _labels(layout: Layout, endpoint: str, waiting: Window) -> dict[str, Any]:
    return {
        "first": waiting.first,
        "judged": waiting.judged.labels,
        "end": waiting.end,
        "truth": str(truth(layout, endpoint)),
        "told": len(waiting.truth),
        "judged_told": waiting.judged.told,
    }


def _model(layout: Layout, endpoint: str, version: "registry.ModelVersion") -> dict[str, Any]:
    wish = serving.deployed(layout, endpoint) or {}
    return {
        "version": version.version,
        "path": wish["model_path"],
        "digest": wish["digest"],
        "trust_pickle": wish["trust_pickle"],
    }
