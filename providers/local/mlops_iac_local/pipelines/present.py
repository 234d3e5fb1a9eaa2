"""What a run of a pipeline is of: data, champion and definitions as they are when it is started."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlops_iac.content import FileSet, data_files, digest
from mlops_iac.errors import OperationError
from mlops_iac.wishes import CHAMPION
from mlops_iac_local import registry
from mlops_iac_local.files import read_json
from mlops_iac_local.jobs.definition import Definition, definition
from mlops_iac_local.jobs.starting import Request
from mlops_iac_local.layout import Layout
from mlops_iac_local.pipelines import filling

KIND = "Pipeline"
DATASET = "dataset.json"


def request(layout: Layout, made: Definition, asked: Request) -> Request:
    """Return what is asked of a pipeline with all that decides the outcome, as parts of its key.

    Raises:
        OperationError: a parameter is not a step's, a dataset has no files, or a step or a
            dataset is not there.
    """
    task = made.task or {}
    groups = [step["name"] for step in task["steps"] if step["kind"] == filling.KIND]
    steps = [step["name"] for step in task["steps"] if step["name"] not in groups]
    definitions = {name: definition(layout, name) for name in steps}
    _require_parameters(made.component, definitions.values(), asked.overrides)
    found = {
        "keys": {
            **{name: known.key for name, known in definitions.items()},
            **{name: filling.definition_key(layout, name) for name in groups},
        },
        "data": {name: digest(dataset_files(layout, name)) for name in task["datasets"]},
        "champion": _champion(layout, task),
    }
    return replace(asked, overrides={**asked.overrides, **found})


def own_values(overrides: Mapping[str, Any], step: str) -> dict[str, Any]:
    """Return the values that were given for one step, by parameter."""
    pairs = ((name.partition("."), value) for name, value in overrides.items())
    return {parameter: value for (owner, dot, parameter), value in pairs if dot and owner == step}


def dataset_files(layout: Layout, name: str) -> FileSet:
    """Return the files of a dataset's source as they are now."""
    record = dataset_record(layout, name)
    # A stack's root is `<project>/.mlops-iac/<stack>`.
    files = data_files(record["source"], layout.root.parents[1])
    if not files:
        raise OperationError(
            f"`{record['source']}` of dataset `{name}` matches no file",
            remedy="make the data first",
        )
    return files


def dataset_record(layout: Layout, name: str) -> dict[str, Any]:
    """Return what `up` wrote down of a dataset."""
    record = read_json(record_file(layout, name))
    if record is None:
        raise OperationError(
            f"there is no dataset `{name}` in this stack", remedy="run `mlops-iac up` first"
        )
    return record


def record_file(layout: Layout, name: str) -> Path:
    """Return the file with a dataset's record."""
    return layout.dataset(name) / DATASET


def _champion(layout: Layout, task: Mapping[str, Any]) -> dict[str, Any]:
    is_compared = any(gate.get("margin") is not None for gate in task["gates"])
    found = registry.aliased(layout, task["model"], CHAMPION) if is_compared else None
    if found is None:
        return {}
    if found.digest is None:
        raise OperationError(
            f"the champion, version `{found.version}` of `{found.model}`, has no digest: no run "
            "of this stack registered it",
            remedy="promote a version that a run of this stack made",
        )
    return {"version": found.version, "digest": found.digest}


def _require_parameters(
    pipeline: str, steps: Iterable[Definition], given: Mapping[str, Any]
) -> None:
    known = [f"{made.component}.{name}" for made in steps for name in made.hyperparameters]
    unknown = [f"`{name}`" for name in given if name not in known]
    if unknown:
        raise OperationError(
            f"pipeline `{pipeline}` has no parameter {', '.join(unknown)}",
            remedy="its parameters are: " + (", ".join(f"`{name}`" for name in known) or "none"),
        )
