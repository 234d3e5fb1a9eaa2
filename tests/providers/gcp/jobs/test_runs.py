"""Declared jobs by their own pipelines on the test cloud, through `JobRun` and the launchers.

Proves starts, adoption, registration, gates and failures over the requests that are really sent.
Limit: containers are played, and a test cloud stands for Vertex AI.
"""

from typing import Any
from unittest.mock import patch

import pytest
from mlops_iac_gcp import registry, rest
from mlops_iac_gcp.jobs import launching
from mlops_iac_gcp.resources.job_run import JobRunHandler, RunFailedError
from mlops_iac_gcp.session import storage

from mlops_iac.registry import Model, Version
from mlops_iac.specs import (
    BatchInference,
    Choice,
    DataFormat,
    HyperparameterSearch,
    IntegerRange,
    Pipeline,
    ProcessingJob,
    RunPolicy,
)
from tests.clouds.gcp.hooks import Run, RunKind
from tests.providers.gcp.jobs.world import DIGEST, Killed, Shop
from tests.providers.gcp.scenarios import DATA, JOB, MODEL


def _spec(kind: Any, name: str, **fields: Any) -> Any:
    return kind(name, **fields)


CLEAN = _spec(ProcessingJob, "clean", script="train.py", data="departures", outputs={"rows": "csv"})


def _trained(shop: Shop, auc: float = 0.9) -> Any:
    def leave(run: Run) -> str:
        shop.leave(run, {"metrics": {"auc": auc}, "makes_model": True})
        return ""

    return leave


def _versions(shop: Shop) -> list[Version]:
    name = shop.inputs("delay")["model"]
    return registry.versions(shop.place, Model(name=name, component="late", bucket=shop.bucket))


def test_a_training_is_run_and_its_model_registered_with_digest_and_metrics(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.containers.leave = _trained(shop)

    _, state = shop.run("delay")

    assert (state["status"], state["model_version"]) == ("finished", "1")
    assert state["metrics"] == {"auc": 0.9}
    (version,) = _versions(shop)
    assert (version.digest, version.metrics) == (DIGEST, {"auc": 0.9})
    assert version.artifact == f"gs://{shop.bucket}/runs/delay/{state['run_id']}/delay/model"


def test_a_key_has_one_run_although_the_answer_of_its_start_is_lost(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.containers.leave = _trained(shop)
    shop.cloud.faults.ask("lost", "pipelineJobs.create")
    shop.cloud.faults.ask("lost", "customJobs.create")

    first, _ = shop.run("delay")
    again, _ = shop.run("delay")

    assert first == again
    assert len(shop.containers.pipelines) == 1
    assert [run.kind for run in shop.containers.jobs] == [RunKind.CUSTOM_JOB]
    assert len(_versions(shop)) == 1


def test_a_run_of_a_stack_that_was_destroyed_is_no_run_of_the_one_made_anew(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.containers.leave = _trained(shop)
    first, _ = shop.run("delay")
    storage(shop.place).bucket(shop.bucket).delete(force=True)
    registry.remove_all(
        shop.place,
        Model(name=shop.inputs("delay")["model"], component="late", bucket=shop.bucket),
        pause=lambda _: None,
    )
    shop.cloud.clock.advance(60)

    shop.declare(DATA, MODEL, JOB)
    second, state = shop.run("delay")

    assert second == f"{first}-1"
    assert (state["status"], state["model_version"]) == ("finished", "1")
    assert shop.run("delay")[0] == second


def test_a_launcher_that_is_killed_and_started_again_adopts_its_job(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.containers.leave = _trained(shop)

    def killed(*_: object, **__: object) -> Any:
        raise Killed

    with patch.object(launching, "awaited", killed), pytest.raises(Killed):
        shop.run("delay")
    _, state = shop.run("delay")

    assert state["status"] == "finished"
    assert len(shop.containers.jobs) == 1


def test_a_job_goes_on_although_nobody_can_look_at_it_for_a_while(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)
    shop.containers.leave = lambda run: shop.leave(run, {}) or ""
    shop.cloud.faults.ask("unavailable", "customJobs.get", times=3)

    with patch.object(rest, "ATTEMPTS", 1):
        _, state = shop.run("clean")

    assert state["status"] == "finished"


def test_a_version_is_registered_once_although_its_launcher_is_killed_after_the_upload(
    shop: Shop,
) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.containers.leave = _trained(shop)

    def killed(*_: object, **__: object) -> Any:
        raise Killed

    with patch.object(registry, "note", killed), pytest.raises(Killed):
        shop.run("delay")
    _, state = shop.run("delay")

    assert state["model_version"] == "1"
    assert [version.number for version in _versions(shop)] == [1]


def test_a_failed_run_stays_failed_under_its_key_with_the_scripts_own_reason(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)

    def fail(run: Run) -> str:
        shop.leave(run, {"status": "failed", "error": "no rows today"})
        return "The replica workerpool0-0 exited with a non-zero status of 1."

    shop.containers.leave = fail
    for _ in range(2):
        with pytest.raises(RunFailedError, match="no rows today"):
            shop.run("clean")

    assert len(shop.containers.pipelines) == len(shop.containers.jobs) == 1


def test_deleting_a_run_stops_it_and_keeps_its_record(shop: Shop) -> None:
    shop.declare(DATA, CLEAN)
    run, state = shop.run("clean", wait="submitted")

    JobRunHandler().delete(run, state, shop.call())

    found = JobRunHandler().read(run, state, shop.call())
    assert found is not None
    assert found.state["status"] == "stopped"


def test_an_imported_run_is_then_unchanged(shop: Shop) -> None:
    shop.declare(DATA, MODEL, JOB)
    shop.containers.leave = _trained(shop)
    run, _ = shop.run("delay")

    found = JobRunHandler().read(run, {}, shop.call())

    assert found is not None
    assert found.state["model_version"] == "1"
    declared = shop.inputs("delay")
    short = {**declared, "key": declared["key"][:63]}
    assert JobRunHandler().diff(found.state, found.inputs, short).changed == ()


@pytest.mark.parametrize(("passes", "versions"), [(True, [1]), (False, [])])
def test_a_pipeline_registers_what_passes_its_gates(
    shop: Shop, passes: bool, versions: list[int]
) -> None:
    gate = {"metric": "roc_auc", "data": "departures", "label": "y", "threshold": 0.7}
    weekly = _spec(Pipeline, "weekly", steps=("clean", "delay"), gates=(gate,))
    trainer = JOB.model_copy(update={"run": RunPolicy.ON_CHANGE})
    shop.declare(DATA, MODEL, CLEAN, trainer, weekly)

    def leave(run: Run) -> str:
        step = run.request["labels"]["mlops-iac-step"]
        makes = step == "delay"
        files = {"evaluation": {"passed": passes}} if step == "weekly-gates" else {}
        shop.leave(run, {"metrics": {"auc": 0.9} if makes else {}, "makes_model": makes}, **files)
        return ""

    shop.containers.leave = leave
    run = shop.start("weekly", "tuesday")
    shop.launch()

    assert [job.request["labels"]["mlops-iac-step"] for job in shop.containers.jobs] == [
        "clean",
        "delay",
        "weekly-gates",
    ]
    assert [version.number for version in _versions(shop)] == versions
    assert shop.task_of(run, "weekly-gates")["candidate"]["digest"] == DIGEST
    assert shop.task_of(run, "weekly-gates")["champion"] is None


def test_a_search_ends_with_the_best_trial_and_its_types(shop: Shop) -> None:
    search = _spec(
        HyperparameterSearch,
        "tune",
        job="delay",
        parameters={"depth": IntegerRange(min=2, max=8), "kind": Choice(choices=("a", 1, True))},
        metric="auc",
        trials=2,
    )
    shop.declare(DATA, MODEL, JOB, search)

    def leave(run: Run) -> str:
        run.update(trials=[_trial("1", 0.8, 3, '"a"'), _trial("2", 0.9, 5, "1")])
        shop.leave_trial(run, "2", {"metrics": {"auc": 0.9}, "makes_model": True})
        return ""

    shop.containers.leave = leave
    _, state = shop.run("tune")

    assert state["parameters"] == {"depth": 5, "kind": 1}
    assert isinstance(state["parameters"]["depth"], int)
    assert (state["value"], state["model_version"]) == (0.9, "1")


def _trial(number: str, auc: float, depth: int, kind: str) -> dict[str, Any]:
    return {
        "id": number,
        "state": "SUCCEEDED",
        "finalMeasurement": {"metrics": [{"metricId": "auc", "value": auc}]},
        "parameters": [
            {"parameterId": "depth", "value": float(depth)},
            {"parameterId": "kind", "value": kind},
        ],
    }


def test_batch_inference_waits_for_an_approved_version_and_answers_with_it(shop: Shop) -> None:
    forecast = _spec(
        BatchInference, "forecast", model="late@champion", data="departures", keep=("x",)
    )
    shop.declare(DATA, MODEL, JOB, forecast)
    shop.containers.leave = _trained(shop)

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
    assert task["model"]["path"].endswith("/delay/model")
