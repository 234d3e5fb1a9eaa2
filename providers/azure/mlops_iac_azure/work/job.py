"""`python -m mlops_iac_azure.work job`: does the program of a step in this container."""

import json
import os
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac_azure import documents, place
from mlops_iac_azure.documents import ABSENT
from mlops_iac_azure.work import child, results, trials
from mlops_iac_azure.work.launch import Launch, is_chief, now, perform, read
from mlops_iac_azure.work.models import located
from mlops_iac_azure.work.moving import fetch_file

_FOREIGN = ("MLFLOW_", "AZURE_ML_INPUT_", "AZURE_ML_OUTPUT_")
"""Beginnings of Azure ML's own variables that a program does not get: those of MLflow are for a
plug-in that nobody installs, and would send a script's calls to a scheme that MLflow does not know
(the step itself writes into the experiment); folders are told in the words of the contract."""


def main(arguments: Sequence[str]) -> int:
    """Do a step; return the exit code."""
    return perform(read(arguments), done)


def done(launch: Launch) -> dict[str, Any]:
    """Do the program of a step; return what it has come to.

    Raises:
        StepFailedError: it has failed, or was stopped.
    """
    with tempfile.TemporaryDirectory(prefix="mlops-step-") as folder:
        root = Path(folder)
        environment = _environment(launch, root)
        for name in ("files", "work", "data"):
            (root / name).mkdir(exist_ok=True)
        command = launch.document["program"]["command"]
        code = child.run(command, environment, root / "work", until=_deadline(launch))
        if not is_chief():
            return _aside(launch, code)
        told = results.keep(launch, root, code)
        return {**told, **_verdict(launch, root), **trials.told(launch, told["metrics"])}


def _aside(launch: Launch, code: int) -> dict[str, Any]:
    """Return nothing: of machines that work together the first one's results count."""
    if code:
        raise child.StepFailedError(f"a machine of `{launch.step}` has ended with code {code}")
    return {}


def _environment(launch: Launch, root: Path) -> dict[str, str]:
    """Return all variables of the program."""
    program = launch.document["program"]
    kept = {name: text for name, text in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **kept,
        **program["environment"],
        **_inputs(launch),
        **_files(launch, root / "files"),
        **_checkpoints(launch),
        **_task(launch, root),
        contract.MODEL_DIR: str(root / "model"),
        contract.OUTPUT_DIR: str(root / "output"),
        contract.DATA_DIR: str(root / "data"),
    }


def _inputs(launch: Launch) -> dict[str, str]:
    """Return where the program finds each input: mounted, at the run's own folder of it."""
    found: dict[str, str] = {}
    for name, inside in launch.document["program"]["within"].items():
        found[contract.INPUT + contract.input_suffix(name)] = str(launch.inputs[name] / inside)
    return found


def _files(launch: Launch, folder: Path) -> dict[str, str]:
    """Fetch the files that variables name; return where each is."""
    fetched = {
        name: fetch_file(launch.where, launch.bucket, path, folder / name)
        for name, path in launch.document["program"]["files"].items()
    }
    trials.with_values(launch, fetched.get(contract.HYPERPARAMETERS))
    return {name: str(path) for name, path in fetched.items()}


def _checkpoints(launch: Launch) -> dict[str, str]:
    own = launch.document["program"].get("checkpoints")
    if own is None:
        return {}
    folder = launch.outputs["checkpoints"] / own
    folder.mkdir(parents=True, exist_ok=True)
    return {contract.CHECKPOINT_DIR: str(folder)}


def _task(launch: Launch, root: Path) -> dict[str, str]:
    task = launch.document.get("task")
    if task is None:
        return {}
    models = launch.document.get("models", {})
    found = {name: located(launch, wish, root / "models" / name) for name, wish in models.items()}
    file = root / "task.json"
    file.write_text(json.dumps({**task, **found}), encoding="utf-8")
    # For people: what a step was asked, and of which versions.
    path = place.task_key(launch.component, launch.run, launch.step)
    documents.write(launch.where, launch.bucket, path, {**task, **found})
    return {contract.TASK: str(file)}


def _verdict(launch: Launch, root: Path) -> dict[str, Any]:
    """Return whether what a step has judged passes; nothing of a step that judges nothing."""
    if "verdict" not in launch.document:
        return {}
    file = root / "output" / launch.document["verdict"]
    found = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {"passed": found.get("passed") is True}


def _deadline(launch: Launch) -> float | None:
    """Return when the time of the run is over; never when it is not bounded."""
    seconds = launch.document.get("run_seconds")
    return None if seconds is None else _begun(launch) + seconds


def _begun(launch: Launch) -> float:
    """Return when the first step of the run has begun: whoever is first writes it down."""
    path = f"{place.run_prefix(launch.component, launch.run)}/begun.json"
    documents.write(launch.where, launch.bucket, path, {"begun": now()}, generation=ABSENT)
    told = launch.read(path)
    return datetime.fromisoformat(told["begun"]).timestamp() if told else time.time()
