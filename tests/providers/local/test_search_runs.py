"""Searches with real processes: what the best trial leaves, and death in the middle."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from mlops_iac_local import tracking
from mlops_iac_local.jobs import runs
from mlops_iac_local.layout import Layout
from mlops_iac_local.pipelines import document as pipelines
from mlops_iac_local.search.document import SearchRecord, read_record

from mlops_iac.operations import Run
from mlops_iac.specs import Dataset, HyperparameterSearch, Pipeline, RegisteredModel, TrainingJob
from tests.providers.local.world import World, people, processes_of, until

TRAIN = """
import mlops_iac.runtime as runtime
import pandas as pd
from sklearn.linear_model import LogisticRegression
context = runtime.training_context()
rows = pd.read_csv(next(context.inputs["people"].glob("*.csv")))
assert context.hyperparameters["C"] < 100, "too loose"
model = LogisticRegression(C=context.hyperparameters["C"]).fit(rows[["age"]], rows["bought"])
context.log_metrics({"score": float(model.predict_proba(rows[["age"]]).std())})
context.log_baseline(rows[["age"]])
context.log_model(model, example=rows[["age"]].head(3), pip_requirements=[],
                  pyfunc_predict_fn="predict_proba")
"""


pytestmark = pytest.mark.slow


@pytest.fixture
def world(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_tracking: None,  # noqa: ARG001  it only has to be there
) -> Iterator[World]:
    people(tmp_path / "p" / "data", rows=60)
    (tmp_path / "p" / "train").mkdir()
    (tmp_path / "p" / "train" / "main.py").write_text(TRAIN)
    specs = (
        Dataset("people", source="data/*.csv", format="csv"),
        RegisteredModel("buyer"),
        TrainingJob("fit", script="train/main.py", data="people", model="buyer", run="manual",
                    hyperparameters={"C": 0.001}),
        HyperparameterSearch("tune", job="fit", metric="score", strategy="grid", run="manual",
                             parameters={"C": {"choices": [1.0, 1000.0, 0.001]}}),
        Pipeline("retrain", steps=["tune"],
                 gates=[{"metric": "roc_auc", "data": "people", "label": "bought"}]),
    )  # fmt: skip
    made = World(tmp_path / "p", {spec.name: spec for spec in specs})
    with ExitStack() as contexts:
        contexts.enter_context(made.registering(monkeypatch))
        made.up()
        yield made
        made.destroy()
    assert not made.layout.root.exists()


def trials_of(layout: Layout, run: Run) -> SearchRecord:
    record = read_record(layout, run)
    assert record is not None, run.reason
    return record


def test_a_killed_search_goes_on_and_its_best_trial_becomes_one_version(world: World) -> None:
    operations, layout = world.operations, world.layout
    run = operations.run("tune")
    until(lambda: len(operations.runs("fit")) == 2)
    os.kill(int(runs.read_record(runs.run_folder(layout, run))["pid"]), signal.SIGKILL)
    assert operations.wait(run).status == "stopped"

    ended = operations.wait(operations.run("tune"))

    record = trials_of(layout, ended)
    assert [(t.parameters["C"], t.state, t.adopted) for t in record.trials] == [
        (0.001, "finished", True), (1.0, "finished", False), (1000.0, "failed", False),
    ]  # fmt: skip
    assert (ended.status, record.parameters, ended.model_version) == ("finished", {"C": 1.0}, 1)
    assert str(ended.reason) == ("1 of 3 trials did not finish; trial 2: AssertionError: too loose")
    (version,) = operations.versions("buyer")
    assert (version.run_id, version.metrics) == (ended.id, {"score": record.value})
    folders = {r.id: runs.run_folder(layout, r) for r in operations.runs("fit")}
    best = json.loads((folders[str(record.trials[1].run_id)] / "result.json").read_text())
    assert (version.digest, best["model_version"]) == (best["model"]["digest"], None)
    assert (runs.run_folder(layout, ended) / "output" / "baseline.parquet").is_file()
    assert nested(layout, ended) == {"0.001": "FINISHED", "1.0": "FINISHED", "1000.0": "FAILED"}
    assert operations.run("tune").id == ended.id
    until(lambda: not processes_of(layout.runs))


def test_a_pipeline_registers_what_its_search_found_and_new_data_reaches_the_trials(
    world: World,
) -> None:
    operations, layout = world.operations, world.layout
    one = {"C": {"choices": [1.0]}}
    world.specs["tune"] = HyperparameterSearch("tune", job="fit", metric="score", strategy="grid",
                                               run="manual", parameters=one)  # fmt: skip
    world.up()
    people(world.project_dir / "data", rows=80)

    run = operations.wait(operations.run("retrain", parameters={"tune.C": 0.001}))

    record = pipelines.read_record(layout, run)
    assert record is not None
    assert (record.outcome, record.version, record.gates[0]["rows"]) == ("passed", 1, 80)
    (tune,) = operations.runs("tune")
    assert (tune.parent, record.steps[0].run_id) == (run.id, tune.id)
    read = {runs.read_record(runs.run_folder(layout, r))["inputs"]["people"]
            for r in operations.runs("fit")}  # fmt: skip
    assert read == {record.data["people"]}
    (version,) = operations.versions("buyer")
    assert (version.run_id, version.aliases) == (tune.id, ("champion",))


def nested(layout: Layout, search: Run) -> dict[str, str]:
    """Return parameter and status of the runs that MLflow shows below a search."""
    client = tracking.client(layout)
    experiment = client.get_run(search.id).info.experiment_id
    found = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{search.id}'")
    return {run.data.params["C"]: run.info.status for run in found}
