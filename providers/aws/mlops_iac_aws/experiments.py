"""Experiments as the runs of a stack know them: a name, and the MLflow that keeps it.

Nothing makes an experiment before its first run: MLflow's own API is behind signed requests of a
client that only containers have, and an experiment with runs is history, which nothing deletes.
"""

from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Scope
from mlops_iac.specs import ExperimentTracker, TrainingJob
from mlops_iac_aws import names, place


def experiment_variables(job: TrainingJob, scope: Scope, platform_uri: Any) -> dict[str, Any]:
    """Return the variables by which a run finds its experiment.

    Args:
        job: the job; without an `experiment` its runs are in the platform's common one.
        scope: where it is built.
        platform_uri: tracking URI of the platform's MLflow.
    """
    tracker = scope.specs.get(str(job.experiment)) if job.experiment else None
    if not isinstance(tracker, ExperimentTracker):
        return {"MLFLOW_TRACKING_URI": platform_uri}
    return {
        "MLFLOW_TRACKING_URI": tracking_uri(tracker, scope, platform_uri),
        "MLFLOW_EXPERIMENT_NAME": names.experiment(scope, tracker.name),
        contract.EXPERIMENT_NOTE: tracker.description or None,
    }


def tracking_uri(tracker: ExperimentTracker, scope: Scope, platform_uri: Any) -> Any:
    """Return the MLflow that keeps a tracker's runs: its own server, else the platform's."""
    if tracker.server is None:
        return platform_uri
    return place.tracking_server_arn(scope, tracker.name)
