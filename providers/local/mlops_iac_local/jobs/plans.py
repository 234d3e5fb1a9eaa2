"""What the launcher is told of one run: the command, its variables, where everything goes."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.errors import OperationError
from mlops_iac.operations import ModelVersion
from mlops_iac_local import registry, store
from mlops_iac_local.features.joins import joined_inputs
from mlops_iac_local.files import make_folder, write_json
from mlops_iac_local.jobs.definition import Definition, definition
from mlops_iac_local.jobs.runs import FINISHED, LOG, OUTPUT, STATUS, attempts, read_run
from mlops_iac_local.layout import Layout

WORK = "work"
"""Folder in which a run starts, with its code."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a run reads, as it was when the run started."""

    inputs: Mapping[str, str]
    """Digest of each input, by name."""
    model: ModelVersion | None
    """The version that it reads."""


def resolved_inputs(layout: Layout, made: Definition) -> dict[str, str]:
    """Return the digest of each input: of its dataset, or of what the other job left last.

    Features are joined to it, once for each version of both.

    Raises:
        OperationError: the other job has no finished run under its present definition.
        MlopsError: features and data do not go together.
    """
    made_by_jobs = {name: _output(layout, source) for name, source in made.sources.items()}
    return joined_inputs(layout, made.features, {**made.inputs, **made_by_jobs})


def _output(layout: Layout, source: str) -> str:
    component, _, output = source.partition("/")
    key = definition(layout, component).key
    for run in filter(None, map(read_run, attempts(layout, key))):
        if run.status == FINISHED and output in run.outputs:
            return run.outputs[output]
    raise OperationError(
        f"job `{component}` has no finished run of its present definition",
        remedy=f"`mlops-iac run {component}` makes `{source}`",
    )


def make_plan(  # noqa: PLR0913
    layout: Layout,
    made: Definition,
    given: Given,
    folder: Path,
    run_id: str,
    *,
    attached: bool,
) -> dict[str, Any]:
    """Lay out the folder of a run and return the plan for its keeper."""
    work = make_folder(folder / WORK)
    if made.code is not None:
        _copy_code(store.stored(layout, "code", made.code), work)
    output = make_folder(folder / OUTPUT)
    return {
        "command": [made.python, "-m", made.module, *_arguments(layout, made, folder)],
        "home": str(work),
        "fixed": _variables(layout, made, given, folder, run_id),
        "environment": dict(made.environment),
        "limits": dict(made.limits),
        "timeout": made.timeout,
        "attached": attached,
        # Who waits finishes: it has MLflow in memory. Nobody waits for a detached run.
        "finish": not attached,
        "log": str(folder / LOG),
        "status": str(folder / STATUS),
        "result": str(output / "run.json"),
        "root": str(layout.root),
        "folder": str(folder),
    }


def _arguments(layout: Layout, made: Definition, folder: Path) -> list[str]:
    place = [str(layout.root), str(folder)] if made.is_control else []
    script = [] if made.script is None else [str(folder / WORK / made.script)]
    return [*place, *script, *made.arguments]


def _variables(
    layout: Layout, made: Definition, given: Given, folder: Path, run_id: str
) -> dict[str, str]:
    write_json(folder / "hyperparameters.json", made.hyperparameters)
    variables = {
        contract.INPUT + contract.input_suffix(name): str(store.data(layout, digest))
        for name, digest in given.inputs.items()
    }
    variables |= {
        contract.PLATFORM: "mlops-iac",
        contract.HYPERPARAMETERS: str(folder / "hyperparameters.json"),
        contract.MODEL_DIR: str(folder / "model"),
        contract.OUTPUT_DIR: str(folder / OUTPUT),
        contract.OUTPUTS: ",".join(f"{name}={form}" for name, form in made.outputs.items()),
        contract.METRICS: ",".join(made.metrics),
        contract.EXPECTS_MODEL: contract.flag(value=made.model is not None),
        contract.RUN_ID: run_id,
    }
    if made.task is not None:
        write_json(folder / "task.json", made.task)
        variables[contract.TASK] = str(folder / "task.json")
    if made.experiment is not None:
        variables |= {"MLFLOW_TRACKING_URI": layout.tracking_uri, "MLFLOW_RUN_ID": run_id}
    if given.model is not None:
        variables |= _model_variables(layout, given.model)
    if made.is_control:
        # The keepers of the runs that it starts read the user's secrets.
        variables["HOME"] = os.environ.get("HOME", "/")
    return variables


def _model_variables(layout: Layout, version: ModelVersion) -> dict[str, str]:
    digest = str(version.digest)
    return {
        contract.MODEL_DIR: str(store.stored(layout, "models", digest)),
        contract.MODEL_DIGEST: digest,
        contract.TRUST_PICKLE: contract.flag(
            value=registry.policy(layout, version.model).trust_pickle
        ),
    }


def _copy_code(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        if path.is_file():
            copy = target / path.relative_to(source)
            make_folder(copy.parent)
            copy.write_bytes(path.read_bytes())
