"""Feature groups on Azure: what is refused, what is registered, what a change does."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mlops_iac_azure import documents
from mlops_iac_azure.features.document import definition_of
from mlops_iac_azure.jobs import defining
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.resources.feature_schema import FeatureSchemaHandler

from mlops_iac.feature_schema import FeatureSchemaError
from mlops_iac.jobs.keys import fill_key
from mlops_iac.specs import (
    ColumnType,
    Dataset,
    Gate,
    Metric,
    Pipeline,
    RegisteredModel,
    TrainingJob,
)
from tests.providers.azure.features.world import group
from tests.providers.azure.harness import planned
from tests.providers.azure.loop.components import weather
from tests.providers.azure.loop.declared import inputs, recorded
from tests.providers.azure.scenarios import write_project
from tests.providers.azure.world import ACCOUNT, azure, call_on, ground, point

INPUTS: dict[str, Any] = {
    "component": "weather",
    "table": "/subscriptions/s/data/weather",
    "entities": ["origin"],
    "event_time": "time_hour",
    "columns": {"origin": "key", "time_hour": "timestamp", "temp": "number"},
    "bucket": ACCOUNT,
    "prefix": "features/weather/",
}
HANDLER = FeatureSchemaHandler()
HOURS = Dataset("hours", source="data/*.parquet")
DATA = Dataset("departures", source="data/*.parquet")


def test_an_added_feature_changes_the_group_in_place() -> None:
    added = {**INPUTS["columns"], "visib": "number"}

    change = HANDLER.diff(INPUTS, INPUTS, {**INPUTS, "columns": added})

    assert (change.changed, change.replaces) == (("columns",), ())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"columns": {"origin": "key", "time_hour": "timestamp"}}, "`temp` would be gone"),
        (
            {"columns": {**INPUTS["columns"], "temp": "string"}},
            "`temp` is `number` and would be `string`",
        ),
        ({"event_time": "at"}, "`event_time` was `time_hour` and would be `at`"),
        ({"entities": ["origin", "gate"]}, "`entities` was"),
    ],
    ids=["feature gone", "feature of another type", "event time", "entities"],
)
def test_what_would_cost_the_group_its_values_is_refused_in_the_preview(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(FeatureSchemaError, match="cannot change so and keep its values") as refused:
        HANDLER.diff(INPUTS, INPUTS, {**INPUTS, **fields})

    assert said in refused.value.message


def test_a_group_that_is_destroyed_takes_its_histories_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with azure() as cloud:
        point(cloud, monkeypatch)
        call = call_on(cloud)
        where = ground(call)
        for path in ("features/weather/current.json", "features/weather2/current.json"):
            documents.write(where, ACCOUNT, path, {})

        HANDLER.delete("x", INPUTS, call)

        assert documents.paths(where, ACCOUNT, "features/") == ["features/weather2/current.json"]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"features": {"RowKey": ColumnType.NUMBER}}, "features.RowKey", "has already"),
        ({"features": {"temp": ColumnType.NUMBER, "Temp": ColumnType.NUMBER}}, "features.Temp",
         "`Temp` and `temp` are one column"),
        ({"data": "typed"}, "features.temp", "`temp` is `string` in `typed`, and `number` here"),
        ({"features": {f"f{i}": ColumnType.NUMBER for i in range(250)}}, "features",
         "has no place for 252 columns"),
    ],
    ids=["reserved", "capitals", "types", "many"],
)  # fmt: skip
def test_what_table_storage_could_not_hold_is_refused_while_planning(
    tmp_path: Path, changes: dict[str, Any], field: str, said: str
) -> None:
    write_project(tmp_path)
    typed = HOURS.model_copy(update={"name": "typed", "columns": {"temp": ColumnType.STRING}})

    found = {
        each.field: each for each in planned((HOURS, typed, weather(**changes)), tmp_path).errors
    }

    assert said in found[field].message


def test_what_only_the_store_refuses_is_fine_without_it(tmp_path: Path) -> None:
    write_project(tmp_path)
    alone = weather(online=False, features={"RowKey": ColumnType.NUMBER})

    assert planned((HOURS, alone), tmp_path).errors == ()


def test_without_online_there_is_no_table_and_no_right_to_one(tmp_path: Path) -> None:
    found = recorded(tmp_path, HOURS, weather(online=False))

    assert found.of("Table") == []
    assert [each for each in found.records if each.name == "weather-table-writer"] == []


def test_a_filling_is_told_where_its_stores_are(tmp_path: Path) -> None:
    found = recorded(tmp_path, HOURS, weather(ttl="30d"))

    told = json.loads(inputs(found, "weather-weather-step")["content"])
    definition = definition_of(told["task"]["definition"])
    assert definition.table == inputs(found, "weather-online")["tableName"]
    assert definition.asset == inputs(found, "weather-history")["name"]
    assert definition.values.ttl == 30 * 86_400
    assert definition.values == group(ttl=30 * 86_400)


def made_by(folder: Path, *specs: Any) -> dict[str, Step]:
    """Return the steps of every job that is declared."""
    made: dict[str, Step] = {}
    whole = defining.pipeline_job

    def pipeline_job(name: str, text: str, found: Any, *told: Any, **more: Any) -> Any:
        made.update({step.name: step for step in found})
        return whole(name, text, found, *told, **more)

    with patch.object(defining, "pipeline_job", pipeline_job):
        recorded(folder, DATA, HOURS, *specs)
    return made


def test_a_training_with_features_reads_what_a_step_before_it_has_joined(tmp_path: Path) -> None:
    job = TrainingJob("delay", script="code/train.py", data="departures", features=("weather",))

    made = made_by(tmp_path, weather(), job)

    joining = made["delay-join"].node.inputs
    assert set(joining) == {"data-departures", "features-weather"}
    assert "/features/weather/history/" in joining["features-weather"]
    assert made["delay"].after == ("delay-join",)
    assert "/joined/departures" in made["delay"].node.inputs["departures"]


def test_the_gates_of_a_pipeline_score_rows_with_features(tmp_path: Path) -> None:
    wishes: dict[str, Any] = {"data": "departures", "features": ("weather",), "model": "late"}
    job = TrainingJob("delay", script="code/train.py", **wishes)
    gate = Gate(metric=Metric.ROC_AUC, data="departures", label="y", threshold=0.6)
    pipeline = Pipeline("nightly", steps=("weather", "delay"), gates=(gate,))

    made = made_by(tmp_path, RegisteredModel("late"), weather(), job, pipeline)

    assert made["delay-join"].after == ("weather",)
    assert set(made["nightly-gates"].after) >= {"delay", "nightly-join"}


def test_the_key_of_a_filling_says_what_decides_its_values(tmp_path: Path) -> None:
    write_project(tmp_path)

    def key(**changes: Any) -> str:
        scopes = planned((HOURS, weather(**changes)), tmp_path).scopes
        return fill_key(weather(**changes), scopes["weather"])

    assert key() == key(description="other words")
    assert len({key(), key(ttl="1d"), key(online=False), key(offline=False)}) == 4
