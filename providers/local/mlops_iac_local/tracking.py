"""MLflow on this machine: a SQLite database, no server. Imported only where it is written."""

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlops_iac_local.files import FILE_MODE, locked, make_private
from mlops_iac_local.layout import Layout

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient


PARENT_TAG = "mlflow.parentRunId"
"""MLflow's own tag of a run that is shown below another."""


def client(layout: Layout) -> "MlflowClient":
    """Return MLflow's client of a stack; the first call imports MLflow and takes seconds."""
    return _client(layout.tracking_uri)


@lru_cache(maxsize=8)
def _client(uri: str) -> "MlflowClient":
    # Read at import; a setting in this process only, its children get it from the launcher.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=uri, registry_uri=uri)


def initialise(layout: Layout) -> None:
    """Make the database with all its tables, readable by its owner only."""
    layout.make()
    with locked(layout.lock("tracking")):
        layout.database.touch(mode=FILE_MODE)
        client(layout).search_experiments(max_results=1)
    make_private(layout.database.parent)


def experiment(layout: Layout, name: str) -> str:
    """Return the id of the experiment called `name`; make it when it is not there."""
    with locked(layout.lock("tracking")):
        found: Any = client(layout).get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        location = (layout.artifacts / name).as_uri()
        return str(client(layout).create_experiment(name, artifact_location=location))


def adopt_or_create_run(layout: Layout, experiment_id: str, tags: dict[str, str]) -> str:
    """Return the id of the run that carries `mlops-iac.attempt`; make it when it is not there."""
    attempt = tags["mlops-iac.attempt"]
    with locked(layout.lock("tracking")):
        found = client(layout).search_runs(
            [experiment_id], f"tags.`mlops-iac.attempt` = '{attempt}'", max_results=1
        )
        run = (
            found[0]
            if found
            else client(layout).create_run(experiment_id, tags=tags, run_name=tags["mlops-iac.job"])
        )
    return str(run.info.run_id)


def end_run(layout: Layout, run_id: str, status: str) -> None:
    """Set the final status of a run: `FINISHED`, `FAILED` or `KILLED`."""
    client(layout).set_terminated(run_id, status=status)


def log_parameters(layout: Layout, run_id: str, values: Mapping[str, Any]) -> None:
    """Write hyperparameters into a run, also after its end; the same values again are no change."""
    from mlflow.entities import Param

    params = [Param(name, str(value)) for name, value in sorted(values.items())]
    client(layout).log_batch(run_id, params=params)


def log_metrics(layout: Layout, run_id: str, values: Mapping[str, float]) -> None:
    """Write metrics into a run."""
    for name, value in sorted(values.items()):
        client(layout).log_metric(run_id, name, value)


def set_parent(layout: Layout, run_id: str, parent: str) -> None:
    """Let MLflow show a run below another."""
    client(layout).set_tag(run_id, PARENT_TAG, parent)
