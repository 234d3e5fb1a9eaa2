"""From raw data to predictions: processing, a contract that stops bad data, batch inference.

Proves with real processes that a job's output is data for others, that a contract stops what
reads bad data, and that what was found for a run is in its key. The engine is not in it
(`world.py`): that a component waits for the contract on its data is read from the registrations.
The tests of this file run in order, on one stack.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from mlops_iac_local import store
from mlops_iac_local.errors import RunFailedError
from mlops_iac_local.jobs import finishing, runs, starting
from mlops_iac_local.jobs.definition import definition

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    Expectation,
    ModelEndpoint,
    ProcessingJob,
    RegisteredModel,
    Spec,
    TrainingJob,
)
from tests.providers.local.world import World, people, processes_of, project

CLEAN = """
import pandas as pd
from mlops_iac.runtime import processing_context
context = processing_context()
rows = pd.read_csv(next(context.inputs["people"].glob("*.csv")))
rows = rows[rows["age"] >= context.parameters["least"]]
rows.to_parquet(context.outputs["rows"] / "rows.parquet", index=False)
context.log_metrics({"rows": len(rows)})
"""
TRAIN = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
from mlops_iac.runtime import training_context
context = training_context()
rows = pd.read_parquet(context.inputs["rows"])
model = LogisticRegression(C=context.hyperparameters["C"])
model.fit(rows[["age", "income"]], rows["bought"])
context.log_metrics({"rows": len(rows)})
context.log_model(model, example=rows[["age", "income"]].head(3), pip_requirements=[])
"""


def declared() -> dict[str, Spec]:
    specs: list[Spec] = [
        Dataset("people", source="data/*.csv", format="csv"),
        ProcessingJob("clean", script="processing/clean.py", data="people",
                      outputs={"rows": "parquet"}, parameters={"least": 30}),
        DataValidation("right", data="clean/rows", min_rows=10, columns={
            "age": Expectation(type="integer", min=30, max=120),
            "bought": Expectation(one_of=(0, 1)),
        }),
        RegisteredModel("buyer", approval="manual"),
        TrainingJob("fit", script="training/train.py", data="clean/rows", model="buyer",
                    metrics=("rows",), hyperparameters={"C": 1.0}),
        ModelEndpoint("shop", model="buyer@champion"),
        BatchInference("answers", model="buyer@champion", data="clean/rows", keep=("age",)),
    ]  # fmt: skip
    return {spec.name: spec for spec in specs}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = project(tmp_path_factory.mktemp("jobs"))
    for name, script in (("processing/clean.py", CLEAN), ("training/train.py", TRAIN)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(script)
    world = World(folder, declared())
    with pytest.MonkeyPatch.context() as patch, world.registering(patch):
        yield world
        if world.applied:
            world.destroy()


def newest(world: World, component: str) -> Run:
    return world.operations.runs(component)[0]


def test_data_flows_from_job_to_job(world: World) -> None:
    changes = world.up()

    assert "create answers-run" in changes
    cleaned, checked, fitted = (newest(world, name) for name in ("clean", "right", "fit"))
    assert cleaned.metrics == fitted.metrics == {"rows": 160.0}
    rows = store.data(world.layout, cleaned.outputs["rows"]) / "rows.parquet"
    assert pq.read_table(rows).num_rows == 160
    report = json.loads(Path(checked.reports[0]).read_text())
    assert (report["passed"], report["rows"]) == (True, 160)
    states = {row.component: row.state for row in world.operations.status()}
    assert states["clean"] == states["right"] == states["fit"] == "finished"
    assert states["answers"] == "waiting"


def test_waiting_is_no_change(world: World) -> None:
    assert world.up() == []
    assert world.refresh() == []
    with pytest.raises(OperationError, match="waits for an approved version of `buyer`"):
        world.operations.run("answers")


def test_predictions_are_the_endpoints(world: World) -> None:
    world.operations.approve("buyer", 1, approver="ada", comment="")

    assert world.up() == ["update answers-run"]
    (run,) = world.operations.runs("answers")
    table = pq.read_table(store.data(world.layout, run.outputs["predictions"]))
    assert table.schema.names == ["age", "prediction"]
    rows = pq.read_table(store.data(world.layout, newest(world, "clean").outputs["rows"]))
    answer = world.operations.predict("shop", rows.select(["age", "income"]).to_pylist())
    assert table["prediction"].to_pylist() == answer["predictions"]
    assert world.up() == []
    assert world.refresh() == []


def test_the_same_model_and_data_are_answered_once(world: World) -> None:
    known = world.operations.runs("answers")[0].id

    assert world.operations.run("answers").id == known


def test_a_parameter_of_one_run_is_part_of_its_key(world: World) -> None:
    operations = world.operations
    with pytest.raises(OperationError, match="has no parameter `most`"):
        operations.run("clean", parameters={"most": 3})

    run = operations.wait(operations.run("clean", parameters={"least": 60}))

    assert (run.status, run.metrics) == ("finished", {"rows": 40.0})
    assert operations.run("clean", parameters={"least": 60}).id == run.id
    assert run.key != world.applied["clean"].inputs["key"]
    assert world.up() == []


def test_a_run_for_another_leaves_its_model_open_until_somebody_wants_the_version(
    world: World,
) -> None:
    layout, request = (
        world.layout,
        starting.Request(overrides={"C": 0.5}, registers=False, parent="search-1"),
    )
    started = starting.start(layout, definition(layout, "fit"), request, attached=True)
    run = finishing.complete(layout, started, lambda: world.call("x").wait(0.1))
    assert (run.status, run.model_version, run.parent) == ("finished", None, "search-1")

    wanted = world.operations.wait(world.operations.run("fit", parameters={"C": 0.5}))

    assert (wanted.id, wanted.model_version) == (run.id, 2)
    assert finishing.register(layout, run, "buyer").version == 2
    assert len(world.operations.versions("buyer")) == 2


def test_another_champion_answers_anew(world: World) -> None:
    operations, first = world.operations, newest(world, "answers")
    operations.approve("buyer", 2, approver="ada", comment="")
    operations.promote("shop", 2)

    second = operations.wait(operations.run("answers"))

    assert (second.status, second.id != first.id) == ("finished", True)
    assert runs.read_record(runs.run_folder(world.layout, second))["read_version"] == 2
    assert world.up() == []


def test_bad_data_stops_before_it_is_read(world: World) -> None:
    people(world.project_dir / "data", rows=200)
    with (world.project_dir / "data" / "people.csv").open("a") as file:
        file.write("400,100,7\n")
    before = len(world.operations.runs("fit"))

    with pytest.raises(RunFailedError, match="1 of 161 rows are greater than `120`") as failure:
        world.up()

    assert "1 of 161 rows are none of `0, 1`" in str(failure.value)
    (run,) = [run for run in world.operations.runs("right") if run.status == "failed"]
    assert json.loads(Path(run.reports[0]).read_text())["passed"] is False
    assert len(world.operations.runs("fit")) == before
    assert "greater than" in str(world.operations.status()[3].details["reason"])


def test_an_output_that_is_left_out_fails_the_run(world: World) -> None:
    people(world.project_dir / "data", rows=200)
    script = world.project_dir / "processing" / "clean.py"
    script.write_text("print('nothing')\n")

    with pytest.raises(RunFailedError, match="left nothing in its output `rows`"):
        world.up()
    assert next(world.operations.logs("clean")) == "nothing"
    script.write_text(CLEAN)
    world.up()


def test_destroy_leaves_nothing(world: World) -> None:
    root = world.layout.root

    world.destroy()

    assert not root.exists()
    assert processes_of(root) == []
