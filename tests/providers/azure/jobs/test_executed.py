"""Jobs executed: the pipeline job that is sent, its nodes' own commands, the runtime's programs.

Proves the whole way of a step: documents, mounts, identities, results, registration. Limit: a
process stands for a container, a test cloud for Azure ML.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlops_iac_azure import documents, registry
from mlops_iac_azure.features.document import current, definition_of
from mlops_iac_azure.features.reading import read
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.place import TRIALS
from mlops_iac_azure.resources.job_run import JobRunHandler

from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    HyperparameterSearch,
    Pipeline,
    ProcessingJob,
    Spot,
)
from tests.clouds.azure.running import Cloud, cloud_here
from tests.providers.azure.features.world import NOW, make_stores
from tests.providers.azure.jobs.world import DATA, JOB, MODEL, Nodes, Shop, made
from tests.providers.azure.loop.components import weather
from tests.providers.azure.world import point

pytestmark = pytest.mark.slow

_CLEAN = """
from mlops_iac.runtime import processing_context
context = processing_context()
text = (context.inputs["departures"] / "a.csv").read_text()
(context.outputs["rows"] / "all.csv").write_text(text)
"""
_TRAIN = """
import csv
from sklearn.linear_model import LogisticRegression
from mlops_iac.runtime import training_context
context = training_context()
(folder,) = context.inputs.values()
(file,) = folder.glob("*.csv")
rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file.open())]
import pandas as pd
frame = pd.DataFrame(rows)
model = LogisticRegression(C=context.hyperparameters.get("C", 1.0)).fit(frame[["x"]], frame["y"])
context.log_metrics({"auc": 0.5 + context.hyperparameters.get("C", 0.1) / 10})
context.log_model(model, example=frame[["x"]])
"""
_RESUME = """
import time
from mlops_iac.runtime import training_context
context = training_context()
kept = context.checkpoint_dir / "epoch"
if kept.exists():
    context.log_metrics({"epoch": float(kept.read_text())})
else:
    kept.write_text("7")
    print("saved", flush=True)
    time.sleep(300)
"""
_JOINED = """
import pandas as pd
from mlops_iac.runtime import training_context
context = training_context()
(folder,) = context.inputs.values()
context.log_metrics({"temp": float(pd.read_parquet(folder)["temp"].sum())})
"""
_HOURS = (
    "origin,time_hour,temp\nJFK,2013-01-01T01:00:00Z,5.0\nJFK,2013-01-01T03:00:00Z,9.0\n"
    "LGA,2013-01-01T01:00:00Z,-1.0\n"
)
_FLIGHTS = "origin,time_hour,y\nJFK,2013-01-01T02:00:00Z,1\nLGA,2013-01-01T02:00:00Z,0\n"
_ROWS = "x,y\n" + "".join(f"{n},{int(n > 4)}\n" for n in range(10))
_GATE = {"metric": "accuracy", "data": "departures", "label": "y", "threshold": 0.7}


@pytest.fixture(scope="module")
def executing() -> Iterator[Cloud]:
    with cloud_here(work="processes") as running:
        yield running


@pytest.fixture
def shop(executing: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    executing.reset()
    point(executing, monkeypatch)
    files = {"train.py": _TRAIN, "clean.py": _CLEAN, "data/a.csv": _ROWS}
    return Shop(executing, Nodes(), tmp_path, files=files)


def _run(shop: Shop, job: str) -> Any:
    inputs = shop.inputs(job)
    return JobRunHandler().create(inputs, shop.call(lambda: time.sleep(0.1)))[1]


CLEAN = made(ProcessingJob, "clean", script="clean.py", data="departures", outputs={"rows": "csv"})
CHECK = made(DataValidation, "check", data="departures", columns={"x": {}})


def test_a_pipeline_cleans_trains_judges_and_registers(shop: Shop) -> None:
    trainer = made(type(JOB), "delay", script="train.py", data="clean/rows", model="late",
                   metrics=("auc",), hyperparameters={"C": 1.0}, run="manual")  # fmt: skip
    weekly = made(Pipeline, "weekly", steps=("check", "clean", "delay"), gates=(_GATE,))
    shop.declare(DATA, MODEL, CHECK, CLEAN, trainer, weekly)

    run = shop.start("weekly", "tuesday")
    ended = runs.finish(
        shop.place,
        runs.execution(shop.place, runs.job_id(shop.place, run)),
        wait=lambda _: time.sleep(0.1),
        tell=lambda _: None,
        seconds=600,
    )

    steps = runs.reports(shop.place, shop.bucket, ended)
    assert ended.status == runs.FINISHED, runs.failure(shop.place, shop.bucket, ended)
    assert {name: told["status"] for name, told in steps.items()} == dict.fromkeys(
        ("check", "clean", "delay", "weekly-gates", "delay-register"), runs.FINISHED
    )
    name = steps["delay-register"]["model"]
    (version,) = registry.versions(shop.place, shop.model(name))
    assert version.metrics == {"auc": pytest.approx(0.6)}
    assert version.digest == steps["delay"]["model"]["digest"]
    data = documents.paths(shop.place, shop.bucket, "data/clean/")
    assert data == [f"data/clean/{run}/rows/all.csv"]


def test_a_search_and_a_batch_with_its_best_model(shop: Shop) -> None:
    job = made(type(JOB), "delay", script="train.py", data="departures", model="late", run="manual")
    search = made(
        HyperparameterSearch,
        "tune",
        job="delay",
        metric="auc",
        parameters={"C": {"min": 0.1, "max": 10, "log": True}},
        strategy="random",
        trials=2,
    )
    batch = made(BatchInference, "forecast", model="late/1", data="departures", keep=("x",))
    shop.declare(DATA, MODEL, job, search, batch)

    tuned = _run(shop, "tune")
    answered = _run(shop, "forecast")

    assert (tuned["status"], tuned["model_version"]) == ("finished", "1")
    assert 0.1 <= tuned["parameters"]["C"] <= 10
    assert tuned["value"] == pytest.approx(0.5 + tuned["parameters"]["C"] / 10)
    # Their identity may write there, and nowhere else that Azure ML would put it.
    left = documents.paths(shop.place, shop.bucket, TRIALS)
    assert len({path.split("/")[1] for path in left}) == 2
    assert answered["metrics"] == {"rows": 10.0}
    folder = f"data/forecast/{answered['run_id']}/predictions"
    assert documents.paths(shop.place, shop.bucket, folder) == [f"{folder}/part-00000.parquet"]


def test_a_training_whose_machine_is_taken_goes_on_at_its_checkpoint(shop: Shop) -> None:
    job = made(
        type(JOB),
        "delay",
        script="train.py",
        data="departures",
        spot=Spot(),
        metrics=("epoch",),
    )
    resumes = Shop(shop.cloud, Nodes(), shop.folder, files={**shop.files, "train.py": _RESUME})
    resumes.declare(DATA, job)
    taken: list[str] = []

    def wait() -> None:
        time.sleep(0.1)
        (run,) = runs.executions(resumes.place, resumes.inputs("delay")["pipeline"])
        path = f"runs/delay/{run.id}/steps/delay.json"
        told = documents.read(resumes.place, resumes.bucket, path)
        if told and not taken and "saved" in _log(resumes, told):
            taken.append(told["own"])
            resumes.cloud.control("interrupt", job=told["own"])

    _, state = JobRunHandler().create(resumes.inputs("delay"), resumes.call(wait))

    assert (state["status"], state["metrics"]) == ("finished", {"epoch": 7.0})
    key = resumes.inputs("delay")["key"]
    kept = documents.paths(resumes.place, resumes.bucket, "checkpoints/")
    assert kept == [f"checkpoints/delay/{key}/epoch"]


def test_a_group_is_filled_and_joined_to_the_rows_of_a_training(shop: Shop) -> None:
    hours = made(Dataset, "hours", source="hours/*.csv", format="csv")
    job = made(type(JOB), "delay", script="train.py", data="departures", features=("weather",),
               metrics=("temp",))  # fmt: skip
    files = {**shop.files, "train.py": _JOINED, "hours/h.csv": _HOURS, "data/a.csv": _FLIGHTS}
    joins = Shop(shop.cloud, Nodes(), shop.folder, files=files)
    joins.declare(DATA, hours, weather(), job)
    (fill,) = (each["task"]["definition"] for each in joins.inputs("weather")["documents"])
    make_stores(joins.place, definition_of(fill))

    filled = _run(joins, "weather")
    trained = _run(joins, "delay")

    assert (filled["status"], filled["metrics"]) == ("finished", {"rows": 3.0})
    known = current(joins.place, joins.bucket, "weather")
    assert known is not None
    assert known.version == joins.inputs("weather")["key"]
    (served,) = read(joins.place, known, [{"origin": "JFK"}], NOW)
    assert served["temp"] == 9.0
    # The flight at two takes what was known at one, not what was measured at three.
    assert (trained["status"], trained["metrics"]) == ("finished", {"temp": 5.0 - 1.0})


def _log(shop: Shop, told: Any) -> str:
    """Return what the program of a step has written so far."""
    if not told:
        return ""
    path = f"ExperimentRun/dcid.{told['own']}/user_logs/std_log.txt"
    found = documents.read_bytes(shop.place, f"{shop.bucket}/azureml", path)
    return found[0].decode() if found else ""
