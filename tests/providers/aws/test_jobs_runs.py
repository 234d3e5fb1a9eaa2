"""Declared jobs executed on the test cloud by their own pipelines, through `JobRun`.

Proves that what is registered is whole: data is handed on, models are registered with the digest
that serving asks for, gates decide, runs are adopted by their key. Limit: processes stand for
containers, and a test cloud for SageMaker.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_aws.jobs import runs
from mlops_iac_aws.resources.job_run import JobRunHandler, RunFailedError
from mlops_iac_aws.session import clients, place_of

from mlops_iac.testing.cast import member, write_project
from tests.clouds.aws.running import Cloud, cloud
from tests.providers.aws.jobs_world import Shop
from tests.providers.aws.scenarios import RUNTIME

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running() -> Iterator[Cloud]:
    with cloud(work="processes") as found:
        yield found


@pytest.fixture
def shop(running: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    running.reset()
    return Shop(running, write_project(tmp_path))


def test_data_is_made_checked_trained_on_and_answered_for(shop: Shop) -> None:
    shop.declare(
        member("departures"),
        member("clean"),
        member("contract", data="clean/rows"),
        member("late"),
        member("delay", data="clean/rows", metrics=["auc"]),
        member("forecast", data="clean/rows", keep=["x"]),
    )
    _, cleaned = shop.run("clean")
    _, checked = shop.run("contract")
    forecast, waiting = shop.run("forecast")
    _, trained = shop.run("delay")
    answered = JobRunHandler().update(forecast, waiting, shop.inputs("forecast"), shop.call())

    assert (cleaned["status"], checked["status"]) == ("finished", "finished")
    assert waiting["status"] == "waiting"
    assert trained["model_version"] == "1"
    assert 0.5 < trained["metrics"]["auc"] <= 1
    assert shop.objects(f"data/clean/{cleaned['key']}/rows/") != []
    assert shop.objects(f"data/forecast/{answered['run_id']}/predictions/") != []


def test_a_job_with_requirements_runs_in_the_image_that_was_built_for_it(shop: Shop) -> None:
    shop.declare(
        member("departures"), member("clean", requirements="requirements.txt"), runtime_image=None
    )
    image = shop.build("clean-image", RUNTIME)
    told = shop.inputs("clean")["pipeline_parameters"]

    _, ran = shop.run("clean", pipeline_parameters={**told, "Image-clean": image})

    sagemaker, ecr = shop.cloud.client("sagemaker"), shop.cloud.client("ecr")
    (job,) = sagemaker.list_processing_jobs()["ProcessingJobSummaries"]
    described = sagemaker.describe_processing_job(ProcessingJobName=job["ProcessingJobName"])
    (pushed,) = ecr.describe_images(repositoryName=image.partition("/")[2].partition("@")[0])[
        "imageDetails"
    ]
    assert described["AppSpecification"]["ImageUri"] == image
    assert image.endswith(f"@{pushed['imageDigest']}")
    assert ran["status"] == "finished"


def test_a_broken_contract_fails_with_its_reason_and_keeps_its_report(shop: Shop) -> None:
    shop.declare(member("departures"), member("contract", columns={"x": {"max": 3}}))

    with pytest.raises(RunFailedError, match="the data breaks its contract"):
        shop.run("contract")
    assert [key.rpartition("/")[2] for key in shop.objects("runs/contract/")] == [
        "report.json",
        "run.json",
    ]


def test_a_run_is_started_once_for_its_key_and_a_failed_one_stays_failed(shop: Shop) -> None:
    (shop.folder / "process.py").write_text("raise SystemExit('no rows today')\n")
    shop.declare(member("departures"), member("clean"))

    for _ in range(2):
        with pytest.raises(RunFailedError, match="no rows today"):
            shop.run("clean")
    have = clients(place_of(shop.call().config))
    assert len(list(runs.executions(have, shop.inputs("clean")["pipeline"]))) == 1


@pytest.mark.parametrize(
    ("threshold", "versions"), [(0.5, 1), pytest.param(1.5, 0, marks=pytest.mark.deep)]
)
def test_a_gate_decides_whether_a_candidate_becomes_a_version(
    threshold: float, versions: int, shop: Shop
) -> None:
    gate = {"metric": "accuracy", "data": "departures", "label": "late", "threshold": threshold}
    shop.declare(
        member("departures"),
        member("clean"),
        member("late"),
        member("delay", data="clean/rows", run="manual"),
        member("daily", steps=["clean", "delay"], gates=[gate]),
    )
    run = _started(shop, "daily")

    assert run.status == "finished", runs.failure(_have(shop), run)
    assert runs.outcome(_have(shop), run).model_version == (1 if versions else None)
    assert shop.objects(f"data/clean/{run.id}/rows/") != []


@pytest.mark.deep
def test_a_search_registers_its_best_trial(shop: Shop) -> None:
    (shop.folder / "train.py").write_text(_TRIAL)
    shop.declare(
        member("departures"),
        member("late"),
        member("delay", run="manual", hyperparameters={"depth": 1}),
        member("tune", parameters={"depth": {"choices": [2, 3]}}, strategy="grid", trials=2),
    )
    _, found = shop.run("tune")

    assert found["parameters"] == {"depth": 3}
    assert found["value"] == 3
    assert found["model_version"] == "1"


def test_a_run_is_imported_by_its_execution_and_then_unchanged(shop: Shop) -> None:
    shop.declare(member("departures"), member("contract"))
    arn, _ = shop.run("contract")
    read = JobRunHandler().read(arn, {}, shop.call())

    assert read is not None
    change = JobRunHandler().diff(read.state, read.inputs, shop.inputs("contract"))
    assert change.changed == ()


_TRIAL = """
import pandas as pd
from sklearn.linear_model import LogisticRegression

import mlops_iac.runtime as runtime

context = runtime.training_context()
rows = pd.read_csv(next(iter(context.inputs.values())) / "a.csv")
model = LogisticRegression().fit(rows[["x", "y"]], rows["late"])
context.log_metrics({"auc": context.hyperparameters["depth"]})
context.log_model(model, example=rows[["x", "y"]].head(3), pip_requirements=[])
"""


def _have(shop: Shop) -> Any:
    return clients(place_of(shop.call().config))


def _started(shop: Shop, component: str) -> runs.Execution:
    (made,) = [
        r
        for r in shop.recorded.of_type("aws:s3/bucketObjectv2:BucketObjectv2")
        if r.inputs["key"] == f"definitions/{component}.json"
    ]
    document = json.loads(made.inputs["content"])
    run = runs.start(_have(shop), document["pipeline"], "k" * 64, document["parameters"])
    call = shop.call()
    return runs.finish(_have(shop), run, wait=call.wait, tell=call.log, seconds=120)
