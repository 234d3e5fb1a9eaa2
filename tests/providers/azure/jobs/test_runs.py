"""Declared jobs as pipeline jobs on the test cloud, through `JobRun` and the steps.

Proves starts, adoption, registration, gates and failures over the requests that are really sent.
Limit: programs are played, and a test cloud stands for Azure ML.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mlops_iac_azure import documents, registry, tracking
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.resources.job_run import JobRunHandler, RunFailedError

from mlops_iac.registry import Model, Version
from mlops_iac.specs import (
    BatchInference,
    Choice,
    DataFormat,
    ExperimentTracker,
    HyperparameterSearch,
    IntegerRange,
    Pipeline,
    ProcessingJob,
    RunPolicy,
    TrainingJob,
)
from tests.clouds.azure.hooks import RunState
from tests.providers.azure.harness import DIGEST
from tests.providers.azure.jobs.world import DATA, JOB, MODEL, Killed, Program, Shop


def _spec(kind: Any, name: str, **fields: Any) -> Any:
    return kind(name, **fields)


CLEAN = _spec(ProcessingJob, "clean", script="train.py", data="departures", outputs={"rows": "csv"})


def _trained(auc: float = 0.9) -> Any:
    def leave(program: Program) -> int:
        program.leave({"metrics": {"auc": auc}, "makes_model": True})
        return 0

    return leave


def _processed(program: Program) -> int:
    program.leave({})
    return 0


def _versions(shop: Shop) -> list[Version]:
    name = shop.inputs("delay")["model"]
    return registry.versions(shop.place, Model(name=name, component="late", bucket=shop.bucket))


def test_a_training_is_run_and_its_model_registered_with_digest_and_metrics(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.leave = _trained()

    _, state = shop.run("delay")

    assert (state["status"], state["model_version"]) == ("finished", "1")
    assert state["metrics"] == {"auc": 0.9}
    (version,) = _versions(shop)
    assert (version.digest, version.metrics) == (DIGEST, {"auc": 0.9})
    assert version.artifact.endswith(f"/runs/delay/{state['run_id']}/delay/model/kept")
    kept = documents.paths(shop.place, shop.bucket, f"runs/delay/{state['run_id']}/delay/model")
    assert [path.rpartition("/")[2] for path in kept] == ["MLmodel"]


def test_a_key_has_one_run_although_the_answer_of_its_start_is_lost(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.leave = _trained()
    shop.cloud.faults.ask("lost", "jobs.put")

    first, _ = shop.run("delay")
    again, _ = shop.run("delay")

    assert first == again
    assert len(shop.nodes.pipelines) == len(shop.programs) == 1
    assert len(_versions(shop)) == 1


def test_a_run_of_a_stack_that_was_destroyed_is_no_run_of_the_one_made_anew(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)
    shop.leave = _processed
    first, _ = shop.run("clean")
    begun = datetime.fromisoformat(runs.execution(shop.place, first).started)

    shop.cloud.clock.advance(3600)
    with patch.object(documents, "bucket_created", lambda *_: begun + timedelta(minutes=1)):
        second, state = shop.run("clean")
        again, _ = shop.run("clean")

    assert second == again == f"{first}-1"
    assert state["status"] == "finished"


def test_a_version_is_registered_once_although_its_step_is_killed_after_it(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.leave = _trained()

    def killed(*_: object, **__: object) -> Any:
        raise Killed

    with patch.object(registry, "note", killed), pytest.raises(Killed):
        shop.run("delay")
    _, state = shop.run("delay")

    assert state["model_version"] == "1"
    assert [version.number for version in _versions(shop)] == [1]


def test_a_failed_run_stays_failed_under_its_key_with_the_scripts_own_reason(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)

    def fail(program: Program) -> int:
        program.leave({"status": "failed", "error": "no rows today"})
        return 1

    shop.leave = fail
    for _ in range(2):
        with pytest.raises(RunFailedError, match="no rows today"):
            shop.run("clean")

    assert len(shop.nodes.pipelines) == len(shop.programs) == 1
    # What a failed run has made is nobody's data.
    assert documents.paths(shop.place, shop.bucket, "data/") == []


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "failed; no step has begun"),
        ({"status": "running"}, "step `clean` was ended from outside"),
        (
            {"status": "finished", "ended": "2026-01-01T00:00:00Z"},
            "failed; no step has begun after `clean`",
        ),
    ],
    ids=["before any step", "in a step", "between two"],
)
def test_a_run_that_ends_without_a_reason_says_where(
    shop: Shop, told: dict[str, str], reason: str
) -> None:
    shop.declare(DATA, CLEAN)
    run, state = shop.run("clean", wait="submitted")
    if told:
        path = f"runs/clean/{state['run_id']}/steps/clean.json"
        documents.write(shop.place, shop.bucket, path, {"step": "clean", **told})
    shop.nodes.pipelines[state["run_id"]].finish(RunState.FAILED)

    found = runs.execution(shop.place, run)

    assert runs.failure(shop.place, shop.bucket, found) == reason


def test_deleting_a_run_stops_it_and_keeps_its_record(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)
    run, state = shop.run("clean", wait="submitted")

    JobRunHandler().delete(run, state, shop.call())

    found = JobRunHandler().read(run, state, shop.call())
    assert found is not None
    assert found.state["status"] == "stopped"


def test_an_imported_run_is_then_unchanged(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.leave = _trained()
    run, _ = shop.run("delay")

    found = JobRunHandler().read(run, {}, shop.call())

    assert found is not None
    assert found.state["model_version"] == "1"
    assert JobRunHandler().diff(found.state, found.inputs, shop.inputs("delay")).changed == ()


def test_what_a_step_leaves_lies_under_the_runs_key_for_those_who_read_it(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)

    def leave(program: Program) -> int:
        rows = Path(program.environment["MLOPS_DATA_DIR"]) / "rows"
        rows.mkdir()
        (rows / "a.csv").write_text("x\n1\n")
        program.leave({})
        return 0

    shop.leave = leave
    shop.run("clean")

    key = shop.inputs("clean")["key"]
    assert documents.paths(shop.place, shop.bucket, "data/") == [f"data/clean/{key}/rows/a.csv"]


@pytest.mark.parametrize(("passes", "versions"), [(True, [1]), (False, [])])
def test_a_pipeline_registers_what_passes_its_gates(
    shop: Shop, passes: bool, versions: list[int]
) -> None:
    gate = {"metric": "roc_auc", "data": "departures", "label": "y", "threshold": 0.7}
    weekly = _spec(Pipeline, "weekly", steps=("clean", "delay"), gates=(gate,))
    trainer = JOB.model_copy(update={"run": RunPolicy.ON_CHANGE})
    shop.declare(DATA, MODEL, CLEAN, trainer, weekly)

    def leave(program: Program) -> int:
        makes = program.step == "delay"
        files = {"evaluation": {"passed": passes}} if program.step == "weekly-gates" else {}
        program.leave({"metrics": {"auc": 0.9} if makes else {}, "makes_model": makes}, **files)
        return 0

    shop.leave = leave
    run = shop.start("weekly", "tuesday")
    shop.launch()

    assert [program.step for program in shop.programs] == ["clean", "delay", "weekly-gates"]
    assert [version.number for version in _versions(shop)] == versions
    task = shop.programs[-1].environment
    told = shop.task_of(run, "weekly-gates")
    assert told["candidate"]["digest"] == DIGEST
    assert told["champion"] is None
    assert task["MLOPS_INPUT_DEPARTURES"] == str(shop.folder / "mounted")
    ended = runs.execution(shop.place, runs.job_id(shop.place, run))
    assert ended.status == runs.FINISHED
    steps = runs.reports(shop.place, shop.bucket, ended)
    assert steps["delay-register"]["status"] == (runs.FINISHED if passes else runs.SKIPPED)


def test_data_of_a_step_is_read_where_the_same_run_leaves_it(shop: Shop) -> None:
    reads = _spec(TrainingJob, "delay", script="train.py", data="clean/rows", run="manual")
    shop.declare(DATA, CLEAN, reads, _spec(Pipeline, "weekly", steps=("clean", "delay")))
    shop.leave = _processed

    run = shop.start("weekly", "tuesday")
    shop.launch()

    mounted = shop.programs[-1].environment["MLOPS_INPUT_ROWS"]
    assert mounted == str(shop.folder / "mounted" / run / "rows")


def test_a_search_ends_with_the_best_trial_and_its_types(shop: Shop) -> None:
    search = _spec(
        HyperparameterSearch,
        "tune",
        job="delay",
        parameters={"depth": IntegerRange(min=2, max=8), "kind": Choice(choices=("a", 1, True))},
        metric="auc",
        trials=3,
    )
    shop.declare(DATA, MODEL, JOB, search)

    def leave(program: Program) -> int:
        given = json.loads(Path(program.environment["MLOPS_HYPERPARAMETERS"]).read_text())
        if given["depth"] == 4:
            program.leave({"status": "failed", "error": "too deep"})
            return 1
        program.leave({"metrics": {"auc": 0.8 + given["depth"] / 100}, "makes_model": True})
        return 0

    shop.leave = leave
    _, state = shop.run("tune")

    assert state["parameters"] == {"depth": 3, "kind": 1}
    assert isinstance(state["parameters"]["depth"], int)
    assert (state["value"], state["model_version"]) == (pytest.approx(0.83), "1")
    assert len(shop.tracked) == 3


def test_batch_inference_waits_for_an_approved_version_and_answers_with_it(shop: Shop) -> None:
    forecast = _spec(
        BatchInference, "forecast", model="late@champion", data="departures", keep=("x",)
    )
    shop.declare(DATA, MODEL, JOB, forecast)
    shop.leave = _trained()

    name, waiting = shop.run("forecast")
    before = JobRunHandler().diff(waiting, shop.inputs("forecast"), shop.inputs("forecast"))
    shop.run("delay")
    after = JobRunHandler().diff(waiting, shop.inputs("forecast"), shop.inputs("forecast"))
    state = JobRunHandler().update(name, waiting, shop.inputs("forecast"), shop.call(shop.launch))

    assert (waiting["status"], before.changed, after.changed) == ("waiting", (), ("status",))
    assert state["status"] == "finished"
    task = shop.task_of(state["run_id"], "forecast")
    assert task["format"] == DataFormat.CSV
    assert task["model"]["digest"] == DIGEST


def test_an_image_of_ones_own_is_told_everything_by_variables(shop: Shop) -> None:
    own = _spec(
        TrainingJob,
        "delay",
        image=f"acme.azurecr.io/mine@{DIGEST}",
        data="departures",
        model="late",
        environment={"MODE": "full"},
    )
    shop.declare(DATA, MODEL, own)
    shop.leave = _trained()

    _, state = shop.run("delay")

    (program,) = shop.programs
    assert (program.step, program.command) == ("delay-image", ["train"])
    assert program.environment["MLOPS_RUN_KEY"] == shop.inputs("delay")["key"]
    assert (state["model_version"], state["metrics"]) == ("1", {"auc": 0.9})


def test_a_trainings_metrics_and_parameters_are_told_its_run_of_the_experiment(shop: Shop) -> None:
    tracker = _spec(ExperimentTracker, "compare")
    job = JOB.model_copy(update={"experiment": "compare", "hyperparameters": {"depth": 3}})
    shop.declare(DATA, MODEL, tracker, job)
    shop.leave = _trained()

    _, state = shop.run("delay")

    assert shop.tracked == {f"{state['run_id']}-delay": ({"auc": 0.9}, {"depth": 3})}
    sent = shop.nodes.pipelines[state["run_id"]].request["job"]["properties"]
    assert sent["experimentName"].startswith("flights-dev-compare")


def test_an_experiment_that_takes_nothing_fails_no_training(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.leave = _trained()

    def refused(*_: object, **__: object) -> None:
        raise AzureError("no way")

    with patch.object(tracking, "log", refused):
        _, state = shop.run("delay")

    assert state["status"] == "finished"


def test_a_trial_tells_its_run_values_and_not_words(shop: Shop) -> None:
    search = _spec(
        HyperparameterSearch,
        "tune",
        job="delay",
        parameters={"kind": Choice(choices=("two words", "x"))},
        metric="auc",
        trials=2,
    )
    shop.declare(DATA, MODEL, JOB, search)
    shop.leave = _trained()

    shop.run("tune")

    assert [told for _, told in shop.tracked.values()] == [{"kind": "two words"}, {"kind": "x"}]
