"""What a run leaves for its supervisor: `run.json` in the output folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mlops_iac.runtime.digest import tree_digest
from mlops_iac.runtime.errors import TrainingError
from mlops_iac.runtime.files import write_json
from mlops_iac.runtime.inspection import read_metadata, serializations

RESULT_NAME = "run.json"
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """The model that a run made."""

    path: str
    """Folder with the `MLmodel`, inside the job's model folder."""
    uri: str | None
    """MLflow's URI of the logged model; `None` when it was saved by hand."""
    digest: str
    """Digest of the folder, as `tree_digest` makes it."""
    serializations: Mapping[str, str]
    """Flavor → serialisation, such as `{"sklearn": "skops"}`."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """One run's end."""

    status: str
    """`finished` or `failed`."""
    started: str
    """UTC, ISO 8601."""
    ended: str
    run_id: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    model: ModelResult | None = None
    model_version: int | None = None
    """Version that the run registered by itself; else its supervisor registers the model."""
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Folder of each declared output, by name."""
    reports: Sequence[str] = ()
    """Files for people, relative to the output folder."""
    error: str | None = None
    """Type and message of what ended a failed run."""


def write_result(output_dir: Path, result: RunResult) -> None:
    """Write `run.json`, whole or not at all."""
    write_json(output_dir / RESULT_NAME, {"version": _VERSION, **asdict(result)})


def read_result(output_dir: Path) -> RunResult:
    """Return the result in a run's output folder.

    Raises:
        TrainingError: there is none, or it is of a version that this release does not know.
    """
    file = output_dir / RESULT_NAME
    if not file.is_file():
        raise TrainingError(f"`{file}` is missing: the run did not end by itself")
    document = json.loads(file.read_text(encoding="utf-8"))
    if (version := document.pop("version", None)) != _VERSION:
        raise TrainingError(
            f"`{file}` has version `{version}`, known is `{_VERSION}`",
            remedy="use the same release of `mlops-iac` in the job and here",
        )
    model = document.pop("model")
    return RunResult(**document, model=ModelResult(**model) if model else None)


def describe_model(model_dir: Path, uri: str | None) -> ModelResult | None:
    """Return the model in `model_dir` or one folder below; `None` when there is none."""
    candidates = [model_dir, *sorted(path for path in model_dir.glob("*") if path.is_dir())]
    for folder in candidates:
        if (folder / "MLmodel").is_file():
            return ModelResult(
                path=str(folder),
                uri=uri,
                digest=tree_digest(folder),
                serializations=serializations(read_metadata(folder)),
            )
    return None
