"""Experiments on `gcp`: what is declared, and what a launcher writes of a run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_gcp import rest
from mlops_iac_gcp.resources.kinds import ExperimentHandler
from mlops_iac_gcp.session import Place, place_of
from mlops_iac_gcp.work import experiments
from mlops_iac_gcp.work.launch import Launch

from mlops_iac.specs import ExperimentTracker, RunPolicy
from mlops_iac.testing import Recording
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import DATA, JOB, MODEL, write_files
from tests.providers.local.world import FakeCall

RUN = "delay-run-1"


@pytest.fixture(scope="module")
def here() -> Iterator[Cloud]:
    with cloud_here() as running:
        yield running


@pytest.fixture
def where(here: Cloud, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name, value in here.environment.items():
        monkeypatch.setenv(name, value)
    here.reset()
    config = {"region": here.region, "account": here.project}
    ExperimentHandler().create(
        {"contextId": "trials", "displayName": "trials"}, FakeCall("urn:trials", config)
    )
    return place_of(config)


def launch(where: Place, **document: Any) -> Launch:
    run = f"{where.parent}/pipelineJobs/{RUN}"
    return Launch(where=where, document=document, run_name=run, key="k", passed=None)


def contexts(where: Place) -> dict[str, Any]:
    store = {"parent": f"{where.parent}/metadataStores/default"}
    found = rest.listed(where, "aiplatform.v1", f"{experiments.CONTEXTS}.list", store, "contexts")
    return {each["name"].rpartition("/")[2]: each for each in found}


def test_a_run_is_in_its_experiment_once_however_often_it_is_written(where: Place) -> None:
    told = launch(where, experiment={"id": "trials", "parameters": {"depth": 3}})

    experiments.record(told, experiments.FAILED, {})
    experiments.record(told, experiments.COMPLETE, {"auc": 0.9})

    run = contexts(where)[f"trials-{RUN}"]
    assert run["schemaTitle"] == "system.ExperimentRun"
    assert run["metadata"] == {
        "_params": {"depth": 3},
        "_metrics": {"auc": 0.9},
        "_state": "COMPLETE",
    }
    (parent,) = run["parentContexts"]
    assert parent.endswith("/contexts/trials")


def test_a_run_without_an_experiment_writes_nothing(where: Place) -> None:
    experiments.record(launch(where), experiments.COMPLETE, {"auc": 0.9})

    assert list(contexts(where)) == ["trials"]


def test_a_run_has_the_shape_of_googles_own_client(where: Place) -> None:
    told = launch(where, experiment={"id": "trials", "parameters": {"depth": 3}})
    experiments.record(told, experiments.COMPLETE, {"auc": 0.9})

    constants = pytest.importorskip("google.cloud.aiplatform.metadata.constants")

    run = contexts(where)[f"trials-{RUN}"]
    shape = (constants._PARAM_KEY, constants._METRIC_KEY, constants._STATE_KEY)
    assert tuple(run["metadata"]) == shape
    assert run["schemaTitle"] == constants.SYSTEM_EXPERIMENT_RUN


def test_the_launcher_of_a_job_is_told_its_experiment(tmp_path: Path) -> None:
    folder = write_files(tmp_path)
    job = JOB.model_copy(update={"experiment": "trials", "run": RunPolicy.MANUAL})
    recording = recorded(folder, DATA, MODEL, job, ExperimentTracker("trials"))

    plain = recorded(folder, DATA, MODEL, JOB)

    assert recording.one("mlops-iac:gcp:Experiment").inputs["contextId"]
    assert _step(recording) != _step(plain)


def _step(recording: Recording) -> str:
    (found,) = (r for r in recording.resources if r.name == "delay-delay-step")
    return found.inputs["name"]
