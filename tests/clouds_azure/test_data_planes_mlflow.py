"""MLflow's own client lives a full life against a workspace.

Proves that a workspace is an MLflow server, and that its jobs are runs. Limits: artifacts go
through the server.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clouds.azure import tokens
from tests.clouds.azure.addresses import USER
from tests.clouds.azure.store import Record
from tests.clouds_azure.played import Played, played

pytestmark = pytest.mark.slow

_ML = "Microsoft.MachineLearningServices/workspaces"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Played]:
    """A cloud."""
    with played() as made:
        yield made


@pytest.fixture(scope="module")
def workspace(cloud: Played) -> Record:
    """A workspace."""
    return cloud.make(_ML, "w")


@pytest.fixture
def address(cloud: Played, workspace: Record, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where MLflow's clients find it, as the user."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", tokens.make(USER, tokens.MANAGEMENT[0]))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", cloud.authority)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return f"{cloud.address}/mlflow/v1.0{workspace.id}"


def test_a_run_is_logged_found_and_its_artifacts_come_back(address: str, tmp_path: Path) -> None:
    from mlflow import MlflowClient
    from mlflow.artifacts import download_artifacts, list_artifacts
    from mlflow.entities import Metric
    from mlflow.exceptions import MlflowException

    client = MlflowClient(address, address)
    experiment = client.create_experiment("churn")
    run = client.create_run(experiment, tags={"by": "us"}).info.run_id
    client.log_batch(run, metrics=[Metric("loss", 1 / step, step, step) for step in (1, 2, 4)])
    client.log_param(run, "depth", 3)
    (tmp_path / "report.txt").write_text("fine")
    client.log_artifact(run, str(tmp_path / "report.txt"), "told")
    client.set_terminated(run)
    [found] = client.search_runs([experiment], "metrics.loss < 0.3 and tags.by = 'us'")
    assert (found.info.status, found.data.params) == ("FINISHED", {"depth": "3"})
    assert [one.value for one in client.get_metric_history(run, "loss")] == [1.0, 0.5, 0.25]
    place = f"{client.get_run(run).info.artifact_uri}/told"
    listed = list_artifacts(place, tracking_uri=address)
    assert [one.path for one in listed] == ["told/report.txt"]
    report = download_artifacts(f"{place}/report.txt", tracking_uri=address)
    assert Path(report).read_text() == "fine"
    # https://github.com/Azure/azure-sdk-for-python/issues/44896
    with pytest.raises(MlflowException, match="no logged models"):
        client.search_logged_models([experiment])
    with pytest.raises(MlflowException, match="registers no models"):
        client.create_registered_model("churn")


def test_a_job_is_a_run_of_its_name_that_ends_with_it(
    cloud: Played, workspace: Record, address: str
) -> None:
    from mlflow import MlflowClient

    own = {"jobType": "Command", "experimentName": "jobs", "status": "Running", "tags": {"k": "1"}}
    job = cloud.make(f"{_ML}/jobs", f"{workspace.name}/run-1", own)
    client = MlflowClient(address, address)
    client.log_metric("run-1", "auc", 0.9)
    client.set_tag("run-1", "alarm", "x")
    assert job.properties["tags"] == {"k": "1", "alarm": "x"}
    assert client.get_run("run-1").info.status == "RUNNING"
    job.properties["status"] = "Completed"
    experiment = client.get_experiment_by_name("jobs")
    assert experiment is not None
    [found] = client.search_runs([experiment.experiment_id])
    assert (found.info.run_id, found.info.status) == ("run-1", "FINISHED")
    assert (found.data.metrics, found.data.tags["k"]) == ({"auc": 0.9}, "1")


def test_workspaces_share_nothing(cloud: Played, address: str) -> None:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    cloud.make(_ML, "other")
    MlflowClient(address, address).create_experiment("mine")
    other = MlflowClient(f"{address[:-1]}other")
    assert other.get_experiment_by_name("mine") is None
    with pytest.raises(MlflowException, match="RESOURCE_DOES_NOT_EXIST"):
        MlflowClient(f"{address}nope").search_experiments()
