"""What a program has left on the disk: kept in the store, and told as the step's report."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_iac_azure import place, tracking
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.work import trials
from mlops_iac_azure.work.child import StepFailedError
from mlops_iac_azure.work.launch import RESULT, Launch, say
from mlops_iac_azure.work.moving import keep_folder

DATABASE = "mlflow"
"""Folder of the run's own database among its results; what counts of it is told."""


def keep(launch: Launch, left: Path, code: int) -> dict[str, Any]:
    """Keep results, model and data of a program; return what the step tells of them.

    Args:
        launch: the step.
        left: folder with `output`, `model` and `data`.
        code: the program's exit code.

    Raises:
        StepFailedError: it has failed; its results are kept, no data is.
    """
    where, bucket = launch.where, launch.bucket
    result = _result(left)
    keep_folder(where, bucket, f"{launch.base}/output", left / "output", but=(DATABASE,))
    metrics: dict[str, float] = result.get("metrics") or {}
    _track(launch, metrics)
    if code or result.get("status", "finished") != "finished":
        raise _failed(launch, code, result.get("error"))
    keep_folder(where, bucket, f"{launch.base}/model", left / "model")
    if (data := _data(launch)) is not None:
        keep_folder(where, bucket, data, left / "data")
    model = result.get("model")
    return {
        "left": launch.base,
        "metrics": metrics,
        **({"model": _model(launch, left, model)} if model else {}),
    }


def _data(launch: Launch) -> str | None:
    document = launch.document
    return (document.get("program") or document).get("data")


def _result(left: Path) -> dict[str, Any]:
    file = left / "output" / RESULT
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _model(launch: Launch, left: Path, model: Mapping[str, Any]) -> dict[str, str]:
    """Return where in the store a model lies, and its digest.

    The runtime tells the path as its container saw it; the folder below `model` is the same.
    """
    inside = model["path"].partition(f"{left}/model")[2] or _below(model["path"])
    path = f"{launch.base}/model{inside}"
    return {"path": place.uri(launch.bucket, path), "digest": model["digest"]}


def _below(path: str) -> str:
    return path.rpartition("/model")[2]


def _track(launch: Launch, metrics: Mapping[str, float]) -> None:
    """Write a training's metrics and parameters into its run of the workspace's experiment."""
    wanted = launch.document.get("track")
    if wanted is None:
        return
    told = {**wanted["parameters"], **(trials.parameters(launch) if launch.is_trial else {})}
    try:
        tracking.log(launch.where, launch.own, metrics, told, now=int(time.time() * 1000))
    except AzureError as error:
        # Trials are compared by what stands there; else it is for people, and the report has it.
        if launch.is_trial:
            raise
        say(f"{launch.step}: the experiment does not take the run's metrics: {error.message}")


def _failed(launch: Launch, code: int, reason: str | None) -> StepFailedError:
    return StepFailedError(
        reason or f"the program has ended with exit code {code}",
        remedy=f"`{launch.step}` is job `{launch.own}` of Azure ML; its log tells more",
    )
