"""The end of a run: its result kept, its model stored by digest and registered. Idempotent."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac.content import folder_files
from mlops_iac.errors import MlopsError
from mlops_iac.operations import Run
from mlops_iac.runtime.digest import tree_digest
from mlops_iac.runtime.result import RunResult, read_result
from mlops_iac_local import registry, serving, store, tracking
from mlops_iac_local.files import locked, make_private, read_json, write_json
from mlops_iac_local.layout import Layout
from mlops_iac_local.training import (
    FAILED,
    FINISHED,
    RECORD,
    RESULT,
    STATUS,
    STOPPED,
    is_running,
    mlflow_status,
    read_run,
)


def finish(layout: Layout, folder: Path) -> Run:
    """Draw the consequences of a run that has ended; return the run.

    A second call, also after a crash in the first, changes nothing more.
    """
    with locked(layout.lock("finish")):
        if not (folder / RESULT).exists():
            _finish(layout, folder)
    run = read_run(folder)
    assert run is not None  # noqa: S101  a result is only written beside a record
    return run


def finish_by_keeper(root: Path, folder: Path) -> None:
    """Finish a run that nobody waits for; then deploy its model where none is served yet."""
    layout = Layout(root)
    run = finish(layout, folder)
    model = (read_json(folder / RECORD) or {})["model"]
    if model and run.model_version is not None:
        serving.deploy_first(layout, model)


def _finish(layout: Layout, folder: Path) -> None:
    record = read_json(folder / RECORD) or {}
    status = read_json(folder / STATUS)
    if status is None:
        status = {"state": STOPPED, "reason": "its process was killed", "ended": None}
    result: dict[str, Any] = {key: status[key] for key in ("state", "reason", "ended")}
    result |= {"metrics": {}, "model_version": None}
    if status["state"] == FINISHED:
        result |= _outcome(layout, folder, record)
    tracking.end_run(layout, record["run_id"], mlflow_status(result["state"]))
    make_private(folder)
    write_json(folder / RESULT, result)


def _outcome(layout: Layout, folder: Path, record: Mapping[str, Any]) -> dict[str, Any]:
    try:
        made = read_result(folder / "output")
        return {
            "metrics": dict(made.metrics),
            "model_version": _register(layout, record, made) if record["model"] else None,
        }
    except MlopsError as error:
        return {"state": FAILED, "reason": str(error)}


def _register(layout: Layout, record: Mapping[str, Any], made: RunResult) -> int:
    if made.model is None:
        raise MlopsError("the script left no model")
    # The folder's own digest, not the one in the result: what is stored is what is registered.
    source = Path(made.model.path)
    digest = tree_digest(source)
    place = store.add(layout, "models", digest, folder_files(source), tree_digest)
    version = registry.register_version(
        layout,
        record["model"],
        source=place,
        digest=digest,
        run_id=record["run_id"],
        metrics=made.metrics,
    )
    return version.version


def is_over(folder: Path) -> bool:
    """Whether a run has ended, finished or not."""
    return (folder / RESULT).exists() or not is_running(folder)
