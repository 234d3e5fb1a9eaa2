"""Point-in-time correctness: each row gets the values that were known at its time, and no other.

The oracle is written as the definition reads, row by row; `pandas.merge_asof` judges all rows of
real data. That Feast answers the same is tested in `test_features_store.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mlops_iac_local.features.group import Group
from mlops_iac_local.features.history import write_history
from mlops_iac_local.features.joining import join
from mlops_iac_local.features.joins import joined_inputs

from examples.flights import data as flights
from mlops_iac.errors import OperationError
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.features.history import read_history
from tests.providers.local.features_world import HOUR, FeatureWorld, utc

FAR = 10**15
ENTITIES = ["origin", "gate"]


def group(**changes: Any) -> Group:
    """Return a definition of weather by airport."""
    facts: dict[str, Any] = {
        "name": "weather", "data": "d", "format": "parquet", "entities": ["origin"],
        "event_time": "time_hour", "features": {"temp": "number"}, **changes,
    }  # fmt: skip
    return Group(**facts)


@pytest.fixture
def world(tmp_path: Path) -> FeatureWorld:
    return FeatureWorld(tmp_path)


def joined(world: FeatureWorld, data: pa.Table, history: pa.Table, **changes: Any) -> pa.Table:
    """Store a history and join it to data, through the files, in this process."""
    made = world.up(world.keep(history=history), **changes)
    result = join(world.layout, world.keep(data=data), [made])
    assert result["lacks"] == {}
    return world.read(result["digest"])


# --- properties

KEYS = st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 1))
TIMES = st.integers(-5, 20)
KNOWN = st.lists(st.tuples(KEYS, TIMES, st.none() | st.integers(0, 99)), min_size=1, max_size=12)
ASKED = st.lists(
    st.tuples(
        st.tuples(st.none() | st.sampled_from(["A", "B", "C"]), st.none() | st.integers(0, 2)),
        st.none() | TIMES,
    ),
    max_size=12,
)


def oracle(
    known: Sequence[tuple[Any, int, Any]], key: Any, time: int | None, ttl: int | None
) -> Any:
    """Return the last of the newest rows of the same entity that are not later."""
    if time is None or None in key:
        return None
    past = [
        (at, row, value) for row, (of, at, value) in enumerate(known) if of == key and at <= time
    ]
    if not past:
        return None
    at, _, value = max(past, key=lambda item: item[:2])
    return None if ttl is not None and time - at > ttl else value


@settings(max_examples=80, deadline=None)
@given(known=KNOWN, asked=ASKED, ttl=st.none() | st.integers(1, 8))
@example(known=[(("A", 0), 3, 1), (("A", 0), 3, 2)], asked=[(("A", 0), 3)], ttl=None)
@example(known=[(("A", 0), 5, 1), (("A", 0), 3, None)], asked=[(("A", 0), 4)], ttl=None)
@example(known=[(("A", 0), 0, 1)], asked=[(("A", 0), 3), (("A", 0), 4)], ttl=3)
def test_each_row_gets_the_newest_values_that_were_known(
    tmp_path_factory: pytest.TempPathFactory,
    known: list[tuple[Any, int, Any]],
    asked: list[tuple[Any, int | None]],
    ttl: int | None,
) -> None:
    """Of ties the last row, rows in any order, missing values as they are, `ttl` to its end."""
    world = FeatureWorld(tmp_path_factory.mktemp("join"))
    second = 1_000_000
    history = pa.table({
        "origin": [key[0] for key, _, _ in known],
        "gate": [key[1] for key, _, _ in known],
        "time_hour": utc([time * second for _, time, _ in known]),
        "temp": pa.array([value for _, _, value in known], pa.float64()),
    })  # fmt: skip
    times = [None if time is None else time * second for _, time in asked]
    data = pa.table({
        "origin": pa.array([key[0] for key, _ in asked], pa.string()),
        "gate": pa.array([key[1] for key, _ in asked], pa.int64()),
        "time_hour": utc(times),
        "row": pa.array(range(len(asked)), pa.int64()),
    })  # fmt: skip

    made = stored(world, group(entities=ENTITIES, ttl=ttl), history)
    result = world.read(join(world.layout, world.keep(data=data), [made])["digest"])

    expected = [oracle(known, key, time, ttl) for key, time in asked]
    assert result["temp"].to_pylist() == expected
    assert result.select(data.schema.names).equals(data)


def stored(world: FeatureWorld, definition: Group, history: pa.Table) -> Group:
    """Write a history in this process: a child for each example would take minutes."""
    from mlops_iac_local import store
    from mlops_iac_local.features.group import history_file, write_group

    from mlops_iac.content import folder_files

    place = history_file(world.layout, definition.name)
    place.parent.mkdir(parents=True, exist_ok=True)
    files = folder_files(store.data(world.layout, world.keep(history=history)))
    made = write_history(definition, files, place, FAR)
    write_group(world.layout, made)
    return made


ZONES = ["UTC", "America/New_York", "Asia/Kolkata", None]
NANOSECONDS = st.integers(-5_000, 5_000)


@settings(max_examples=60, deadline=None)
@given(
    known=st.lists(NANOSECONDS, min_size=1, max_size=8),
    asked=st.lists(NANOSECONDS, min_size=1, max_size=8),
    zones=st.tuples(st.sampled_from(ZONES), st.sampled_from(ZONES)),
)
def test_no_value_of_the_future_is_joined(
    tmp_path_factory: pytest.TempPathFactory,
    known: list[int],
    asked: list[int],
    zones: tuple[str | None, str | None],
) -> None:
    """Also below the microsecond in which times are stored, before 1970, and across zones.

    The values are the times themselves, so a value says whether it was of the future.
    """
    world = FeatureWorld(tmp_path_factory.mktemp("future"))
    history = pa.table({
        "origin": ["A"] * len(known),
        "time_hour": utc(known, "ns", zones[0]),
        "at": pa.array(known, pa.int64()),
    })  # fmt: skip
    data = pa.table({"origin": ["A"] * len(asked), "time_hour": utc(asked, "ns", zones[1])})

    made = stored(world, group(features={"at": "integer"}), history)
    result = world.read(join(world.layout, world.keep(data=data), [made])["digest"])

    for time, value in zip(asked, result["at"].to_pylist(), strict=True):
        assert value is None or value <= time
        whole = [at for at in known if at <= time - 1000]
        assert not whole or value is not None


# --- examples


def test_a_row_that_arrives_late_counts_from_its_event_time(world: FeatureWorld) -> None:
    data = pa.table({"origin": ["A", "A"], "time_hour": utc([2 * HOUR, 4 * HOUR])})
    late = {"origin": ["A", "A"], "time_hour": utc([3 * HOUR, HOUR]), "temp": [3.0, 1.0]}

    result = joined(world, data, pa.table(late), features={"temp": "number"})

    assert result["temp"].to_pylist() == [1.0, 3.0]


def test_times_of_other_zones_are_the_same_moments(world: FeatureWorld) -> None:
    """Of a zone, of an offset, and of none, which is UTC."""
    noon = datetime(2024, 3, 10, 12, tzinfo=timezone(timedelta(hours=5)))
    moment = int(noon.timestamp() * 1_000_000)
    data = pa.table({
        "origin": ["A", "A"],
        "time_hour": utc([moment, moment - 1], zone="America/New_York"),
    })  # fmt: skip
    plain = noon.astimezone(UTC).replace(tzinfo=None)
    history = pa.table({"origin": ["A"], "time_hour": [plain], "temp": [7.0]})

    result = joined(world, data, history, features={"temp": "number"})

    assert result["temp"].to_pylist() == [7.0, None]


def test_every_type_comes_through_unchanged(world: FeatureWorld) -> None:
    features = {"flag": "boolean", "name": "string", "count": "integer", "seen": "timestamp"}
    values = {
        "flag": [True, None], "name": ["ü", None], "count": [2**60 + 1, None],
        "seen": utc([86_400_000_000, None]),
    }  # fmt: skip
    history = pa.table({"origin": ["A", "B"], "time_hour": utc([0, 0]), **values})
    data = pa.table({"origin": ["B", "A", "B"], "time_hour": utc([1, 1, 1])})

    result = joined(world, data, history, features=features)

    for name in features:
        first, missing = history[name].to_pylist()
        assert result[name].to_pylist() == [missing, first, missing]


def test_csv_and_several_files_keep_their_rows_in_order(world: FeatureWorld) -> None:
    """Digits of a text key stay text, as the group has them."""
    made = world.up(
        world.keep(history=pa.table({"origin": ["007"], "time_hour": utc([0]), "temp": [1.5]})),
        features={"temp": "number"},
    )
    digest = world.keep(
        b_csv="origin,time_hour,n\n8,1970-01-01T01:00:00,3\n",
        a_csv="origin,time_hour,n\n007,1970-01-01T01:00:00,1\n007,1969-01-01T00:00:00,2\n",
    )

    result = world.read(join(world.layout, digest, [made])["digest"])

    assert result["n"].to_pylist() == [1, 2, 3]
    assert result["temp"].to_pylist() == [1.5, None, None]


def test_what_cannot_be_joined_is_told_at_once(world: FeatureWorld) -> None:
    history = {"origin": ["A"], "time_hour": utc([0]), "temp": [1.0], "visib": [1.0]}
    made = world.up(world.keep(history=pa.table(history)))
    data = {"origin": [1], "time_hour": ["noon"], "temp": [0.0], "visib": [0.0]}
    digest = world.keep(data=pa.table(data))

    with pytest.raises(DataError) as refused:
        join(world.layout, digest, [made])

    assert str(refused.value) == (
        "features cannot be joined: `temp` of `weather` is a column of the data too; `visib` of "
        "`weather` is a column of the data too; `origin` is `int64` in the data and `string` in "
        "`weather`; `time_hour` is `string` in the data and `timestamp` in `weather`\n"
        "  hint: rename the column, or write both with the same type"
    )


# --- inputs of runs


def test_inputs_are_joined_once_for_each_version(world: FeatureWorld) -> None:
    """Through the child process, as a run does; an input without the columns stays as it is."""
    weather = {"origin": ["A"], "time_hour": utc([0]), "temp": [1.0], "visib": [2.0]}
    made = world.up(world.keep(history=pa.table(weather)))
    inputs = {
        "rows": world.keep(rows=pa.table({"origin": ["A", "B"], "time_hour": utc([5, 5])})),
        "names": world.keep(names=pa.table({"carrier": ["UA"]})),
    }

    first = joined_inputs(world.layout, {"weather": made.version}, inputs)
    noted = sorted((world.root / "features" / "joins").glob("*.json"))
    again = joined_inputs(world.layout, {"weather": made.version}, inputs)

    assert first == again
    assert first["names"] == inputs["names"]
    assert world.read(first["rows"])["visib"].to_pylist() == [2.0, None]
    assert len(noted) == 2
    with pytest.raises(OperationError, match="by now, and this job was declared with `old`"):
        joined_inputs(world.layout, {"weather": "old"}, inputs)
    with pytest.raises(OperationError) as refused:
        joined_inputs(world.layout, {"weather": made.version}, {"names": inputs["names"]})
    assert "`weather` fits no data: `names` has no `origin` and no `time_hour`" in str(
        refused.value
    )


# --- all rows


@pytest.fixture(scope="module")
def real() -> Mapping[str, pd.DataFrame]:
    """All departures and all hours of weather of 2013, with times in UTC."""
    folder = flights._package_folder()
    departures = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["dep_delay"])
    weather = pd.read_csv(folder / "weather.csv")
    for frame in (departures, weather):
        frame["time_hour"] = pd.to_datetime(frame.time_hour, utc=True)
    # Schedules are on the hour, as the weather is; minutes make most times fall between two.
    departures["time_hour"] += pd.to_timedelta(departures["minute"], unit="min")
    return {"departures": departures, "weather": weather}


@pytest.mark.slow
@pytest.mark.parametrize("hours", [None, 1, 6])
def test_all_rows_are_equal_to_merge_asof(
    world: FeatureWorld, real: Mapping[str, pd.DataFrame], hours: int | None
) -> None:
    """328,521 rows; the weather is shuffled and has holes, so that `ttl` and order matter."""
    columns = ["temp", "visib"]
    weather = real["weather"].sample(frac=0.8, random_state=7)[["origin", "time_hour", *columns]]
    rows = real["departures"][["origin", "time_hour", "flight", "dep_delay"]]
    tolerance = None if hours is None else pd.Timedelta(hours=hours)
    expected = pd.merge_asof(
        rows.reset_index(drop=True).reset_index().sort_values("time_hour"),
        weather.sort_values("time_hour"),
        on="time_hour", by="origin", tolerance=tolerance,
    ).sort_values("index")  # fmt: skip
    history = pa.Table.from_pandas(weather, preserve_index=False)
    data = pa.Table.from_pandas(rows, preserve_index=False)

    result = joined(world, data, history, ttl=None if hours is None else hours * 3600)

    assert result.num_rows == len(rows) == 328_521
    assert result.select(data.schema.names).equals(data)
    for name in columns:
        pd.testing.assert_series_equal(
            result[name].to_pandas(), expected[name].reset_index(drop=True), check_names=False
        )
    assert hours is None or expected.temp.isna().sum() > 500


def test_a_history_of_another_version_is_not_read(world: FeatureWorld) -> None:
    made = stored(world, group(), pa.table({"origin": ["A"], "time_hour": utc([0]), "temp": [1.0]}))
    place = world.root / "features" / "groups" / "weather" / "history.parquet"

    assert read_history(place, made.version).num_rows == 1
    with pytest.raises(DataError, match=f"of version `{made.version}`, not `other`"):
        read_history(place, "other")
