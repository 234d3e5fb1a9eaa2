"""Jobs without a script of the user's: what they are told, and how they end."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_iac.container_contract import OUTPUTS, TASK, TASK_PART
from mlops_iac.errors import MlopsError
from mlops_iac.runtime import metrics, scripts
from mlops_iac.runtime.errors import RuntimeSettingError
from mlops_iac.runtime.files import make_private_folder
from mlops_iac.runtime.layout import Layout, read_layout
from mlops_iac.runtime.result import RunResult, write_result

Task = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """What a job made."""

    metrics: Mapping[str, float]
    outputs: Mapping[str, Path] = field(default_factory=dict[str, Path])
    reports: tuple[str, ...] = ()
    """Files for people, relative to the output folder."""
    error: str | None = None
    """Why the job failed although it came to its end."""


def run_task(work: Callable[[Layout, Task], TaskResult]) -> int:
    """Do this process's task, leave `run.json`, return the exit code."""
    try:
        layout = read_layout(os.environ)
        task = read_task(os.environ)
    except MlopsError as error:
        return scripts.raised(error).code
    started = scripts.now()
    make_private_folder(layout.output_dir)
    try:
        result = work(layout, task)
        ending = scripts.Ending(code=1 if result.error else 0, error=result.error)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong must reach the result file
        result, ending = TaskResult(metrics={}), scripts.raised(error)
    if layout.scrapes_metrics:
        metrics.tell(result.metrics)
    write_result(
        layout.output_dir,
        RunResult(
            status="failed" if ending.code else "finished",
            started=started,
            ended=scripts.now(),
            run_id=layout.run_id,
            metrics=metrics.finite(result.metrics),
            outputs={name: str(folder) for name, folder in result.outputs.items()},
            reports=result.reports,
            error=ending.error,
        ),
    )
    if ending.error:
        scripts.tell_failure(layout, ending.error)
    return ending.code


def read_task(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the task: the object in `MLOPS_TASK`, or in the file that it names, or its parts.

    Raises:
        RuntimeSettingError: there is none, or it is no JSON object.
    """
    if TASK not in environment and (parts := _parts(environment)):
        return parts
    text = environment.get(TASK, "")
    try:
        document = json.loads(
            text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8")
        )
    except (OSError, ValueError) as error:
        raise RuntimeSettingError(
            f"`{TASK}` cannot be read: {error}",
            remedy="it is a JSON object, or the path of a file with one",
        ) from error
    if not isinstance(document, dict):
        raise RuntimeSettingError(f"`{TASK}` is no JSON object")
    return document


def _parts(environment: Mapping[str, str]) -> dict[str, Any]:
    found = {
        name.removeprefix(TASK_PART).lower(): value
        for name, value in environment.items()
        if name.startswith(TASK_PART)
    }
    try:
        return {name: json.loads(value) for name, value in found.items()}
    except ValueError as error:
        raise RuntimeSettingError(f"a part of the task, `{TASK_PART}…`, is no JSON") from error


def output_formats(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the format of each folder of data that a job is to leave, by name."""
    pairs = (part.partition("=") for part in environment.get(OUTPUTS, "").split(",") if part)
    return {name: form for name, _, form in pairs}
