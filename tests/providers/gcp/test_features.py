"""Feature groups on Google Cloud: what is refused, what is registered, what changes in place."""

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from mlops_iac_gcp.features.columns import latest_query, types_of
from mlops_iac_gcp.jobs import defining
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.resources.feature_schema import FeatureSchemaHandler

from mlops_iac.feature_schema import FeatureSchemaError
from mlops_iac.specs import (
    ColumnType,
    DataFormat,
    Dataset,
    FeatureGroup,
    Gate,
    Metric,
    Pipeline,
    Spec,
    TrainingJob,
)
from mlops_iac.testing import Recording
from tests.providers.gcp.features_world import group
from tests.providers.gcp.harness import problems, recorded
from tests.providers.gcp.scenarios import DATA, MODEL, write_files

HOURS = Dataset("hours", source="data/*.csv", format=DataFormat.CSV)
INPUTS: dict[str, Any] = {
    "component": "weather",
    "table": "shop.weather.history",
    "entities": ["origin"],
    "event_time": "time_hour",
    "columns": {"origin": "STRING", "time_hour": "TIMESTAMP", "temp": "FLOAT"},
    "bucket": "shop",
    "prefix": "features/weather/",
}
VIEW = "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview"
STORE = "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore"
HANDLER = FeatureSchemaHandler()


def weather(name: str = "weather", **changes: Any) -> FeatureGroup:
    """Return a group of weather by airport."""
    told: dict[str, Any] = {
        "data": "hours",
        "entities": ("origin",),
        "event_time": "time_hour",
        "features": {"temp": ColumnType.NUMBER},
        **changes,
    }
    return FeatureGroup(name, **told)


def registered(folder: Path, *components: Spec, **platform: Any) -> Recording:
    """Return what the components register beside the data."""
    return recorded(write_files(folder), DATA, HOURS, *components, **platform)


def test_an_added_feature_changes_the_table_in_place() -> None:
    added = {**INPUTS["columns"], "visib": "FLOAT"}

    change = HANDLER.diff(INPUTS, INPUTS, {**INPUTS, "columns": added})

    assert change.changed == ("columns",)
    assert change.replaces == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"columns": {"origin": "STRING", "time_hour": "TIMESTAMP"}}, "`temp` would be gone"),
        (
            {"columns": {**INPUTS["columns"], "temp": "STRING"}},
            "`temp` is `FLOAT` and would be `STRING`",
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
    assert "declare a group of another name" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"features": {"feature_timestamp": ColumnType.NUMBER}}, "features.feature_timestamp",
         "is the column in which Vertex AI looks for the event time"),
        ({"features": {"temp": ColumnType.NUMBER, "Temp": ColumnType.NUMBER}}, "features.Temp",
         "`Temp` and `temp` are one column"),
        ({"data": "lake"}, "data", "is a table of BigQuery, and a FeatureGroup reads files"),
        ({"data": "typed"}, "features.temp", "`temp` is `string` in `typed`, and `number` here"),
    ],
    ids=["reserved", "capitals", "bigquery", "types"],
)  # fmt: skip
def test_what_bigquery_could_not_hold_is_refused_while_planning(
    tmp_path: Path, changes: dict[str, Any], field: str, said: str
) -> None:
    lake = Dataset("lake", source="bq://acme.lake.hourly")
    typed = HOURS.model_copy(update={"name": "typed", "columns": {"temp": ColumnType.STRING}})

    found = problems(write_files(tmp_path), HOURS, lake, typed, weather(**changes))

    assert said in found[f"weather.{field}"].message


def test_a_feature_that_the_data_has_already_is_refused(tmp_path: Path) -> None:
    data = DATA.model_copy(update={"columns": {"temp": ColumnType.NUMBER}})
    job = TrainingJob("delay", script="train.py", data="departures", features=("weather",))

    found = problems(write_files(tmp_path), data, HOURS, weather(), job)

    assert "`temp` of `weather` is a column of the data `departures` too" in (
        found["delay.features"].message
    )


def test_all_groups_share_the_platforms_store_and_none_is_made_for_none(tmp_path: Path) -> None:
    two = registered(tmp_path, weather(), weather("traffic"))
    none = registered(tmp_path, weather(online=False))

    (store,) = two.of_type(STORE)
    assert store.name == "platform-online"
    assert {view.inputs["featureOnlineStore"] for view in two.of_type(VIEW)} == {
        store.inputs["name"]
    }
    assert none.of_type(STORE) == none.of_type(VIEW) == ()


def test_a_training_with_features_reads_what_a_step_before_it_has_joined(tmp_path: Path) -> None:
    job = TrainingJob("delay", script="train.py", data="departures", features=("weather",))

    recording = registered(tmp_path, weather(), job)

    (run,) = (r for r in recording.of_type("mlops-iac:gcp:JobRun") if r.name == "delay-run")
    start, joining, training = run.inputs["requests"]
    joined, trained = (_environment(request) for request in (joining, training))
    key = run.inputs["key"]
    assert joined["MLOPS_INPUT_DATA_DEPARTURES"].endswith(tuple("0123456789abcdef"))
    assert "/features/weather/history/" in joined["MLOPS_INPUT_FEATURES_WEATHER"]
    assert trained["MLOPS_INPUT_DEPARTURES"].endswith(f"/data/delay/{key}/joined/departures")
    tasks = start["body"]["pipelineSpec"]["root"]["dag"]["tasks"]
    assert tasks["delay"]["dependentTasks"] == ["delay-join"]


def test_the_gates_of_a_pipeline_score_rows_with_features(tmp_path: Path) -> None:
    job = TrainingJob(
        "delay", script="train.py", data="departures", features=("weather",), model="late"
    )
    gate = Gate(metric=Metric.ROC_AUC, data="departures", label="y", threshold=0.6)
    pipeline = Pipeline("nightly", steps=("weather", "delay"), gates=(gate,))

    made: dict[str, list[Step]] = {}
    whole = defining.compiled

    def compiled(name: str, title: str, steps: list[Step], told: dict[str, str]) -> Any:
        made[name.rpartition("-")[0]] = steps
        return whole(name, title, steps, told)

    with patch.object(defining, "compiled", compiled):
        registered(tmp_path, MODEL, weather(), job, pipeline)

    after = {step.name: step.after for step in made["flights-dev-nightly"]}
    assert after["delay-join"] == ("weather",)
    assert set(after["nightly-gates"]) >= {"delay", "nightly-join"}


def test_the_newest_row_is_asked_for_by_columns_that_cannot_be_confused() -> None:
    query = latest_query("p.d.history", group(features={"temp": "number", "seen": "timestamp"}))

    assert query == (
        "SELECT h.`origin`, UNIX_MICROS(h.`time_hour`) AS `time_hour`, h.`temp`, "
        "UNIX_MICROS(h.`seen`) AS `seen` FROM `p.d.history` AS h "
        "WHERE h.`time_hour` <= CURRENT_TIMESTAMP() "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY h.`origin` ORDER BY h.`time_hour` DESC) = 1"
    )


def test_an_event_time_of_the_registrys_own_name_is_one_column() -> None:
    assert types_of(["origin"], "feature_timestamp", {"temp": "number"}) == {
        "origin": "STRING",
        "feature_timestamp": "TIMESTAMP",
        "temp": "FLOAT",
    }


def _environment(request: Any) -> dict[str, str]:
    (pool,) = request["body"]["jobSpec"]["workerPoolSpecs"]
    return {row["name"]: row["value"] for row in pool["containerSpec"]["env"]}
