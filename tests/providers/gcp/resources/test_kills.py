"""A killed `up`, repeated: the operation goes on, nothing is made twice, nothing is lost.

The killed process is a real one, ended by SIGKILL while its call is held in the test cloud.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.resources import samples
from tests.providers.gcp.resources.life import Life, calls, everything, killed_while

Maker = Callable[..., Life]
MONITOR: Mapping[str, Any] = samples.model_monitor("projects/p/locations/europe-west4/models/1")
SCHEDULE: Mapping[str, Any] = {
    "displayName": "nightly",
    "cron": "0 3 * * *",
    "maxConcurrentRunCount": 1,
    "createModelMonitoringJobRequest": {
        "parent": "projects/mlops-test/locations/europe-west4/modelMonitors/watch",
        "modelMonitoringJob": {"displayName": "look"},
    },
}


@pytest.mark.parametrize(
    ("kind", "inputs", "method"),
    [
        ("ModelMonitor", MONITOR, "modelMonitors.create"),
        ("Model", samples.MODEL, "models.upload"),
    ],
)
def test_an_operation_that_a_killed_up_waited_for_is_waited_for_again(
    cloud: Cloud, life: Maker, kind: str, inputs: Mapping[str, Any], method: str
) -> None:
    it = life(kind)
    cloud.faults.ask("hold", "operations.get")
    with killed_while(it, inputs):
        assert cloud.faults.held(60)
    cloud.faults.release()
    it.create(inputs)

    assert calls(cloud, method) == 1
    assert any("an interrupted call has begun" in told for told in it.told)
    assert it.refresh()


def test_the_metadata_store_that_a_killed_up_has_begun_is_taken_and_stays(
    cloud: Cloud, life: Maker
) -> None:
    it = life("Experiment")
    cloud.faults.ask("hold", "operations.get")
    with killed_while(it, samples.EXPERIMENT):
        assert cloud.faults.held(60)
    cloud.faults.release()
    it.create(samples.EXPERIMENT)

    assert calls(cloud, "metadataStores.delete") == 0
    assert len(everything(cloud, "metadataStores")) == 1
    assert it.refresh()


@pytest.mark.parametrize(
    ("kind", "inputs", "method"),
    [
        ("CustomJob", samples.CUSTOM_JOB, "customJobs.create"),
        ("PipelineJob", samples.PIPELINE_JOB, "pipelineJobs.create"),
        ("ModelMonitor", MONITOR, "modelMonitors.create"),
        ("Model", samples.MODEL, "models.upload"),
    ],
)
def test_what_was_made_when_up_was_killed_before_the_answer_is_adopted(
    cloud: Cloud,
    life: Maker,
    kind: str,
    inputs: Mapping[str, Any],
    method: str,
) -> None:
    it = life(kind)
    cloud.faults.ask("hold-answer", method)
    with killed_while(it, inputs):
        assert cloud.faults.held(60)
    cloud.faults.release()
    it.create(inputs)

    assert len(everything(cloud, method.partition(".")[0])) == 1
    assert not it.diff(inputs).changed


def test_a_schedule_which_has_no_label_is_found_by_its_name_and_time(
    cloud: Cloud, life: Maker
) -> None:
    life("ModelMonitor").create({**MONITOR, "modelMonitorId": "watch"})
    life("ModelMonitoringSchedule", "other").create(SCHEDULE)
    cloud.clock.advance(3600)
    it = life("ModelMonitoringSchedule")
    cloud.faults.ask("hold-answer", "schedules.create")
    with killed_while(it, SCHEDULE):
        assert cloud.faults.held(60)
    cloud.faults.release()
    it.create(SCHEDULE)

    assert len(everything(cloud, "schedules")) == 2


def test_what_a_killed_up_began_for_an_older_declaration_is_taken_away(
    cloud: Cloud, life: Maker
) -> None:
    it = life("ModelMonitor")
    cloud.faults.ask("hold", "operations.get")
    with killed_while(it, MONITOR):
        assert cloud.faults.held(60)
    cloud.faults.release()
    it.create(samples.model_monitor("projects/p/locations/europe-west4/models/2"))

    assert len(everything(cloud, "modelMonitors")) == 1


def test_an_operation_that_failed_is_begun_anew_by_the_next_up(cloud: Cloud, life: Maker) -> None:
    it = life("ModelMonitor")
    cloud.faults.ask("operation", "modelMonitors.create")
    with pytest.raises(Exception, match="INTERNAL"):
        it.create(MONITOR)
    it.create(MONITOR)

    assert it.refresh()


def test_a_quota_is_told_with_its_remedy(cloud: Cloud, life: Maker) -> None:
    cloud.faults.quota("aiplatform", "customJobs", 0)

    with pytest.raises(Exception, match=r"(?s)RESOURCE_EXHAUSTED.*ask for more under"):
        life("CustomJob").create(samples.CUSTOM_JOB)
