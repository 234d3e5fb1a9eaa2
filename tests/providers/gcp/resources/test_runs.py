"""Runs: waited for if wanted, failed ones stay failed, cancelled when the program says so."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from mlops_iac_gcp import lro

from mlops_iac.plugin.failures import CallError
from tests.clouds.gcp.hooks import Run, RunState, Simulated
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.gcp.resources import samples
from tests.providers.gcp.resources.life import Life, calls, everything

Maker = Callable[..., Life]


class Failing(Simulated):
    """Every run ends badly at its first look."""

    def look(self, run: Run) -> None:
        run.finish(RunState.FAILED, "no memory")


def test_a_finished_run_is_waited_for(life: Maker) -> None:
    it = life("CustomJob").create({**samples.CUSTOM_JOB, "wait": "finished"})

    assert it.state["state"] == "JOB_STATE_SUCCEEDED"


def test_a_failed_run_stays_failed_until_key_or_declaration_changes(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del cloud  # its short pauses only
    with cloud_here(work=Failing()) as failing:
        for name, value in failing.environment.items():
            monkeypatch.setenv(name, value)
        it, inputs = Life(failing, tmp_path, "CustomJob"), samples.CUSTOM_JOB
        waiting = {**inputs, "wait": "finished"}
        with pytest.raises(CallError, match="FAILED: no memory") as first:
            it.create(waiting)
        partial = first.value.partial
        assert partial is not None
        it.id, it.state, it.inputs = partial.id, dict(partial.state), waiting
        with pytest.raises(CallError, match="FAILED: no memory"):
            it.update(waiting)

        assert len(everything(failing, "customJobs")) == 1


def test_another_key_is_another_run(cloud: Cloud, life: Maker) -> None:
    it = life("CustomJob").create({**samples.CUSTOM_JOB, "key": "monday"})
    again = {**samples.CUSTOM_JOB, "key": "tuesday"}
    assert it.diff(again).replaces == ("key",)
    life("CustomJob").create(again)

    assert len(everything(cloud, "customJobs")) == 2


def test_how_long_to_wait_is_no_other_run(life: Maker) -> None:
    it = life("CustomJob").create(samples.CUSTOM_JOB)
    change = it.diff({**samples.CUSTOM_JOB, "wait": "finished", "onDelete": "delete"})

    assert change.changed == ("onDelete", "wait")
    assert not change.replaces


@pytest.mark.parametrize("kind", ["CustomJob", "PipelineJob"])
def test_a_run_is_deleted_when_the_program_says_so(life: Maker, kind: str) -> None:
    sample: Any = {"CustomJob": samples.CUSTOM_JOB, "PipelineJob": samples.PIPELINE_JOB}[kind]
    it = life(kind).create({**sample, "onDelete": "delete"})
    it.delete()

    assert not it.refresh()


def test_stopping_an_up_that_waits_cancels_the_run_if_wanted(
    cloud: Cloud, life: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pause that only the stop ends.
    monkeypatch.setattr(lro, "FIRST_POLL_SECONDS", 3600.0)
    it, host = life("CustomJob"), life("CustomJob").host
    inputs = {**samples.CUSTOM_JOB, "wait": "finished", "cancelOnStop": True}
    cloud.faults.ask("hold", "customJobs.get")
    failures: list[str] = []

    def create() -> None:
        try:
            host.create(it.resource, inputs, preview=False)
        except Exception as error:  # noqa: BLE001  the thread's only word
            failures.append(str(error))

    thread = Thread(target=create)
    thread.start()
    assert cloud.faults.held()
    host.cancelled.set()
    cloud.faults.release()
    thread.join(30)

    assert failures == ["create of `churn` was stopped on request"]
    assert calls(cloud, "customJobs.cancel") == 1
