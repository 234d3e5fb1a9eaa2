"""The end of a run: what it made is kept by digest, its model registered. Idempotent."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.content import folder_digest, folder_files
from mlops_iac.errors import MlopsError, OperationError
from mlops_iac.operations import ModelVersion, Run
from mlops_iac.runtime.digest import tree_digest
from mlops_iac.runtime.result import RunResult, read_result
from mlops_iac_local import registry, serving, store, tracking
from mlops_iac_local.files import locked, make_private, read_json, write_json
from mlops_iac_local.jobs.runs import (
    FAILED,
    FINISHED,
    KILLED,
    OUTPUT,
    RESULT,
    STATUS,
    STOPPED,
    is_over,
    read_record,
    read_run,
    run_folder,
)
from mlops_iac_local.jobs.starting import Started, let_go
from mlops_iac_local.layout import Layout

_MLFLOW_STATUS = {FINISHED: "FINISHED", FAILED: "FAILED", STOPPED: "KILLED"}


def complete(layout: Layout, started: Started, tick: Callable[[], None]) -> Run:
    """Wait for a run that was started attached, finish it and return it.

    Args:
        layout: the stack's folders.
        started: what `start` returned.
        tick: waits a moment, again and again; when it raises, the run is stopped.
    """
    try:
        while not is_over(started.folder):
            tick()
    finally:
        # Also when `tick` stopped the wait: then the run stops with it.
        let_go(started)
    return finish(layout, started.folder)


def finish(layout: Layout, folder: Path) -> Run:
    """Draw the consequences of a run that has ended; return the run.

    A second call, also after a crash in the first, changes nothing more.
    """
    with locked(layout.lock("finish")):
        if not (folder / RESULT).exists():
            _finish(layout, folder)
        elif _owes_version(folder):
            _register_result(layout, folder, read_record(folder)["model"])
    run = read_run(folder)
    assert run is not None  # noqa: S101  a result is only written beside a record
    return run


def finish_by_keeper(root: Path, folder: Path) -> None:
    """Finish a run that nobody waits for; then deploy its model where none is served yet."""
    layout = Layout(root)
    run = finish(layout, folder)
    model = read_record(folder)["model"]
    if model and run.model_version is not None:
        serving.deploy_first(layout, model)


def register(layout: Layout, run: Run, model: str) -> ModelVersion:
    """Make the model of a finished run a version of `model`, or return the run's version.

    Raises:
        OperationError: the run left no model.
    """
    folder = run_folder(layout, run)
    with locked(layout.lock("finish")):
        return _register_result(layout, folder, model)


def _finish(layout: Layout, folder: Path) -> None:
    record = read_record(folder)
    status = read_json(folder / STATUS)
    if status is None:
        status = {"state": STOPPED, "reason": KILLED, "ended": None}
    result: dict[str, Any] = {key: status[key] for key in ("state", "reason", "ended")}
    result |= _outcome(layout, folder, record, has_finished=status["state"] == FINISHED)
    if record["is_tracked"]:
        tracking.end_run(layout, record["run_id"], _MLFLOW_STATUS[result["state"]])
    make_private(folder)
    write_json(folder / RESULT, result)


def _outcome(
    layout: Layout, folder: Path, record: Mapping[str, Any], *, has_finished: bool
) -> dict[str, Any]:
    """Return what a run made. A failed one may have metrics and reports, and makes nothing."""
    outcome: dict[str, Any] = {"metrics": {}, "reports": [], "outputs": {}, "model": None,
                               "model_version": None}  # fmt: skip
    try:
        made = read_result(folder / OUTPUT)
    except MlopsError as error:
        failed = {"state": FAILED, "reason": str(error)}
        return {**outcome, **(failed if has_finished else {})}
    outcome |= {"metrics": dict(made.metrics), "reports": list(made.reports)}
    if not has_finished:
        return outcome
    # Not why it failed then, but what its end means, such as a refused candidate.
    outcome |= {"reason": made.error} if made.error else {}
    try:
        outcome |= _kept(layout, record, made)
    except MlopsError as error:
        outcome |= {"state": FAILED, "reason": str(error)}
    return outcome


def _kept(layout: Layout, record: Mapping[str, Any], made: RunResult) -> dict[str, Any]:
    kept: dict[str, Any] = {"model_version": made.model_version}
    kept["outputs"] = {name: _keep(layout, Path(path)) for name, path in made.outputs.items()}
    if record["model"] is None:
        return kept
    kept["model"] = _keep_model(layout, made)
    if record["registers"]:
        version = _register(layout, record["model"], record["run_id"], kept["model"], made.metrics)
        kept["model_version"] = version.version
    return kept


def _keep(layout: Layout, folder: Path) -> str:
    digest = folder_digest(folder)
    store.add(layout, store.OUTPUTS, digest, folder_files(folder), folder_digest)
    return digest


def _keep_model(layout: Layout, made: RunResult) -> dict[str, str]:
    if made.model is None:
        raise MlopsError("the script left no model")
    # The folder's own digest, not the one in the result: what is stored is what is registered.
    source = Path(made.model.path)
    digest = tree_digest(source)
    place = store.add(layout, "models", digest, folder_files(source), tree_digest)
    return {"path": str(place), "digest": digest}


def _owes_version(folder: Path) -> bool:
    record, result = read_record(folder), read_json(folder / RESULT) or {}
    is_left_open = result.get("model") is not None and result["model_version"] is None
    return is_left_open and record["registers"]


def _register_result(layout: Layout, folder: Path, model: str) -> ModelVersion:
    record, result = read_record(folder), read_json(folder / RESULT) or {}
    if result.get("model") is None:
        raise OperationError(
            f"run `{record['run_id']}` of job `{record['component']}` left no model",
            remedy="name a finished run of a job that has `model`",
        )
    version = _register(layout, model, record["run_id"], result["model"], result["metrics"])
    write_json(folder / RESULT, {**result, "model_version": version.version})
    return version


def _register(
    layout: Layout,
    model: str,
    run_id: str,
    kept: Mapping[str, str],
    metrics: Mapping[str, float],
) -> ModelVersion:
    return registry.register_version(
        layout,
        model,
        source=Path(kept["path"]),
        digest=kept["digest"],
        run_id=run_id,
        metrics=metrics,
    )
