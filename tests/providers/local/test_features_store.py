"""The feature store: what is written without Feast is what Feast reads, online and offline alike.

Feast itself is the judge here. It is loaded in this process once, which takes seconds; what only
concerns our own side is tested without it.
"""

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlops_iac_local.errors import LocalError
from mlops_iac_local.features import encoding, online, views
from mlops_iac_local.features.group import Group, history_file, online_file, read_group
from mlops_iac_local.features.joining import join
from mlops_iac_local.layout import Layout
from mlops_iac_local.resources.feature_group import FeatureGroupHandler, FeatureViewHandler

from examples.flights import data as flights
from mlops_iac.custom import Cancelled
from mlops_iac.errors import OperationError
from tests.providers.local.features_world import BY_ORIGIN, HOUR, FeatureWorld, utc

TYPES: Mapping[str, str] = {"flag": "boolean", "name": "string", "count": "integer",
                            "share": "number", "seen": "timestamp"}  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> FeatureWorld:
    return FeatureWorld(tmp_path)


@pytest.fixture(scope="module")
def in_utc() -> Iterator[None]:
    """Feast's sqlite store reads times as of the process's own zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def weather(temps: list[float | None]) -> pa.Table:
    """Return one row an hour of one airport, and one old row of another."""
    hours: list[int | None] = [hour * HOUR for hour in range(len(temps))]
    return pa.table({
        "origin": ["JFK"] * len(temps) + ["LGA"],
        "time_hour": utc([*hours, 0]),
        "temp": pa.array([*temps, -1.0], pa.float64()),
        "visib": [10.0] * len(temps) + [0.0],
    })  # fmt: skip


def feast_store(world: FeatureWorld) -> Any:
    """Open the store with Feast, by the file that is left for it."""
    from feast import FeatureStore

    return FeatureStore(repo_path=str(world.root / "features"))


def read(
    world: FeatureWorld, *entities: Mapping[str, Any], group: str = "weather", at: int = 0
) -> list[dict[str, Any]]:
    """Return our own answers."""
    known = views.registered(world.layout)[group]
    now = datetime.fromtimestamp(at, tz=UTC)
    return online.read(online_file(world.layout), known, entities, now)


# --- without Feast


def test_all_that_is_wrong_with_the_data_is_told_at_once(world: FeatureWorld) -> None:
    wrong = pa.table({"origin": [1.5], "temp": ["warm"], "other": [1]})
    with pytest.raises(LocalError) as columns:
        world.up(world.keep(weather=wrong))
    holes = pa.table({"origin": ["A", None], "time_hour": utc([None, None]), "temp": [1.0, 2.0],
                      "visib": [1.0, 2.0]})  # fmt: skip
    with pytest.raises(LocalError) as rows:
        world.up(world.keep(weather=holes))

    assert str(columns.value) == (
        "the data is not what feature group `weather` declares: column `origin` of "
        "`weather.parquet` is `double`, not `string` or `integer`; `weather.parquet` has no column "
        "`time_hour`; column `temp` of `weather.parquet` is `string`, not `number`; "
        "`weather.parquet` has no column `visib`\n"
        "  hint: correct the data, or `entities`, `event_time` and `features`"
    )
    assert "1 rows have no `origin`; 2 rows have no `time_hour`" in str(rows.value)
    assert read_group(world.layout, "weather") is None


def test_parts_of_a_second_are_not_lost_online_in_silence(world: FeatureWorld) -> None:
    data = world.keep(
        weather=pa.table({"origin": ["A"], "time_hour": utc([0]), "seen": utc([1_500_000])})
    )
    with pytest.raises(LocalError, match="1 values of `seen` have parts of a second"):
        world.up(data, features={"seen": "timestamp"})

    assert world.up(data, features={"seen": "timestamp"}, online=False).rows == 1


def test_without_history_only_the_newest_row_is_kept(world: FeatureWorld) -> None:
    made = world.up(world.keep(weather=weather([1.0, 2.0, 3.0])), offline=False)

    assert made.rows == 2


def test_a_changed_type_or_entity_replaces_and_an_added_feature_does_not() -> None:
    handler, old = FeatureGroupHandler(), {**BY_ORIGIN, "data": "d"}

    def change(**changes: Any) -> tuple[tuple[str, ...], bool]:
        found = handler.diff(old, old, {**old, **changes})
        return found.replaces, found.delete_before_replace

    features = dict(BY_ORIGIN["features"])
    assert change(features={**features, "humid": "number"}) == ((), False)
    assert change(features={"temp": "number"}) == ((), False)
    assert change(ttl=3600, data="e") == ((), False)
    assert change(features={**features, "temp": "integer"}) == (("features",), True)
    assert change(entities=["origin", "gate"]) == (("entities",), True)
    assert change(eventTime="seen") == (("eventTime",), True)


def test_a_history_that_is_gone_is_seen(world: FeatureWorld) -> None:
    handler, call = FeatureGroupHandler(), world.call()
    inputs = {**BY_ORIGIN, "data": world.keep(weather=weather([1.0]))}
    name, state = handler.create(inputs, call)
    as_it_was = handler.read(name, state, call)
    history_file(world.layout, name).unlink()
    damaged = handler.read(name, state, call)

    assert as_it_was is not None
    assert as_it_was.inputs == inputs
    assert damaged is not None
    assert damaged.inputs["drift"] == "the stored features are gone"


def test_a_stopped_write_leaves_what_was_there(world: FeatureWorld) -> None:
    """The child is gone when the call ends, and the next one does its work."""
    made = world.up(world.keep(weather=weather([1.0])))
    stopped = world.call()
    stopped.cancel_when = lambda: True
    changed = {**BY_ORIGIN, "data": world.keep(weather=weather([1.0, 2.0]))}

    with pytest.raises(Cancelled):
        FeatureGroupHandler().create(changed, stopped)
    kept = read_group(world.layout, "weather")
    FeatureGroupHandler().create(changed, world.call())
    after = read_group(world.layout, "weather")

    assert kept == made
    assert after is not None
    assert (made.rows, after.rows) == (2, 3)
    assert list(world.layout.temporary.iterdir()) == []


SCALARS = {
    "string": st.text(), "integer": st.integers(-(2**63), 2**63 - 1), "boolean": st.booleans(),
    "number": st.floats(allow_nan=False),
    "timestamp": st.integers(-(2**33), 2**33).map(lambda s: datetime.fromtimestamp(s, tz=UTC)),
}  # fmt: skip


@given(data=st.data(), kind=st.sampled_from(sorted(SCALARS)))
def test_a_stored_value_is_read_as_it_was(data: st.DataObject, kind: str) -> None:
    value = data.draw(st.none() | SCALARS[kind])

    assert encoding.decode_value(encoding.encode_value(value, kind)) == value


# --- with Feast


@settings(max_examples=50, deadline=None)
@given(
    st.dictionaries(st.text(min_size=1), st.text() | st.integers(-(2**63), 2**63 - 1), min_size=1)
)
@pytest.mark.slow
def test_keys_are_those_of_feast(entity: dict[str, str | int]) -> None:
    from feast.infra.key_encoding_utils import serialize_entity_key
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    values = [
        Value(string_val=value) if isinstance(value, str) else Value(int64_val=value)
        for value in entity.values()
    ]
    theirs = serialize_entity_key(
        EntityKey(join_keys=list(entity), entity_values=values), encoding.KEY_VERSION
    )

    assert encoding.encode_key(entity) == theirs


@pytest.mark.slow
@pytest.mark.usefixtures("in_utc")
def test_a_group_lives_in_feast(world: FeatureWorld) -> None:
    """Filled, added to in place, removed beside another: Feast's answers are ours at every step."""
    data = world.keep(weather=weather([1.0, None, 3.0]))
    features = {"temp": "number"}
    first = world.up(data, features=features)
    second = world.up(data, name="second", features=features)
    assert at_the_same_time(world, first, second) == 1
    asked = [{"origin": "JFK"}, {"origin": "LGA"}, {"origin": "XXX"}]
    assert [item["temp"] for item in read(world, *asked)] == [3.0, -1.0, None]
    assert theirs(world, ["temp"], asked) == {"temp": [3.0, -1.0, None]}

    added = world.up(data, features={**features, "visib": "number"})
    handler, call = FeatureViewHandler(), world.call()
    inputs = {**world.view_inputs(first), "version": added.version}
    stale = handler.read("weather", inputs, call)
    assert stale is not None
    assert stale.inputs["drift"] == "Feast does not know this version"
    handler.update("weather", inputs, inputs, call)
    assert read(world, asked[0]) == [
        {"origin": "JFK", "temp": 3.0, "visib": 10.0, "time_hour": hour(2)}
    ]
    both = {"temp": [3.0, -1.0, None], "visib": [10.0, 0.0, None]}
    assert theirs(world, ["temp", "visib"], asked) == both

    handler.delete("weather", inputs, call)
    FeatureGroupHandler().delete("weather", {}, call)
    assert [view.name for view in feast_store(world).list_feature_views()] == ["second"]
    assert tables(world) == {"mlops_iac_second"}

    handler.delete("second", inputs, world.call("second"))
    FeatureGroupHandler().delete("second", {}, world.call("second"))
    assert world.files() == set()


@dataclass(frozen=True)
class Filled:
    """A store with the weather of 2013, and a group of every type."""

    world: FeatureWorld
    weather: Group
    typed: Group
    rows: pd.DataFrame


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, in_utc: None) -> Filled:  # noqa: ARG001
    world = FeatureWorld(tmp_path_factory.mktemp("filled"))
    folder = flights._package_folder()
    hours = pd.read_csv(folder / "weather.csv")[["origin", "time_hour", "temp", "visib"]]
    rows = pd.read_csv(folder / "flights.csv.zip").dropna(subset=["dep_delay"])
    rows = rows[["origin", "time_hour"]].reset_index(drop=True).reset_index(names="number")
    for frame in (hours, rows):
        frame["time_hour"] = pd.to_datetime(frame.time_hour, utc=True)
    holes = pa.Table.from_pandas(hours.sample(frac=0.7, random_state=3), preserve_index=False)
    of_weather = world.up(world.keep(hours=holes), ttl=2 * 3600)
    typed = world.up(
        world.keep(history=EVERY_TYPE), name="typed", entities=["origin", "gate"],
        features=dict(TYPES), ttl=1800,
    )  # fmt: skip
    at_the_same_time(world, of_weather, typed)
    return Filled(world, of_weather, typed, rows)


EVERY_TYPE = pa.table({
    "origin": ["A", "A", "A", "B"],
    "gate": [1, 1, 2, 1],
    "time_hour": utc([0, HOUR, 2 * HOUR, HOUR]),
    "flag": [True, False, None, True],
    "name": ["old", "ü", "", None],
    "count": [1, 2**53 + 1, -5, None],
    "share": [0.1, 0.2, None, -0.0],
    "seen": utc([0, 1_700_000_000_000_000, None, -1_000_000]),
})  # fmt: skip


@pytest.mark.slow
def test_online_and_offline_are_the_same(filled: Filled) -> None:
    """Every type, two entities, missing values: read by key, by join, and by Feast.

    Feast does not look at `ttl` when it reads by key; we do, as the join does.
    """
    world, asked = filled.world, [
        {"origin": "A", "gate": 1}, {"origin": "B", "gate": 1}, {"origin": "C", "gate": 1},
    ]  # fmt: skip
    now = 3600 + 1800
    rows = {**{key: [item[key] for item in asked] for key in ("origin", "gate")},
            "time_hour": utc([now * 1_000_000] * 3)}  # fmt: skip
    data = world.keep(rows=pa.table(rows))
    offline = world.read(join(world.layout, data, [filled.typed])["digest"]).to_pylist()
    by_key = read(world, *asked, group="typed", at=now)
    expired = read(world, *asked, group="typed", at=now + 1)
    by_feast = theirs(world, list(TYPES), asked, group="typed")

    assert [only(TYPES, item) for item in by_key] == [only(TYPES, item) for item in offline]
    assert by_key[0]["count"] == 2**53 + 1
    assert by_key[0]["seen"] == datetime.fromtimestamp(1_700_000_000, tz=UTC)
    for name in TYPES:
        assert by_feast[name] == [item[name] for item in by_key]
    assert {value for item in expired for value in only(TYPES, item).values()} == {None}


@pytest.mark.slow
def test_all_rows_are_equal_to_feasts_own_join(filled: Filled) -> None:
    """328,521 departures; Feast gives them back in another order, so both are sorted by number."""
    world = filled.world
    data = world.keep(rows=pa.Table.from_pandas(filled.rows, preserve_index=False))
    ours = world.read(join(world.layout, data, [filled.weather])["digest"]).to_pandas()
    job = feast_store(world).get_historical_features(
        entity_df=filled.rows.rename(columns={"time_hour": "event_timestamp"}),
        features=["weather:temp", "weather:visib"],
    )
    columns = ["number", "temp", "visib"]
    joined = job.to_df().sort_values("number").reset_index(drop=True)

    assert len(ours) == len(joined) == 328_521
    pd.testing.assert_frame_equal(ours[columns], joined[columns])
    assert ours.temp.isna().sum() > 1000


@pytest.mark.slow
def test_entities_that_cannot_be_are_told_at_once(filled: Filled) -> None:
    with pytest.raises(OperationError) as refused:
        read(filled.world, {"origin": "A", "gate": "first"}, {"carrier": "UA"}, group="typed")

    assert str(refused.value) == (
        "feature group `typed` has no such entity: `gate` is a whole number, not `first`; "
        "`carrier` is none of its entities; `origin` is missing; `gate` is missing\n"
        "  hint: an entity has `origin` (string) and `gate` (integer)"
    )


@pytest.mark.slow
def test_the_store_is_private(filled: Filled) -> None:
    for parent, _, names in os.walk(filled.world.root / "features"):
        assert stat.S_IMODE(Path(parent).stat().st_mode) == 0o700
        for name in names:
            assert stat.S_IMODE((Path(parent) / name).stat().st_mode) == 0o600, name


def at_the_same_time(world: FeatureWorld, *groups: Group) -> int:
    """Register groups as a parallel `up` does; return how many processes that took."""
    started: list[str] = []
    run = views.run_child

    def counted(layout: Layout, task: str, *rest: Any) -> dict[str, Any]:
        started.append(task)
        return run(layout, task, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "run_child", counted)
        threads = [threading.Thread(target=world.view, args=(group,)) for group in groups]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(views.registered(world.layout)) == {group.name for group in groups}
    return len(started)


def only(names: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the named values."""
    return {name: item[name] for name in names}


def theirs(
    world: FeatureWorld,
    features: list[str],
    entities: list[dict[str, Any]],
    group: str = "weather",
) -> dict[str, list[Any]]:
    """Return Feast's answers, by feature."""
    answer = feast_store(world).get_online_features(
        features=[f"{group}:{name}" for name in features], entity_rows=entities
    )
    found = answer.to_dict()
    return {name: found[name] for name in features}


def tables(world: FeatureWorld) -> set[str]:
    """Return the tables of the online store."""
    with sqlite3.connect(online_file(world.layout)) as store:
        found = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name for (name,) in found}


def hour(hours: int) -> datetime:
    """Return the time that many hours after 1970."""
    return datetime.fromtimestamp(hours * 3600, tz=UTC)
