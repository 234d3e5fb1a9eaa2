"""Filling a feature group on Azure: history, data asset, online table, repetitions.

Limit: the work is done in this process; `test_executed.py` has a pipeline job do it.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from mlops_iac_azure import documents, rest
from mlops_iac_azure.errors import AzureError
from mlops_iac_azure.faults import told
from mlops_iac_azure.features import online
from mlops_iac_azure.features.document import current
from mlops_iac_azure.session import tables

from mlops_iac.errors import OperationError
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features.arrow import Table
from tests.clouds.azure.running import Cloud
from tests.providers.azure.features.world import ASSET, NOW, TABLE, World, group, make_world
from tests.providers.azure.world import ACCOUNT, azure, point

Make = Callable[..., World]


@pytest.fixture(scope="module")
def features_cloud() -> Iterator[Cloud]:
    with azure() as running:
        yield running


@pytest.fixture
def make(features_cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    features_cloud.reset()
    point(features_cloud, monkeypatch)
    return lambda **changes: make_world(features_cloud, tmp_path, group(**changes))


def hours(*rows: tuple[str, int, float | None], **more: list[Any]) -> Table:
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


def test_every_row_is_in_the_history_and_the_newest_one_is_served(make: Make) -> None:
    world = make()

    filled = world.fill(hours(("JFK", 1, 5.0), ("JFK", 3, 7.5), ("LGA", 2, -1.0)), "1")

    assert filled.rows == 3
    kept = [(r["origin"], r["time_hour"].hour, r["temp"]) for r in world.history("1")]
    assert kept == [("JFK", 1, 5.0), ("LGA", 2, -1.0), ("JFK", 3, 7.5)]
    assert temps(world, "LGA", "JFK", "SFO") == [-1.0, 7.5, None]


def test_a_history_is_a_version_of_the_groups_data_asset(make: Make) -> None:
    world = make()

    world.fill(hours(("JFK", 1, 5.0)), "1")

    made = rest.call(world.place, "GET", world.place.in_workspace("data/versions", ASSET, "1"))
    asset = made["properties"]
    assert asset["dataUri"].endswith("/paths/features/weather/history/1/")
    assert asset["properties"]["entity.origin"] == "string"
    assert asset["properties"]["feature.temp"] == "number"


def test_a_missing_value_of_the_newest_row_is_not_filled_by_an_older_one(make: Make) -> None:
    world = make()

    world.fill(hours(("JFK", 1, 5.0), ("JFK", 3, None)), "1")

    (answer,) = world.read({"origin": "JFK"})
    assert answer == {"origin": "JFK", "temp": None, "time_hour": "2013-01-01T03:00:00+00:00"}


def test_what_is_known_later_is_kept_and_not_served(make: Make) -> None:
    world = make()

    world.fill(hours(("JFK", 1, 5.0), ("JFK", 24 * 60, 9.0)), "1")

    assert len(world.history("1")) == 2
    assert temps(world, "JFK") == [5.0]


def test_a_second_filling_replaces_the_first_and_forgets_what_is_gone(make: Make) -> None:
    world = make()
    world.fill(hours(("JFK", 1, 5.0), ("LGA", 2, -1.0)), "1")

    world.fill(hours(("JFK", 1, 6.0)), "2")

    assert temps(world, "JFK", "LGA") == [6.0, None]
    assert len(world.rows()) == 1
    filled = current(world.place, ACCOUNT, "weather")
    assert filled is not None
    assert filled.version == "2"


def test_a_feature_that_is_gone_from_the_newest_row_is_not_left_by_the_one_before(
    make: Make,
) -> None:
    """A row is replaced as a whole: merged, the old temperature would stay."""
    world = make()
    world.fill(hours(("JFK", 1, 5.0)), "1")

    world.fill(hours(("JFK", 2, None)), "2")

    assert temps(world, "JFK") == [None]


def test_a_filling_that_ends_after_a_later_one_leaves_the_store_alone(make: Make) -> None:
    """Its own version is kept all the same: a training may wait for it."""
    world = make()
    world.fill(hours(("JFK", 1, 6.0)), "2")

    world.fill(hours(("JFK", 1, 5.0)), "1", now=NOW - timedelta(seconds=1))

    assert temps(world, "JFK") == [6.0]
    names = documents.paths(world.place, ACCOUNT, "features/weather/history/1/")
    assert [name.rpartition("/")[2] for name in names] == ["group.json", "history.parquet"]


def test_values_come_back_in_their_types_and_several_entities_are_one_key(make: Make) -> None:
    features = {"temp": "number", "gusty": "boolean", "count": "integer", "sky": "string",
                "seen": "timestamp"}  # fmt: skip
    world = make(entities=["origin", "gate"], features=features)
    seen = datetime(1, 1, 1, 2, 30, tzinfo=UTC)

    world.fill(
        hours(
            ("JFK", 1, 5.0), gate=[7], gusty=[False], count=[2**60 + 1], sky=["g/r#e?y"],
            seen=[seen],
        ),
        "1",
    )  # fmt: skip

    assert world.read({"origin": "JFK", "gate": "7"}, {"origin": "JFK", "gate": 8}) == [
        {"origin": "JFK", "gate": 7, "temp": 5.0, "gusty": False, "count": 2**60 + 1,
         "sky": "g/r#e?y", "seen": "0001-01-01T02:30:00+00:00",
         "time_hour": "2013-01-01T01:00:00+00:00"},
        {"origin": "JFK", "gate": 8, **dict.fromkeys(features), "time_hour": None},
    ]  # fmt: skip


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), 1e300, -0.0, 3.0])
def test_every_number_comes_back(make: Make, value: float) -> None:
    world = make()

    world.fill(hours(("JFK", 1, value)), "1")

    assert temps(world, "JFK") == [value]


def test_a_value_older_than_ttl_is_none_and_its_time_is_told(make: Make) -> None:
    world = make(ttl=3600)
    world.fill(hours(("JFK", 1, 5.0)), "1")
    known = datetime(2013, 1, 1, 1, tzinfo=UTC)

    (just,) = world.read({"origin": "JFK"}, now=known + timedelta(hours=1))
    (after,) = world.read({"origin": "JFK"}, now=known + timedelta(hours=1, microseconds=1))

    assert (just["temp"], after["temp"]) == (5.0, None)
    assert just["time_hour"] == after["time_hour"] == "2013-01-01T01:00:00+00:00"


def test_more_rows_than_a_transaction_holds_are_put_and_taken_away(make: Make) -> None:
    world = make()
    many = 300
    world.fill(hours(*((f"A{i}", 1, float(i)) for i in range(many))), "1")

    world.fill(hours(*((f"A{i}", 1, -float(i)) for i in range(0, many, 2))), "2")

    assert len(world.rows()) == many // 2
    assert temps(world, "A298", "A299") == [-298.0, None]


def test_a_group_without_online_store_is_kept_and_refuses_reads(make: Make) -> None:
    world = make(online=False)

    world.fill(hours(("JFK", 1, 5.0)), "1")

    assert len(world.history("1")) == 1
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

    assert temps(world, "JFK") == [5.0]


def test_a_row_that_is_too_large_is_the_fillings_failure_with_a_remedy(make: Make) -> None:
    world = make(features={"temp": "number", "sky": "string"})

    with pytest.raises(online.OnlineError, match="does not take the rows") as refused:
        world.fill(hours(("JFK", 1, 5.0), sky=["x" * 70_000]), "1")

    assert "make the features shorter" in str(refused.value)
    assert current(world.place, ACCOUNT, "weather") is None


def test_a_killed_filling_leaves_nothing_that_the_next_one_does_not_find(make: Make) -> None:
    """It has put a row, of which no document tells; the next filling has none for that entity."""
    world = make()
    world.fill(hours(("JFK", 1, 5.0)), "1")
    client = tables(world.place, ACCOUNT).get_table_client(TABLE)
    rows = [{"origin": "LGA", "time_hour": NOW, "temp": 1.0}]
    online.replace_rows(client, group(), rows, "2")

    world.fill(hours(("JFK", 1, 6.0)), "3")

    assert len(world.rows()) == 1
    assert temps(world, "JFK", "LGA") == [6.0, None]


def test_a_filling_is_repeated_under_its_version(make: Make) -> None:
    world = make()
    table = hours(("JFK", 1, 5.0))
    world.fill(table, "1")

    world.fill(table, "1")

    assert temps(world, "JFK") == [5.0]
    assert len(world.rows()) == 1


def test_a_table_that_is_gone_is_said_and_not_taken_for_an_unknown_entity(make: Make) -> None:
    world = make()
    world.fill(hours(("JFK", 1, 5.0)), "1")
    tables(world.place, ACCOUNT).delete_table(TABLE)

    with pytest.raises(AzureError, match=r"(?i)table"), told("reading the group"):
        world.read({"origin": "JFK"})
