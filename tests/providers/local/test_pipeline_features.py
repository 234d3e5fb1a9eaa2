"""A pipeline that fills a feature group before it trains: what is trained on is never stale.

Real processes and Feast itself; the engine is not in it (`world.py`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlops_iac_local.features.group import stored_group
from mlops_iac_local.features.views import registered
from mlops_iac_local.pipelines.document import read_record

from mlops_iac.specs import Dataset, FeatureGroup, Pipeline, RegisteredModel, Spec, TrainingJob
from mlops_iac.wiring import wiring_problems
from tests.providers.local.world import World

TRAIN = """
import mlops_iac.runtime as runtime
import pandas as pd
from sklearn.linear_model import LogisticRegression
context = runtime.training_context()
rows = pd.read_parquet(context.inputs["orders"])
context.log_metrics({"heat": rows["heat"].mean()})
model = LogisticRegression().fit(rows[["heat"]], rows["late"])
context.log_model(model, example=rows[["heat"]], pip_requirements=[])
"""
SPECS: tuple[Spec, ...] = (
    Dataset("readings", source="readings/*.csv", format="csv"),
    Dataset("orders", source="orders/*.csv", format="csv"),
    FeatureGroup("heats", data="readings", entities=["shop"], event_time="time",
                 features={"heat": "number"}),
    RegisteredModel("lateness"),
    TrainingJob("fit", script="train/main.py", data="orders", features=["heats"],
                model="lateness", metrics=["heat"], run="manual"),
    Pipeline("retrain", steps=["heats", "fit"]),
)  # fmt: skip


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    folder = tmp_path / "p"
    write(folder / "train" / "main.py", TRAIN)
    write(folder / "readings" / "a.csv", "shop,time,heat\n1,2026-01-01T00:00:00Z,10.0\n")
    orders = "".join(f"1,2026-01-03T0{i}:00:00Z,{i % 2}\n" for i in range(6))
    write(folder / "orders" / "a.csv", f"shop,time,late\n{orders}")
    made = World(folder, {spec.name: spec for spec in SPECS})
    with made.registering(monkeypatch):
        yield made
        made.destroy()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def trained(world: World) -> tuple[float, bool]:
    """Run the pipeline; return what the model saw, and whether the features were there before."""
    run = world.operations.wait(world.operations.run("retrain"))
    record = read_record(world.layout, run)
    assert record is not None
    assert (run.status, record.outcome) == ("finished", "passed"), record.reason
    (fit,) = [item for item in world.operations.runs("fit") if item.parent == run.id]
    return fit.metrics["heat"], record.steps[0].adopted


def fitted(world: World, **options: bool) -> float:
    """Run the job by itself; return what the model saw."""
    return world.operations.wait(world.operations.run("fit", **options)).metrics["heat"]


@pytest.mark.slow
def test_new_readings_are_in_the_features_that_the_next_run_trains_on(world: World) -> None:
    world.up()
    assert trained(world) == (10.0, True)

    write(world.project_dir / "readings" / "b.csv", "shop,time,heat\n1,2026-01-02T00:00:00Z,30.0\n")
    assert trained(world) == (30.0, False)

    filled = stored_group(world.layout, "heats")
    assert filled.rows == 2
    assert registered(world.layout)["heats"].version == filled.version
    # What `up` declared is read as it was declared, until the next `up`.
    assert fitted(world, again=True) == 10.0
    world.up()
    assert stored_group(world.layout, "heats").version == filled.version
    assert fitted(world) == 30.0


def test_a_pipeline_that_leaves_features_as_they_are_is_warned_of() -> None:
    without = Pipeline("retrain", steps=["fit"])
    specs = {spec.name: spec for spec in (*SPECS, without)}

    (problem,) = wiring_problems(specs)

    assert (problem.code, problem.severity.value) == ("pipeline.stale-features", "warning")
    assert problem.remedy == "add the step `heats` before `fit`"
