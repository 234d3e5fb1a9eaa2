"""The whole life of each resource that is one thing in one collection, on the test cloud.

Users have asked for these: terraform-provider-google #9298 (jobs), #25930 (feature monitors),
#23290 (pipeline jobs).
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.clouds.gcp.running import Cloud
from tests.providers.gcp.resources import samples
from tests.providers.gcp.resources.life import Life, calls, everything

Maker = Callable[..., Life]


def _group(cloud: Cloud) -> str:
    path = f"aiplatform/v1/{cloud.location}/featureGroups?featureGroupId=people"
    source = {"bigQuerySource": {"inputUri": "bq://shop.people"}}
    operation = cloud.call("POST", path, {"bigQuery": source})
    while not operation.get("done"):
        operation = cloud.call("GET", f"aiplatform/v1/{operation['name']}")
    return f"{cloud.location}/featureGroups/people"


def _scoring(_: Cloud, life: Maker) -> Mapping[str, Any]:
    return samples.batch_prediction_job(life("Model", "served").create(samples.MODEL).id)


def _watching(cloud: Cloud, _: Maker) -> Mapping[str, Any]:
    return samples.model_monitor(f"{cloud.location}/models/1")


def _scheduled(cloud: Cloud, life: Maker) -> Mapping[str, Any]:
    monitor = life("ModelMonitor", "watch").create(_watching(cloud, life))
    return samples.monitoring_schedule(cloud, monitor.id)


def _watching_features(cloud: Cloud, _: Maker) -> Mapping[str, Any]:
    return samples.feature_monitor(_group(cloud))


DECLARED: Mapping[str, Any] = {
    "BatchPredictionJob": _scoring,
    "CustomJob": samples.CUSTOM_JOB,
    "Experiment": samples.EXPERIMENT,
    "FeatureMonitor": _watching_features,
    "HyperparameterTuningJob": samples.TUNING_JOB,
    "Model": samples.MODEL,
    "ModelMonitor": _watching,
    "ModelMonitoringSchedule": _scheduled,
    "PipelineJob": samples.PIPELINE_JOB,
}


def _declared(cloud: Cloud, life: Maker, kind: str) -> Mapping[str, Any]:
    declared = DECLARED[kind]
    return declared(cloud, life) if callable(declared) else declared


RUNS = ("BatchPredictionJob", "CustomJob", "HyperparameterTuningJob", "PipelineJob")
PATCHED: Mapping[str, Mapping[str, Any]] = {
    "Experiment": {"description": "of two", "labels": {"team": "other"}},
    "FeatureMonitor": {"scheduleConfig": {"cron": "0 4 * * *"}},
    "Model": {"description": "of two", "labels": {"team": "other"}},
    "ModelMonitor": {"displayName": "watcher"},
    "ModelMonitoringSchedule": {"cron": "0 4 * * *"},
}
KINDS = (*RUNS, *PATCHED)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_up_and_a_refresh_change_nothing(cloud: Cloud, life: Maker, kind: str) -> None:
    inputs = _declared(cloud, life, kind)
    it = life(kind).create(inputs)

    assert not it.diff(inputs).changed
    assert it.refresh()
    assert not it.diff(inputs).changed


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_imported_by_its_name_differs_in_nothing(
    cloud: Cloud, life: Maker, kind: str
) -> None:
    inputs = _declared(cloud, life, kind)
    it = life(kind).create(inputs).imported()

    assert not it.diff(inputs).changed


@pytest.mark.parametrize("kind", PATCHED)
def test_what_the_api_patches_changes_in_place(cloud: Cloud, life: Maker, kind: str) -> None:
    inputs = _declared(cloud, life, kind)
    it = life(kind).create(inputs)
    before = it.id
    it.update({**inputs, **PATCHED[kind]})
    it.refresh()

    assert it.id == before
    assert {key: it.inputs[key] for key in PATCHED[kind]} == PATCHED[kind]


@pytest.mark.parametrize("kind", PATCHED)
def test_deleting_leaves_nothing_and_may_be_repeated(cloud: Cloud, life: Maker, kind: str) -> None:
    it = life(kind).create(_declared(cloud, life, kind))
    it.delete()
    it.delete()

    assert not it.refresh()


@pytest.mark.parametrize("kind", RUNS)
def test_deleting_a_run_keeps_its_history(cloud: Cloud, life: Maker, kind: str) -> None:
    it = life(kind).create(_declared(cloud, life, kind))
    it.delete()

    assert it.refresh()


@pytest.mark.parametrize("kind", KINDS)
def test_a_create_whose_answer_was_lost_is_not_done_twice(
    cloud: Cloud, life: Maker, kind: str
) -> None:
    inputs = _declared(cloud, life, kind)
    method = "models.upload" if kind == "Model" else f"{_collection(kind)}.create"
    cloud.faults.ask("lost", method)
    life(kind).create(inputs)

    assert len(everything(cloud, _collection(kind))) == 1


@pytest.mark.parametrize("fault", ["throttle", "unavailable", "drop"])
@pytest.mark.parametrize("kind", ["CustomJob", "PipelineJob"])
def test_a_passing_fault_is_passed_over(cloud: Cloud, life: Maker, kind: str, fault: str) -> None:
    cloud.faults.ask(fault, f"{_collection(kind)}.create", times=2)
    it = life(kind).create(_declared(cloud, life, kind))

    assert it.refresh()
    # Of a connection that died before its call came through, the cloud knows nothing.
    assert calls(cloud, f"{_collection(kind)}.create") == (1 if fault == "drop" else 3)


def test_a_removed_label_goes_and_one_from_outside_is_drift(life: Maker) -> None:
    it = life("Experiment").create({**samples.EXPERIMENT, "labels": {"a": "1", "b": "2"}})
    it.update({**samples.EXPERIMENT, "labels": {"a": "1"}})
    it.refresh()

    assert it.inputs["labels"] == {"a": "1"}


def test_a_field_that_cannot_be_patched_replaces(cloud: Cloud, life: Maker) -> None:
    inputs = _declared(cloud, life, "ModelMonitor")
    it = life("ModelMonitor").create(inputs)
    change = it.diff({**inputs, **samples.model_monitor(f"{cloud.location}/models/2")})

    assert change.replaces == ("modelMonitoringTarget",)
    assert not change.delete_before_replace


def test_with_an_id_of_ones_own_the_old_thing_goes_first(cloud: Cloud, life: Maker) -> None:
    inputs = {**_declared(cloud, life, "ModelMonitor"), "modelMonitorId": "watch"}
    it = life("ModelMonitor").create(inputs)
    change = it.diff({**inputs, **samples.model_monitor(f"{cloud.location}/models/2")})

    assert change.delete_before_replace


def test_somebody_elses_thing_of_that_id_is_refused(cloud: Cloud, life: Maker) -> None:
    inputs = {**_declared(cloud, life, "ModelMonitor"), "modelMonitorId": "watch"}
    life("ModelMonitor", "theirs").create(inputs)

    with pytest.raises(Exception, match="is not of this resource"):
        life("ModelMonitor", "ours").create(inputs)


@pytest.mark.parametrize(
    ("kind", "wrong", "reason"),
    [
        (
            "CustomJob",
            {"jobSpec": {"worker_pool_specs": []}},
            "has no field `worker_pool_specs`; did you mean `workerPoolSpecs`?",
        ),
        (
            "CustomJob",
            {"jobSpec": {"workerPoolSpecs": [{**samples.POOL, "replicaCount": "many"}]}},
            "is `'many'`, not a whole number",
        ),
        (
            "HyperparameterTuningJob",
            {"studySpec": {"metrics": [{"metricId": "auc", "goal": "MAX"}], "parameters": []}},
            "is `MAX`, not one of `MAXIMIZE`, `MINIMIZE`",
        ),
        (
            "HyperparameterTuningJob",
            {"studySpec": {"metrics": [{"metricId": "auc", "goal": "MAXIMIZE"}]}},
            "lacks `parameters`",
        ),
        ("ModelMonitor", {"state": "RUNNING"}, "model monitor has no `state`"),
        ("PipelineJob", {"wait": "for ever"}, "`wait` is `for ever`"),
        ("EndpointTraffic", {"trafficSplit": {"1": 60, "2": 30}}, "100 in all"),
        ("DeployedModel", {"deployedModelId": "blue"}, "`blue` is no id: 1 to 10 digits"),
        ("DeployedModel", {"dedicatedResources": {**samples.SIZES, "minReplicaCount": 0}}, "is 1"),
        ("PipelineTemplate", {"repository": "kfp"}, "`kfp` is no repository"),
    ],
)
def test_what_the_api_would_refuse_is_refused_while_planning(
    life: Maker, kind: str, wrong: Mapping[str, Any], reason: str
) -> None:
    assert any(reason in each for each in life(kind).refused(wrong))


def _collection(kind: str) -> str:
    return (
        "schedules"
        if kind == "ModelMonitoringSchedule"
        else {"Experiment": "contexts"}.get(kind, f"{kind[0].lower()}{kind[1:]}s")
    )
