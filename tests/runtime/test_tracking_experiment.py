"""Runs make and describe the experiment that they name, where nobody did yet."""

from pathlib import Path

from mlflow import MlflowClient

from mlops_iac.container_contract import EXPERIMENT_NOTE
from mlops_iac.runtime import tracking


def test_the_first_run_makes_the_experiment_and_later_ones_describe_it(tmp_path: Path) -> None:
    """Without a description nothing is changed: somebody may have written one by hand."""
    address = f"sqlite:///{tmp_path}/mlflow.db"
    told = {"MLFLOW_TRACKING_URI": address, "MLFLOW_EXPERIMENT_NAME": "shop-late"}

    runs = [
        tracking.ensure_run({**told, **more}, tmp_path)
        for more in ({EXPERIMENT_NOTE: "late?"}, {EXPERIMENT_NOTE: "How late?"}, {})
    ]

    client = MlflowClient(tracking_uri=address)
    experiment = client.get_experiment_by_name("shop-late")
    assert experiment is not None
    assert experiment.tags["mlflow.note.content"] == "How late?"
    ids = {client.get_run(run).info.experiment_id for run in runs}
    assert ids == {experiment.experiment_id}
    assert len(set(runs)) == 3
