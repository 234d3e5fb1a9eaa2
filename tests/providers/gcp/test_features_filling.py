"""Filling a feature group on Google Cloud: BigQuery's table, the online store, repetitions."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from mlops_iac_gcp.errors import ApiError
from mlops_iac_gcp.features.document import current
from mlops_iac_gcp.features.loading import LoadError
from mlops_iac_gcp.features.syncing import SyncError
from mlops_iac_gcp.session import storage

from mlops_iac.errors import OperationError
from mlops_iac.runtime.errors import DataError
from tests.clouds.gcp.running import Cloud, cloud_here
from tests.providers.gcp.features_world import BUCKET, NAME, NOW, World, group, make_world

Make = Callable[..., World]


@pytest.fixture(scope="module")
def features_cloud() -> Iterator[Cloud]:
    with cloud_here() as running:
        yield running


@pytest.fixture
def make(features_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    for name, value in features_cloud.environment.items():
        monkeypatch.setenv(name, value)
    features_cloud.reset()
    features_cloud.control("pace", operations=1)
    return lambda **changes: make_world(features_cloud, tmp_path, group(**changes))


def hours(*rows: tuple[str, int, float | None], **more: list[Any]) -> pa.Table:
    """Return data: origin, hour of 1 January 2013, temperature."""
    start = datetime(2013, 1, 1, tzinfo=UTC)
    return pa.table(
        {
            "origin": [row[0] for row in rows],
            "time_hour": [start + timedelta(hours=row[1]) for row in rows],
            "temp": pa.array([row[2] for row in rows], pa.float64()),
            **more,
        }
    )


def temps(world: World, *origins: str) -> list[Any]:
    """Return the temperatures that are served."""
    return [answer["temp"] for answer in world.read(*({"origin": each} for each in origins))]


def test_every_row_is_in_bigquery_and_the_newest_one_is_served(make: Make) -> None:
    world = make()

    filled = world.fill(hours(("JFK", 1, 5.0), ("JFK", 3, 7.5), ("LGA", 2, -1.0)), "1")

    assert filled.rows == 3
    told = [(r["origin"], r["time_hour"].hour, r["temp"]) for r in world.rows()]
    assert told == [("JFK", 1, 5.0), ("LGA", 2, -1.0), ("JFK", 3, 7.5)]
    assert all(row["feature_timestamp"] == row["time_hour"] for row in world.rows())
    assert temps(world, "LGA", "JFK", "SFO") == [-1.0, 7.5, None]


def test_a_missing_value_of_the_newest_row_is_not_filled_by_an_older_one(make: Make) -> None:
    """Vertex AI's registry would serve the last value that is not null: `local` does not."""
    world = make()

    world.fill(hours(("JFK", 1, 5.0), ("JFK", 3, None)), "1")

    (answer,) = world.read({"origin": "JFK"})
    assert answer == {"origin": "JFK", "temp": None, "time_hour": "2013-01-01T03:00:00+00:00"}


def test_what_is_known_later_is_kept_and_not_served(make: Make) -> None:
    world = make()
    later = int((datetime.now(UTC) + timedelta(days=30) - datetime(2013, 1, 1, tzinfo=UTC)).days)

    world.fill(hours(("JFK", 1, 5.0), ("JFK", 24 * later, 9.0)), "1")

    assert len(world.rows()) == 2
    assert temps(world, "JFK") == [5.0]


def test_a_second_filling_replaces_the_first_and_forgets_what_is_gone(make: Make) -> None:
    world = make()
    world.fill(hours(("JFK", 1, 5.0), ("LGA", 2, -1.0)), "1")

    world.fill(hours(("JFK", 1, 6.0)), "2")

    assert [row["temp"] for row in world.rows()] == [6.0]
    assert temps(world, "JFK", "LGA") == [6.0, None]
    filled = current(world.place, BUCKET, "weather")
    assert filled is not None
    assert filled.version == "2"


def test_a_filling_that_ends_after_a_later_one_leaves_the_stores_alone(make: Make) -> None:
    """Its own version is kept all the same: a training may wait for it."""
    world = make()
    world.fill(hours(("JFK", 1, 6.0)), "2")

    world.fill(hours(("JFK", 1, 5.0)), "1", now=NOW - timedelta(seconds=1))

    assert [row["temp"] for row in world.rows()] == [6.0]
    assert temps(world, "JFK") == [6.0]
    blobs = storage(world.place).list_blobs(BUCKET, prefix="features/weather/history/1/")
    names = [blob.name.rpartition("/")[2] for blob in blobs]
    assert names == ["group.json", "history.parquet", "table.parquet"]


def test_without_history_the_table_holds_the_newest_rows_alone(make: Make) -> None:
    world = make(offline=False)

    world.fill(hours(("JFK", 1, 5.0), ("JFK", 3, 7.0), ("LGA", 1, 2.0)), "1")

    assert [(row["origin"], row["temp"]) for row in world.rows()] == [("LGA", 2.0), ("JFK", 7.0)]


def test_values_come_back_in_their_types_and_several_entities_are_one_key(make: Make) -> None:
    features = {"temp": "number", "gusty": "boolean", "count": "integer", "sky": "string",
                "seen": "timestamp"}  # fmt: skip
    world = make(entities=["origin", "gate"], features=features)
    seen = datetime(2013, 1, 1, 2, 30, tzinfo=UTC)

    world.fill(
        hours(
            ("JFK", 1, 5.0), gate=[7], gusty=[False], count=[2**60 + 1], sky=["grey"], seen=[seen]
        ),
        "1",
    )

    assert world.read({"origin": "JFK", "gate": "7"}, {"origin": "JFK", "gate": 8}) == [
        {"origin": "JFK", "gate": 7, "temp": 5.0, "gusty": False, "count": 2**60 + 1,
         "sky": "grey", "seen": "2013-01-01T02:30:00+00:00",
         "time_hour": "2013-01-01T01:00:00+00:00"},
        {"origin": "JFK", "gate": 8, **dict.fromkeys(features), "time_hour": None},
    ]  # fmt: skip


def test_a_value_older_than_ttl_is_none_and_its_time_is_told(make: Make) -> None:
    world = make(ttl=3600)
    world.fill(hours(("JFK", 1, 5.0)), "1")
    known = datetime(2013, 1, 1, 1, tzinfo=UTC)

    (just,) = world.read({"origin": "JFK"}, now=known + timedelta(hours=1))
    (after,) = world.read({"origin": "JFK"}, now=known + timedelta(hours=1, microseconds=1))

    assert (just["temp"], after["temp"]) == (5.0, None)
    assert just["time_hour"] == after["time_hour"] == "2013-01-01T01:00:00+00:00"


def test_a_group_without_online_store_is_loaded_and_refuses_reads(make: Make) -> None:
    world = make(online=False)

    world.fill(hours(("JFK", 1, 5.0)), "1")

    assert len(world.rows()) == 1
    with pytest.raises(OperationError, match="no values to be read by key"):
        world.read({"origin": "JFK"})


def test_an_entity_of_another_shape_is_refused_in_words(make: Make) -> None:
    world = make()
    world.fill(hours(("JFK", 1, 5.0)), "1")

    with pytest.raises(OperationError, match="`gate` is none of its entities"):
        world.read({"origin": "JFK", "gate": 1})


def test_data_that_is_not_as_declared_changes_no_store(make: Make) -> None:
    world = make()
    world.fill(hours(("JFK", 1, 5.0)), "1")

    with pytest.raises(DataError, match="has no column `temp`"):
        world.fill(hours(("JFK", 1, 6.0)).drop_columns("temp"), "2")

    assert [row["temp"] for row in world.rows()] == [5.0]
    assert temps(world, "JFK") == [5.0]


def test_rows_that_the_table_does_not_take_leave_it_as_it_was(make: Make) -> None:
    """The table is of another definition than what fills it: `up` has not changed it yet."""
    world = make()
    world.fill(hours(("JFK", 1, 5.0)), "1")
    values = group(features={"temp": "number", "wind": "number"})
    world.definition = type(world.definition)(**{**vars(world.definition), "values": values})

    with pytest.raises(LoadError, match=r"Cannot add fields \(field: wind\)"):
        world.fill(hours(("JFK", 1, 6.0), wind=[1.0]), "2")

    assert [row["temp"] for row in world.rows()] == [5.0]


@pytest.mark.parametrize(
    ("kind", "method"),
    [("drop", "featureViews.sync"), ("lost", "featureViews.sync"), ("error", "jobs.insert")],
)
def test_a_filling_survives_lost_answers(make: Make, kind: str, method: str) -> None:
    world = make()
    world.cloud.faults.ask(kind, method)

    world.fill(hours(("JFK", 1, 5.0)), "1")

    assert temps(world, "JFK") == [5.0]


def test_a_filling_that_was_killed_after_its_load_loads_once(make: Make) -> None:
    world = make()
    table = hours(("JFK", 1, 5.0))
    world.cloud.faults.ask("denied", "featureViews.sync")
    with pytest.raises(ApiError):
        world.fill(table, "1")
    assert current(world.place, BUCKET, "weather") is None

    world.fill(table, "1")

    assert len(world.rows()) == 1
    assert temps(world, "JFK") == [5.0]


def test_a_source_that_cannot_be_read_is_the_fillings_failure(make: Make) -> None:
    world = make()
    world.cloud.call(
        "DELETE",
        f"bigquery/bigquery/v2/projects/{world.cloud.project}/datasets/{NAME}/tables/latest",
    )

    with pytest.raises(SyncError, match="could not be synchronised"):
        world.fill(hours(("JFK", 1, 5.0)), "1")

    assert current(world.place, BUCKET, "weather") is None
