"""One job's places and parameters, read once from the environment."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.runtime.conventions import Convention, detect, local_path, root_of
from mlops_iac.runtime.errors import RuntimeSettingError
from mlops_iac.runtime.hyperparameters import decode_hyperparameters


class Inputs(Mapping[str, Path]):
    """A job's inputs by name; `raw-flights`, `raw_flights` and `RAW_FLIGHTS` are one."""

    def __init__(self, paths: Mapping[str, Path]) -> None:
        self._paths = {_plain(name): path for name, path in paths.items()}

    def __getitem__(self, name: str) -> Path:
        if _plain(name) not in self._paths:
            known = ", ".join(f"`{known}`" for known in self._paths) or "none"
            raise RuntimeSettingError(
                f"the job has no input `{name}`; it has {known}",
                remedy=f"declare it under `data:`, or set `{contract.INPUT}{_plain(name).upper()}`",
            )
        return self._paths[_plain(name)]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _plain(name) in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A trial of a search: its parameters come as arguments, its metrics go to a file."""

    number: str
    metrics_file: Path


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a job reads and writes, whatever platform it runs on."""

    platform: str
    inputs: Inputs
    hyperparameters: Mapping[str, Any]
    model_dir: Path
    output_dir: Path
    data_dir: Path
    """Holds a folder for each output of data."""
    checkpoint_dir: Path | None
    database_dir: Path
    """Holds the run's own database, where there is no tracking server."""
    run_id: str | None
    trial: Trial | None
    """The trial of a search that this process is."""
    failure_file: Path | None
    scrapes_metrics: bool
    """Whether the platform reads metrics from the job's output."""

    def environment(self) -> dict[str, str]:
        """Return the variables of our own convention that say the same."""
        places = {
            contract.PLATFORM: self.platform,
            contract.MODEL_DIR: str(self.model_dir),
            contract.OUTPUT_DIR: str(self.output_dir),
            contract.DATA_DIR: str(self.data_dir),
            contract.HYPERPARAMETERS: json.dumps(dict(self.hyperparameters)),
            **{f"{contract.INPUT}{name.upper()}": str(path) for name, path in self.inputs.items()},
        }
        if self.checkpoint_dir is not None:
            places[contract.CHECKPOINT_DIR] = str(self.checkpoint_dir)
        return places


def read_layout(environment: Mapping[str, str]) -> Layout:
    """Return the layout that `environment` describes; our own variables come first."""
    row, root = detect(environment), root_of(environment)
    checkpoint = _first(environment, (contract.CHECKPOINT_DIR, *row.checkpoint_variables))
    default = root / row.checkpoint if row.checkpoint else None
    model_dir = _place(environment, (contract.MODEL_DIR, *row.model_variables), root, row.model)
    output_dir = _output_dir(environment, row, root, model_dir)
    return Layout(
        platform=row.name,
        inputs=Inputs(_inputs(environment, row, root)),
        hyperparameters=_hyperparameters(environment, row, root),
        model_dir=model_dir,
        output_dir=output_dir,
        data_dir=_place(environment, (contract.DATA_DIR,), output_dir, "outputs"),
        checkpoint_dir=local_path(checkpoint, root)
        if checkpoint
        else (default if default and default.is_dir() else None),
        database_dir=root / row.database if row.database else output_dir / "mlflow",
        trial=_trial(environment, row, root),
        run_id=_first(environment, ("MLFLOW_RUN_ID", contract.RUN_ID, *row.run_id_variables)),
        failure_file=root / row.failure if row.failure else None,
        scrapes_metrics=row.scrapes_metrics,
    )


def _plain(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _place(
    environment: Mapping[str, str], names: tuple[str, ...], root: Path, default: str
) -> Path:
    location = _first(environment, names)
    return local_path(location, root) if location else root / default


def _output_dir(
    environment: Mapping[str, str], row: Convention, root: Path, model_dir: Path
) -> Path:
    names = (contract.OUTPUT_DIR, *row.output_variables)
    has_model = _first(environment, row.model_variables) is not None
    if row.output_beside_model and has_model and _first(environment, names) is None:
        return model_dir.parent / "output"
    return _place(environment, names, root, row.output)


def _trial(environment: Mapping[str, str], row: Convention, root: Path) -> Trial | None:
    number = _first(environment, row.trial_variables)
    if number is None:
        return None
    file = _place(environment, row.trial_metrics_variables, root, row.trial_metrics)
    return Trial(number=number, metrics_file=file)


def _inputs(environment: Mapping[str, str], row: Convention, root: Path) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    if row.inputs and (root / row.inputs).is_dir():
        entries = sorted((root / row.inputs).iterdir())
        ours = _own_channels(environment)
        paths |= {_plain(entry.name): entry for entry in entries if entry not in ours}
    for prefix in (*row.input_prefixes, contract.INPUT):
        for name, value in environment.items():
            if name.startswith(prefix) and value:
                paths[_plain(name.removeprefix(prefix))] = local_path(value, root)
    return paths


def _own_channels(environment: Mapping[str, str]) -> set[Path]:
    """Return the folders among the inputs that hold code or contracts, not data."""
    named = [
        Path(value)
        for name, value in environment.items()
        if name == contract.CODE or name.startswith(contract.COLUMNS)
    ]
    return {*named, *(path.parent for path in named)}


def _hyperparameters(environment: Mapping[str, str], row: Convention, root: Path) -> dict[str, Any]:
    if own := environment.get(contract.HYPERPARAMETERS):
        return _typed(own if own.lstrip().startswith("{") else _read(Path(own)), own)
    file = root / row.hyperparameters_file if row.hyperparameters_file else None
    if file is not None and file.is_file():
        return decode_hyperparameters(_typed(_read(file), str(file)))
    if row.hyperparameters_variable and (text := environment.get(row.hyperparameters_variable)):
        return _typed(text, row.hyperparameters_variable)
    return {}


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise RuntimeSettingError(
            f"the hyperparameters in `{file}` cannot be read: {error.strerror}",
            remedy="set `MLOPS_HYPERPARAMETERS` to a JSON file or a JSON object",
        ) from error


def _typed(text: str, source: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise RuntimeSettingError(
            f"the hyperparameters from `{source}` are no JSON: {error}",
            remedy="set `MLOPS_HYPERPARAMETERS` to a JSON file or a JSON object",
        ) from error
    if not isinstance(values, dict):
        raise RuntimeSettingError(
            f"the hyperparameters from `{source}` are no JSON object",
            remedy="give one object of names and values",
        )
    return values
