"""What may never change of a feature group is refused before anything is done to it."""

from pathlib import Path
from typing import Any

import boto3
import pytest
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.features.document import current
from mlops_iac_aws.resources.feature_schema import FeatureSchemaHandler

from mlops_iac.specs import FeatureGroup
from tests.providers.aws.features_world import BUCKET, REGION, feature_world, group
from tests.providers.aws.harness import problems, record
from tests.providers.aws.scenarios import delay, flights, late, write_files
from tests.providers.aws.serving_world import Shop
from tests.providers.aws.test_features_filling import weather
from tests.providers.local.world import FakeCall

NAME = "shop-dev-weather-1"
INPUTS: dict[str, Any] = {
    "component": "weather",
    "group": NAME,
    "arn": f"arn:aws:sagemaker:{REGION}:123456789012:feature-group/{NAME}",
    "record": ["origin"],
    "event_time": "time_hour",
    "features": {"origin": "String", "time_hour": "String", "temp": "Fractional"},
    "online": True,
    "offline": True,
    "bucket": BUCKET,
    "prefix": "features/weather/",
    "tags": {"team": "ml", "old": "yes"},
}
HANDLER = FeatureSchemaHandler()
CALL = FakeCall(urn="urn:pulumi:dev::shop::weather", config={"region": REGION}, name="weather")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


def changed(**fields: Any) -> tuple[str, ...]:
    """Return what a change of the declaration is taken for."""
    return HANDLER.diff(INPUTS, INPUTS, {**INPUTS, **fields}).changed


def test_an_added_feature_changes_the_group_in_place() -> None:
    added = {**INPUTS["features"], "visib": "Fractional"}

    change = HANDLER.diff(INPUTS, INPUTS, {**INPUTS, "features": added})

    assert change.changed == ("features",)
    assert change.replaces == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"features": {"origin": "String", "time_hour": "String"}}, "`temp` would be gone"),
        (
            {"features": {**INPUTS["features"], "temp": "String"}},
            "`temp` is `Fractional` and would be `String`",
        ),
        ({"online": False}, "`online` was `True` and would be `False`"),
        ({"offline": False}, "`offline` was `True` and would be `False`"),
        ({"event_time": "at"}, "`event_time` was `time_hour` and would be `at`"),
        ({"record": ["origin", "gate"]}, "`entities` was"),
    ],
    ids=["feature gone", "feature of another type", "online", "offline", "event time", "entities"],
)
def test_what_would_cost_the_group_its_values_is_refused_in_the_preview(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(AwsError, match="cannot change so and keep its values") as refused:
        changed(**fields)

    assert said in refused.value.message
    assert "declare a group of another name" in str(refused.value)


def test_a_group_of_another_name_is_another_group() -> None:
    change = HANDLER.diff(INPUTS, INPUTS, {**INPUTS, "group": "other", "features": {}})

    assert change.replaces == ("group",)


def test_the_group_waits_for_its_guard_and_ignores_its_tags(tmp_path: Path) -> None:
    """Else Pulumi would replace the group before the guard is asked, and for a tag."""
    airports = FeatureGroup(
        "airports",
        data="flights",
        entities=("origin",),
        event_time="time",
        features={"temp": "number"},
    )
    made = record(write_files(tmp_path), flights(), airports, profile="prod").one("airports-group")

    assert any("FeatureSchema" in urn for urn in made.depends_on)
    assert made.ignore_changes == ("tags",)
    assert made.protect


def test_tags_change_in_place(shop: Shop) -> None:
    """Moto has no tags of feature groups; the test cloud has."""
    sagemaker = shop.cloud.client("sagemaker")
    made = sagemaker.create_feature_group(
        FeatureGroupName=NAME,
        RecordIdentifierFeatureName="origin",
        EventTimeFeatureName="time_hour",
        FeatureDefinitions=[
            {"FeatureName": name, "FeatureType": kind} for name, kind in INPUTS["features"].items()
        ],
        OnlineStoreConfig={"EnableOnlineStore": True},
        Tags=[{"Key": key, "Value": value} for key, value in INPUTS["tags"].items()],
    )
    new = {**INPUTS, "tags": {"team": "data"}}

    state = HANDLER.update(NAME, INPUTS, new, CALL)

    assert state["tags"] == {"team": "data"}
    assert made["FeatureGroupArn"] == INPUTS["arn"]
    found = sagemaker.list_tags(ResourceArn=INPUTS["arn"])["Tags"]
    assert found == [{"Key": "team", "Value": "data"}]


def test_destroy_leaves_neither_files_nor_the_table(tmp_path: Path) -> None:
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", 0, 1.0)]), "1")
        filled = current(world.clients, BUCKET, world.definition.prefix)
        assert filled is not None
        assert filled.table is not None
        database, table = filled.table["database"], filled.table["name"]
        glue = boto3.client("glue", region_name=REGION)
        glue.create_database(DatabaseInput={"Name": database})
        glue.create_table(DatabaseName=database, TableInput={"Name": table})

        HANDLER.delete(NAME, INPUTS, CALL)
        HANDLER.delete(NAME, INPUTS, CALL)

        assert glue.get_tables(DatabaseName=database)["TableList"] == []
        left = boto3.client("s3", region_name=REGION).list_objects_v2(Bucket=BUCKET)
        assert left["KeyCount"] == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"features": {"write_time": "timestamp"}}, "features.reserved-name"),
        ({"features": {"Hour": "integer"}}, "features.reserved-name"),
        ({"features": {"Hour": "integer"}, "offline": False}, None),
        ({"features": {"temp_": "number"}}, "features.name"),
        ({"features": {"temp": "number", "Temp": "number"}}, "features.same-name"),
        ({"features": {"delay": "string"}}, "features.other-type"),
        ({"entities": ("mlops_iac_record",)}, "features.reserved-name"),
    ],
)
def test_bad_names_and_types_are_refused_while_planning(
    tmp_path: Path, fields: dict[str, Any], code: str | None
) -> None:
    given = {"entities": ("origin",), "event_time": "time", "features": {"temp": "number"}}
    airports = FeatureGroup("airports", data="flights", **{**given, **fields})
    data = flights(columns={"delay": "number"})

    found = problems(write_files(tmp_path), data, airports)

    assert [problem.code for problem in found] == ([code] if code else [])


def test_features_that_are_columns_of_the_data_are_refused_while_planning(tmp_path: Path) -> None:
    airports = FeatureGroup(
        "airports",
        data="flights",
        entities=("origin",),
        event_time="time",
        features={"delay": "number"},
    )
    data = flights(columns={"delay": "number"})

    found = problems(write_files(tmp_path), data, airports, late(), delay(features=("airports",)))

    assert [problem.code for problem in found] == ["features.taken"]
