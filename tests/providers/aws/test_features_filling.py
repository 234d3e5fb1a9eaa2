"""Filling a feature group, against moto's buckets and groups and a store that keeps the rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlops_iac_aws.errors import AwsError
from mlops_iac_aws.features import reading
from mlops_iac_aws.features.document import current
from mlops_iac_aws.features.encoding import moment_text
from mlops_iac_aws.features.store import ready_group

from mlops_iac.errors import OperationError
from mlops_iac.runtime.errors import DataError
from tests.providers.aws.features_world import BUCKET, NOW, World, feature_world, group

HOUR = 3600
ENTITIES = ["origin", "gate"]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")


def utc(seconds: Sequence[float | None]) -> pa.Array:
    """Return moments, in seconds since 1970."""
    counted = [None if value is None else round(value * 1_000_000) for value in seconds]
    return pa.array(counted, pa.timestamp("us", "UTC"))


def weather(rows: Sequence[tuple[str, float, float | None]]) -> pa.Table:
    """Return rows of airport, second and temperature."""
    origins, seconds, values = zip(*rows, strict=True)
    return pa.table({
        "origin": list(origins),
        "time_hour": utc(seconds),
        "temp": pa.array(values, pa.float64()),
    })  # fmt: skip


def read(world: World, *entities: dict[str, Any], now: datetime = NOW) -> list[dict[str, Any]]:
    """Return what the verb answers."""
    filled = current(world.clients, BUCKET, world.definition.prefix)
    assert filled is not None
    return reading.read(world.clients, filled, entities, now)


def test_the_newest_known_row_of_each_entity_is_read_by_key(tmp_path: Path) -> None:
    later = (NOW - timedelta(hours=-1)).timestamp()
    with feature_world(tmp_path, group()) as world:
        world.fill(
            weather([("A", HOUR, 2.5), ("A", 0, 1.0), ("B", 5, None), ("A", later, 9.0)]), "1"
        )

        found = read(world, {"origin": "B"}, {"origin": "A"}, {"origin": "C"}, {"origin": "A"})

    assert found == [
        {"origin": "B", "temp": None, "time_hour": "1970-01-01T00:00:05+00:00"},
        {"origin": "A", "temp": 2.5, "time_hour": "1970-01-01T01:00:00+00:00"},
        {"origin": "C", "temp": None, "time_hour": None},
        {"origin": "A", "temp": 2.5, "time_hour": "1970-01-01T01:00:00+00:00"},
    ]


def test_what_is_older_than_ttl_is_not_read(tmp_path: Path) -> None:
    with feature_world(tmp_path, group(ttl=HOUR)) as world:
        world.fill(weather([("A", 0, 1.0)]), "1")
        epoch = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

        at_the_end = read(world, {"origin": "A"}, now=epoch + timedelta(hours=1))
        after_it = read(world, {"origin": "A"}, now=epoch + timedelta(hours=1, seconds=1))

    assert at_the_end[0]["temp"] == 1.0
    assert after_it[0]["temp"] is None


def test_every_type_and_several_entity_columns_come_back_as_they_were(tmp_path: Path) -> None:
    features = {"flag": "boolean", "name": "string", "count": "integer", "seen": "timestamp",
                "temp": "number"}  # fmt: skip
    values = {"flag": False, "name": 'ü,"', "count": 2**60 + 1, "temp": 0.1 + 0.2}
    table = pa.table({
        "origin": ["A", "A"], "gate": [7, 8], "time_hour": utc([0.1239, 1]),
        **{name: [value, None] for name, value in values.items()}, "seen": utc([86_400, None]),
    })  # fmt: skip
    with feature_world(tmp_path, group(entities=ENTITIES, features=features)) as world:
        world.fill(table, "1")

        first, second = read(world, {"origin": "A", "gate": "7"}, {"gate": 8, "origin": "A"})

        assert sorted(world.runtime.stored) == ['["A","7"]', '["A","8"]']
        with pytest.raises(OperationError, match="`gate` is a whole number, not `x`"):
            read(world, {"origin": "A", "gate": "x"})
    seen, moment = "1970-01-02T00:00:00+00:00", "1970-01-01T00:00:00.123000+00:00"
    assert first == {"origin": "A", "gate": 7, **values, "seen": seen, "time_hour": moment}
    assert {second[name] for name in features} == {None}


@pytest.mark.parametrize("text", ["nan", "inf", "-inf"])
def test_numbers_that_are_no_number_come_back(tmp_path: Path, text: str) -> None:
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", 0, float(text))]), "1")

        (found,) = read(world, {"origin": "A"})

    assert str(found["temp"]) == text


def test_a_filling_that_is_repeated_writes_no_record(tmp_path: Path) -> None:
    table = weather([(f"airport {n}", n, n / 3) for n in range(10)])
    with feature_world(tmp_path, group()) as world:
        world.fill(table, "1")
        first = list(world.runtime.calls)
        world.fill(table, "1")

        assert first == ["PutRecord"] * 10
        assert world.runtime.calls == first


def test_values_that_were_corrected_take_the_place_of_the_old_ones(tmp_path: Path) -> None:
    """Of the same time, and of an earlier one: the store by itself would ignore both."""
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", HOUR, 1.0), ("B", HOUR, 1.0)]), "1")
        world.fill(weather([("A", HOUR, 2.0), ("B", 0, 3.0)]), "2")

        assert world.runtime.values("temp") == {"A": "2.0", "B": "3.0"}


def test_entities_that_are_gone_from_the_data_are_gone_online(tmp_path: Path) -> None:
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", 0, 1.0), ("B", 0, 1.0)]), "1")
        world.fill(weather([("B", 0, 1.0)]), "2")

        assert world.runtime.values("temp") == {"B": "1.0"}


def test_a_newer_record_that_somebody_else_put_stays(tmp_path: Path) -> None:
    """Whether the data still has the entity or not."""
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", 0, 1.0), ("B", 0, 1.0)]), "1")
        for key in "AB":
            item = {"origin": key, "time_hour": moment_text(NOW), "temp": "8.0"}
            record = [{"FeatureName": n, "ValueAsString": text} for n, text in item.items()]
            world.runtime.put_record(FeatureGroupName=world.definition.group, Record=record)
        world.fill(weather([("A", HOUR, 2.0)]), "2")

        assert world.runtime.values("temp") == {"A": "8.0", "B": "8.0"}


def test_the_offline_store_holds_exactly_the_present_history(tmp_path: Path) -> None:
    """In the folders of the event times; what others put beside our files stays."""
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", 0, 1.0), ("A", HOUR, 2.0), ("B", 40 * 86_400, None)]), "1")
        world.fill(weather([("A", HOUR, 2.5), ("B", 40 * 86_400, None)]), "2")

        rows = world.offline().select(["origin", "time_hour", "temp", "month", "day", "hour"])

    assert sorted(rows.to_pylist(), key=lambda row: row["origin"]) == [
        {"origin": "A", "time_hour": "1970-01-01T01:00:00.000Z", "temp": 2.5,
         "month": 1, "day": 1, "hour": 1},
        {"origin": "B", "time_hour": "1970-02-10T00:00:00.000Z", "temp": None,
         "month": 2, "day": 10, "hour": 0},
    ]  # fmt: skip


def test_a_record_of_the_service_itself_stays_in_the_offline_store(tmp_path: Path) -> None:
    theirs = "year=2013/20130101T000000Z_abc.parquet"
    with feature_world(tmp_path, group()) as world:
        s3, prefix = world.clients("s3"), world.offline_prefix()
        s3.put_object(Bucket=BUCKET, Key=f"{prefix}/{theirs}", Body=b"")
        world.fill(weather([("A", 0, 1.0)]), "1")
        world.fill(weather([("A", 0, 1.0)]), "2")

        found = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]

    assert [item["Key"].removeprefix(f"{prefix}/") for item in found] == [
        "year=1970/month=01/day=01/hour=00/mlops-iac-2-0.parquet",
        theirs,
    ]


def test_wrong_data_changes_nothing(tmp_path: Path) -> None:
    with feature_world(tmp_path, group()) as world:
        world.fill(weather([("A", 0, 1.0)]), "1")
        with pytest.raises(DataError, match="is `string`, not `number`"):
            world.fill(pa.table({"origin": ["A"], "time_hour": utc([9]), "temp": ["x"]}), "2")

        filled = current(world.clients, BUCKET, world.definition.prefix)

        assert world.runtime.values("temp") == {"A": "1.0"}
        assert filled is not None
        assert filled.version == "1"
        assert filled.rows == 1


def test_the_history_is_written_as_on_a_laptop(tmp_path: Path) -> None:
    """Microseconds and all: of SageMaker's stores neither keeps them."""
    with feature_world(tmp_path, group()) as world:
        folder = world.fill(weather([("A", 0.000001, 1.0), ("A", 0.000002, 2.0)]), "1")

    history = pq.read_table(folder / "history.parquet")
    assert history["time_hour"].cast(pa.int64()).to_pylist() == [1, 2]


def test_a_group_that_lacks_a_feature_is_waited_for(tmp_path: Path) -> None:
    """An added feature arrives some time after the update was accepted."""
    waits: list[float] = []
    with feature_world(tmp_path, group()) as world:
        wanted = {"origin": "String", "temp": "Fractional", "visib": "Fractional"}

        def wait(seconds: float) -> None:
            waits.append(seconds)
            del wanted["visib"]

        found = ready_group(world.clients, world.definition.group, wanted, wait)
        with pytest.raises(AwsError, match="has other types for `temp`"):
            ready_group(world.clients, world.definition.group, {"temp": "String"}, wait)

    assert found["FeatureGroupStatus"] == "Created"
    assert len(waits) == 1
