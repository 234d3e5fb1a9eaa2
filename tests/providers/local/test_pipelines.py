"""Pipelines with real processes: order, adoption, gates, new data, values of one run, death.

The scripts fit two numbers in milliseconds; what a step costs here is its start. The engine is
not in it (`world.py`); `tests/engine` and `tests/faults` have it.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
from mlops_iac_local import registry_reads, tracking
from mlops_iac_local.jobs import runs, starting
from mlops_iac_local.jobs.definition import definition
from mlops_iac_local.jobs.starting import Request
from mlops_iac_local.pipelines.document import PipelineRecord, StepRecord, read_record
from mlops_iac_local.pipelines.ordering import run_in_order

from mlops_iac.errors import OperationError
from mlops_iac.operations import Run
from mlops_iac.specs import Dataset, Pipeline, ProcessingJob, RegisteredModel, Spec, TrainingJob
from tests.providers.local.world import World, people, processes_of, until

TRAIN = """
import mlops_iac.runtime as runtime
import pandas as pd
from sklearn.linear_model import LogisticRegression
context = runtime.training_context()
rows = pd.read_csv(next(context.inputs["people"].glob("*.csv")))
target = rows["bought"] if context.hyperparameters["sane"] else 1 - rows["bought"]
model = LogisticRegression().fit(rows[["age", "income"]], target)
context.log_metrics({"rows": len(rows)})
context.log_model(model, example=rows[["age", "income"]].head(3), pip_requirements=[],
                  pyfunc_predict_fn="predict_proba")
"""
COPY = """
import shutil, time
import mlops_iac.runtime as runtime
context = runtime.processing_context()
time.sleep(context.parameters.get("seconds", 0))
for file in context.inputs["people"].glob("*.csv"):
    shutil.copy(file, context.outputs["clean"])
"""
GATE: dict[str, Any] = {"metric": "roc_auc", "data": "people", "label": "bought"}


@pytest.fixture
def make(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick_tracking: None,  # noqa: ARG001  it only has to be there
) -> Iterator[Any]:
    worlds: list[World] = []
    contexts = ExitStack()

    def make(*specs: Spec) -> World:
        folder = tmp_path / "p"
        people(folder / "data", rows=60)
        for name, script in (("train", TRAIN), ("copy", COPY)):
            (folder / name).mkdir(parents=True)
            (folder / name / "main.py").write_text(script)
        world = World(folder, {spec.name: spec for spec in specs})
        worlds.append(world)
        contexts.enter_context(world.registering(monkeypatch))
        return world

    yield make
    for world in worlds:
        if world.applied:
            world.destroy()
            assert not world.layout.root.exists()
    contexts.close()


def people_data() -> Dataset:
    return Dataset("people", source="data/*.csv", format="csv", columns={"age": "integer"})


def training(gate: dict[str, Any]) -> list[Spec]:
    """Return data, a model, a job that trains it when asked, and a pipeline of that job."""
    return [
        people_data(),
        RegisteredModel("buyer"),
        TrainingJob("fit", script="train/main.py", data="people", model="buyer", run="manual",
                    hyperparameters={"sane": True}),
        Pipeline("retrain", steps=["fit"], gates=[gate]),
    ]  # fmt: skip


def copying(name: str, data: str = "people", **parameters: Any) -> ProcessingJob:
    """Return a job that hands its data on."""
    return ProcessingJob(
        name, script="copy/main.py", data={"people": data}, outputs={"clean": "csv"},
        run="manual", parameters=parameters,
    )  # fmt: skip


def ran(world: World, pipeline: str = "retrain", **options: Any) -> tuple[Run, PipelineRecord]:
    """Run a pipeline to its end; return the run and its record."""
    run = world.operations.wait(world.operations.run(pipeline, **options))
    record = read_record(world.layout, run)
    assert record is not None, run.reason
    return run, record


def adopted(record: PipelineRecord) -> dict[str, bool]:
    return {step.name: step.adopted for step in record.steps}


@pytest.mark.slow
def test_what_passes_its_gates_becomes_a_version_and_what_is_worse_does_not(make: Any) -> None:
    """A worse model is really trained: on the labels turned round."""
    world = make(*training({**GATE, "threshold": 0.6}))
    world.up()
    run, record = ran(world)
    assert (run.status, run.model_version, run.reason) == ("finished", 1, None)
    assert (record.outcome, record.version, record.model) == ("passed", 1, "buyer")
    assert [gate["champion"] for gate in record.gates] == [None]
    version = world.operations.versions("buyer")[0]
    fit = world.operations.runs("fit")[0]
    assert (version.status, version.aliases, version.run_id) == ("approved", ("champion",), fit.id)
    assert (fit.parent, fit.model_version) == (run.id, 1)
    assert json.loads(tags(world, 1)[registry_reads.GATES_TAG])[0]["passed"] is True

    worse, refused = ran(world, parameters={"fit.sane": False})

    assert (worse.status, worse.model_version, refused.outcome) == ("finished", None, "refused")
    assert "below the threshold 0.6" in str(refused.reason)
    assert "beside the champion's" in str(refused.reason)
    assert worse.reason == refused.reason
    assert len(world.operations.versions("buyer")) == 1
    assert len(world.operations.runs("fit")) == 2
    with pytest.raises(OperationError, match=r"no parameter `fit.mad`, `sane`(.|\n)*`fit.sane`"):
        world.operations.run("retrain", parameters={"fit.mad": 1, "sane": 1})


def test_a_run_is_adopted_and_done_again_only_when_a_person_asks(make: Any) -> None:
    world = make(people_data(), copying("tidy"), Pipeline("work", steps=["tidy"]))
    world.up()
    first, _ = ran(world, "work")

    assert ran(world, "work")[0].id == first.id
    layout, made = world.layout, definition(world.layout, "work")
    asked = Request(again=True, parent="policy-1")
    by_loop = runs.read_run(starting.start(layout, made, asked, attached=False).folder)
    assert by_loop is not None
    world.operations.wait(by_loop)
    by_person, record = ran(world, "work", again=True)

    loops = read_record(layout, by_loop)
    assert loops is not None
    assert (adopted(loops), adopted(record)) == ({"tidy": True}, {"tidy": False})
    assert len({first.id, by_loop.id, by_person.id}) == 3
    assert [run.parent for run in world.operations.runs("tidy")] == [by_person.id, first.id]


def test_new_files_are_a_new_version_and_flow_through_the_steps(make: Any) -> None:
    """The definitions stay those of the last `up`; only the data of this run is another."""
    world = make(people_data(), copying("tidy"), copying("again", "tidy/clean"),
                 Pipeline("work", steps=["tidy", "again"]))  # fmt: skip
    world.up()
    _, first = ran(world, "work")
    people(world.project_dir / "data", rows=80)

    _, second = ran(world, "work")

    assert (first.outcome, second.outcome) == ("passed", "passed")
    assert not any([*adopted(first).values(), *adopted(second).values()])
    for record in (first, second):
        assert read_by(world, record.steps[0]) == {"people": record.data["people"]}
    tidy = {run.id: run.outputs["clean"] for run in world.operations.runs("tidy")}
    assert [read_by(world, record.steps[1])["people"] for record in (first, second)] == [
        tidy[str(record.steps[0].run_id)] for record in (first, second)
    ]
    status = {row.component: row.details for row in world.operations.status()}
    assert (status["people"]["versions"], status["people"]["version"]) == (2, first.data["people"])
    people(world.project_dir / "data", rows=60)
    assert adopted(ran(world, "work", again=False)[1]) == {"tidy": False, "again": False}
    assert len(world.operations.runs("tidy")) == 2


def test_a_failed_step_stops_what_needs_it_and_nothing_else(make: Any) -> None:
    world = make(people_data(), copying("good"), copying("late", "good/clean"),
                 copying("bad", seconds=-1), copying("never", "bad/clean"),
                 Pipeline("work", steps=["good", {"run": "bad", "after": []},
                                         {"run": "never", "after": ["bad"]},
                                         {"run": "late", "after": ["good"]}]))  # fmt: skip
    world.up()

    run, record = ran(world, "work")

    statuses = {step.name: step.status for step in record.steps}
    assert statuses == {"good": "finished", "bad": "failed", "never": "skipped", "late": "finished"}
    assert (run.status, record.outcome) == ("failed", "failed")
    assert "step `bad` failed: ValueError" in str(run.reason)
    assert ran(world, "work", again=True)[1].outcome == "failed"


def test_data_that_breaks_its_declaration_fails_the_run_before_any_step(make: Any) -> None:
    world = make(people_data(), copying("tidy"), Pipeline("work", steps=["tidy"]))
    world.up()
    (world.project_dir / "data" / "more.csv").write_text("other\n1\n")

    run, record = ran(world, "work")

    assert (run.status, record.steps[0].status) == ("failed", "waiting")
    assert "has no column `age`" in str(run.reason)
    assert world.operations.runs("tidy") == []


@pytest.mark.parametrize("victim", ["keeper", "runner", "step"])
def test_a_killed_run_started_again_goes_on(make: Any, victim: str) -> None:
    """`tests/faults/test_pipeline_kills.py` has random moments, and a model that is registered."""
    world = make(people_data(), copying("fast"), copying("slow", seconds=1.0),
                 Pipeline("work", steps=["fast", "slow"]))  # fmt: skip
    world.up()
    run = world.operations.run("work")
    # A run is known before its process is.
    until(lambda: [r for r in world.operations.runs("slow") if record_of(world, r)["pid"]])
    keeper = record_of(world, run)["pid"]
    pid = {
        "keeper": lambda: keeper,
        "runner": lambda: psutil.Process(keeper).children()[0].pid,
        "step": lambda: record_of(world, world.operations.runs("slow")[0])["pid"],
    }[victim]()
    os.kill(pid, signal.SIGKILL)
    ended = world.operations.wait(run)

    again, record = ran(world, "work")

    # A killed step is begun anew by the run that waits for it.
    assert ended.status == ("finished" if victim == "step" else "stopped")
    assert (again.status, record.outcome) == ("finished", "passed")
    assert adopted(record) == {"fast": victim != "step", "slow": False}
    assert [run.status for run in world.operations.runs("slow")] == ["finished", "stopped"]
    until(lambda: not processes_of(world.layout.runs))


def test_a_stopped_run_stops_its_steps(make: Any) -> None:
    world = make(people_data(), copying("slow", seconds=60), Pipeline("work", steps=["slow"]))
    world.up()
    run = world.operations.run("work")
    until(lambda: world.operations.runs("slow"))

    stopped = world.operations.stop(run)

    record = read_record(world.layout, run)
    assert record is not None
    assert (stopped.status, record.outcome) == ("stopped", "stopped")
    assert world.operations.runs("slow")[0].status == "stopped"
    assert processes_of(world.layout.runs) == []


def test_independent_steps_run_side_by_side_and_the_others_in_their_order() -> None:
    graph = {"a": (), "b": (), "c": ("a", "b"), "d": ("c",), "e": ("a",)}
    together, done = threading.Barrier(2, timeout=30), list[str]()

    def work(name: str) -> bool:
        if name in {"a", "b"}:
            together.wait()
        assert set(graph[name]) <= set(done)
        done.append(name)
        return name != "c"

    run_in_order(graph, work)

    assert sorted(done) == ["a", "b", "c", "e"]


def tags(world: World, number: int) -> dict[str, str]:
    name = world.applied["buyer"].inputs["mlflowName"]
    found = tracking.client(world.layout).get_model_version(name, str(number))
    return dict(found.tags)


def record_of(world: World, run: Run) -> dict[str, Any]:
    return runs.read_record(runs.run_folder(world.layout, run))


def read_by(world: World, step: StepRecord) -> dict[str, str]:
    """Return the digests that a step's run read."""
    known = {run.id: run for run in world.operations.runs(step.name)}
    return record_of(world, known[str(step.run_id)])["inputs"]
