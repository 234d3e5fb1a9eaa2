"""The MLflow run around a script: found or made before it, and read after it."""

import shutil
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from mlops_iac.container_contract import EXPERIMENT_NOTE, JOB, RUN_KEY
from mlops_iac.runtime.files import make_private_folder

_TAGS: Mapping[str, str] = {JOB: "mlops-iac.job", RUN_KEY: "mlops-iac.key"}
"""Variable → tag of the run that shows whose it is."""
_NOTE = "mlflow.note.content"
"""Tag of an experiment that MLflow's pages show as its description."""


def activate_run() -> str:
    """Return the id of MLflow's active run; starts the one that `MLFLOW_RUN_ID` names."""
    import mlflow

    run = mlflow.active_run() or mlflow.start_run()
    return run.info.run_id


def ensure_run(environment: MutableMapping[str, str], database_dir: Path) -> str:
    """Set `MLFLOW_TRACKING_URI` and `MLFLOW_RUN_ID` where they are missing, return the run's id.

    Without a tracking server the run is kept in a database in `database_dir`, so that a
    script's plain MLflow calls work on any platform.
    """
    if run_id := environment.get("MLFLOW_RUN_ID"):
        return run_id
    artifacts = _keep_locally(environment, database_dir)

    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=environment["MLFLOW_TRACKING_URI"])
    experiment_id = _experiment(client, environment, artifacts)
    tags = {tag: environment[name] for name, tag in _TAGS.items() if environment.get(name)}
    run_id = client.create_run(experiment_id, tags=tags).info.run_id
    environment["MLFLOW_RUN_ID"] = run_id
    environment["MLFLOW_EXPERIMENT_ID"] = experiment_id
    return run_id


def _experiment(client: Any, environment: Mapping[str, str], artifacts: str | None) -> str:
    """Return the id of the run's experiment, made and described where nobody did yet."""
    from mlflow.exceptions import MlflowException

    name = environment.get("MLFLOW_EXPERIMENT_NAME", "training")
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            client.create_experiment(name, artifact_location=artifacts)
        except MlflowException:
            # Another run may have made it in between; else asking again says what is wrong.
            if client.get_experiment_by_name(name) is None:
                raise
        found = client.get_experiment_by_name(name)
    note = environment.get(EXPERIMENT_NOTE)
    if note and found.tags.get(_NOTE) != note:
        client.set_experiment_tag(found.experiment_id, _NOTE, note)
    return found.experiment_id


def finish_run(environment: Mapping[str, str], run_id: str, *, failed: bool) -> None:
    """Close the run, whatever the script left open."""
    import mlflow
    from mlflow import MlflowClient

    status = "FAILED" if failed else "FINISHED"
    if mlflow.active_run() is not None:
        mlflow.end_run(status)
    client = MlflowClient(tracking_uri=environment["MLFLOW_TRACKING_URI"])
    client.set_terminated(run_id, status=status)


def run_metrics(environment: Mapping[str, str], run_id: str) -> dict[str, float]:
    """Return the last value of each metric that the run holds."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=environment["MLFLOW_TRACKING_URI"])
    return dict(client.get_run(run_id).data.metrics)


def fetch_model(environment: Mapping[str, str], run_id: str, model_dir: Path) -> str | None:
    """Copy the newest model that the run logged into `model_dir`, return its URI.

    `None` when the run logged none; then nothing is copied.
    """
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=environment["MLFLOW_TRACKING_URI"])
    outputs = client.get_run(run_id).outputs
    logged = (
        [client.get_logged_model(row.model_id) for row in (outputs.model_outputs or [])]
        if (outputs)
        else []
    )
    if not logged:
        return None
    newest = max(logged, key=lambda model: model.creation_timestamp)
    _copy_artifacts(newest.artifact_location, model_dir, environment)
    return newest.model_uri


def _keep_locally(environment: MutableMapping[str, str], database_dir: Path) -> str | None:
    if environment.get("MLFLOW_TRACKING_URI"):
        return None
    folder = make_private_folder(database_dir)
    environment["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
    return (folder / "artifacts").as_uri()


def _copy_artifacts(location: Any, model_dir: Path, environment: Mapping[str, str]) -> None:
    import mlflow.artifacts

    source = mlflow.artifacts.download_artifacts(
        artifact_uri=location, tracking_uri=environment["MLFLOW_TRACKING_URI"]
    )
    if Path(source).resolve() != model_dir.resolve():
        shutil.copytree(source, model_dir, dirs_exist_ok=True)
