"""SIGKILL at random moments of a pipeline's run, at a random process of it.

Proves that the same run started again goes on: one version, nothing trained twice that had ended,
nothing left running. Limit: the moments are drawn by seed over the usual length of a run; the
engine is not in it (`test_kills.py`), nor the loop (`test_loop_kills.py`).
"""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from mlops_iac_local.pipelines.document import read_record

from mlops_iac.operations import Run
from mlops_iac.specs import Dataset, Pipeline, ProcessingJob, RegisteredModel, TrainingJob
from tests.providers.local.test_pipelines import COPY, GATE, TRAIN
from tests.providers.local.world import World, people, processes_of, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PARTS = ("runs/", "mlops_iac_local.pipelines", "runtime.train", "runtime.evaluate", "launch run")
RUN_SECONDS = 10.0
QUICK_SEEDS = (3,)
DEEP_SEEDS = tuple(range(20, 32))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    folder = tmp_path / "p"
    people(folder / "data", rows=60)
    for name, script in (("train", TRAIN), ("copy", COPY)):
        (folder / name).mkdir()
        (folder / name / "main.py").write_text(script)
    specs = (
        Dataset("people", source="data/*.csv", format="csv"),
        RegisteredModel("buyer"),
        ProcessingJob("tidy", script="copy/main.py", data="people", outputs={"clean": "csv"},
                      run="manual"),
        TrainingJob("fit", script="train/main.py", data={"people": "tidy/clean"}, model="buyer",
                    run="manual", hyperparameters={"sane": True}),
        Pipeline("retrain", steps=["tidy", "fit"], gates=[{**GATE, "threshold": 0.6}]),
    )  # fmt: skip
    made = World(folder, {spec.name: spec for spec in specs})
    with ExitStack() as contexts:
        contexts.enter_context(made.registering(monkeypatch))
        made.up()
        yield made
        made.destroy()
    assert not made.layout.root.exists()


def seeds() -> list[object]:
    deep = [pytest.param(seed, marks=pytest.mark.deep) for seed in DEEP_SEEDS]
    return [*QUICK_SEEDS, *deep]


@pytest.mark.parametrize("seed", seeds())
def test_a_killed_pipeline_goes_on_and_registers_one_version(world: World, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(2):
        kill_during(world, chance)

    ended = world.operations.wait(world.operations.run("retrain"))

    record = read_record(world.layout, ended)
    assert record is not None, ended.reason
    assert (ended.status, record.outcome, record.version) == ("finished", "passed", 1)
    (version,) = world.operations.versions("buyer")
    assert (version.aliases, version.status) == (("champion",), "approved")
    for step in record.steps:
        finished = [run for run in world.operations.runs(step.name) if run.status == "finished"]
        assert [run.id for run in finished] == [step.run_id]
    until(lambda: not processes_of(world.layout.runs))


def kill_during(world: World, chance: random.Random) -> None:
    """Let the pipeline run for a moment drawn by chance, and kill processes of one of its parts."""
    moment, part = chance.uniform(0.1, RUN_SECONDS), chance.choice(PARTS)
    run, end = world.operations.run("retrain"), time.monotonic() + moment
    until(lambda: time.monotonic() > end or status_of(world, run) != "running")
    for pid in processes_of(world.layout.runs):
        kill(pid, part)
    world.operations.wait(run)


def kill(pid: int, part: str) -> None:
    try:
        process = psutil.Process(pid)
        if part in " ".join(process.cmdline()):
            process.kill()
    except psutil.NoSuchProcess:
        return


def status_of(world: World, run: Run) -> str:
    return next(r.status for r in world.operations.runs("retrain") if r.id == run.id)
