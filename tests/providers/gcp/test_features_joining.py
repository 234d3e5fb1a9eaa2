"""The join before a training on Google Cloud: the same as on a laptop, from mount to mount."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlops_iac_gcp.features.document import Definition, Filled
from mlops_iac_gcp.work.__main__ import main
from mlops_iac_local.features.joining import join as join_locally

from examples.flights import data as flights
from mlops_iac import container_contract as contract
from mlops_iac.content import folder_files
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac.runtime.features.history import write_history
from tests.providers.local.features_world import FeatureWorld

FAR = 10**15
FEATURES = {"temp": "number", "visib": "number", "gusty": "boolean", "seen": "timestamp"}
GROUP = FeatureSet(
    name="weather",
    format="parquet",
    entities=["origin"],
    event_time="time_hour",
    features=FEATURES,
    ttl=6 * 3600,
    # An online store keeps whole seconds, and `seen` has parts of one.
    online=False,
)


def run(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    tables: Mapping[str, pa.Table | str],
    history: pa.Table,
    contracts: Mapping[str, Any] | None = None,
) -> int:
    """Lay out the job's inputs as Vertex AI mounts them, and start the work as the container."""
    mounts = {f"data-{name}": _data(root / name, content) for name, content in tables.items()}
    mounts["features-weather"] = _group(root, history)
    for name, declared in (contracts or {}).items():
        file = root / f"{name}.json"
        file.write_text(json.dumps(declared))
        mounts[f"contract-{name}"] = file
    for name, path in mounts.items():
        monkeypatch.setenv(contract.INPUT + contract.input_suffix(name), str(path))
    task = {"data": list(tables), "contracts": list(contracts or {}), "groups": ["weather"]}
    monkeypatch.setenv(contract.TASK, json.dumps(task))
    monkeypatch.setenv(contract.DATA_DIR, str(root / "made"))
    monkeypatch.setenv(contract.OUTPUT_DIR, str(root / "output"))
    return main(["join"])


def _data(folder: Path, content: pa.Table | str) -> Path:
    folder.mkdir(parents=True)
    if isinstance(content, str):
        (folder / "part.csv").write_text(content)
    else:
        pq.write_table(content, folder / "part.parquet")
    return folder


def _group(root: Path, history: pa.Table) -> Path:
    folder = root / "history"
    folder.mkdir()
    pq.write_table(history, root / "source.parquet")
    made = write_history(
        GROUP, {"s": root / "source.parquet"}, folder / "history.parquet", version="7", now=FAR
    )
    definition = Definition(
        values=FeatureSet(**{**vars(GROUP), "keys": made.keys}),
        project="p",
        region="r",
        bucket="b",
        dataset="d",
        view=None,
    )
    filled = Filled(definition=definition, version="7", rows=made.rows, moment=FAR)
    (folder / "group.json").write_text(json.dumps(filled.document(), sort_keys=True))
    return folder


@pytest.fixture(scope="module")
def january() -> Mapping[str, pa.Table]:
    """Departures and hourly weather of January 2013; a part of the hours is missing."""
    folder = flights._package_folder()
    departures = pd.read_csv(folder / "flights.csv.zip", nrows=27_004)
    weather = pd.read_csv(folder / "weather.csv")
    weather = weather[weather.month == 1].sample(frac=0.7, random_state=3)
    for frame in (departures, weather):
        frame["time_hour"] = pd.to_datetime(frame.time_hour, utc=True)
    departures["time_hour"] += pd.to_timedelta(departures["minute"], unit="min")
    weather["gusty"] = weather.wind_gust.notna()
    weather["seen"] = weather.time_hour + pd.Timedelta(microseconds=1)
    rows = departures[["origin", "time_hour", "flight", "dep_delay"]]
    measured = weather[["origin", "time_hour", "temp", "visib", "gusty", "seen"]]
    return {
        "departures": pa.Table.from_pandas(rows, preserve_index=False),
        "weather": pa.Table.from_pandas(measured, preserve_index=False),
    }


def test_features_are_to_the_last_bit_those_of_the_local_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, january: Mapping[str, pa.Table]
) -> None:
    """27,004 flights: every column, its type, its missing values, and the order of the rows."""
    world = FeatureWorld(tmp_path / "local")
    made = world.up(
        world.keep(weather=january["weather"]), features=FEATURES, ttl=6 * 3600, online=False
    )
    expected = world.read(
        str(join_locally(world.layout, world.keep(rows=january["departures"]), [made])["digest"])
    )
    root = tmp_path / "gcp"

    code = run(root, monkeypatch, {"departures": january["departures"]}, january["weather"])
    result = pq.read_table(root / "made/joined/departures/data.parquet")

    assert code == 0
    assert result.num_rows == 27_004
    assert result.schema.equals(expected.schema, check_metadata=True)
    assert result.equals(expected)
    assert 0 < result["temp"].null_count < 5_000
    told = json.loads((root / "output/run.json").read_text())
    assert told["metrics"] == {"departures.rows": 27_004}


def test_an_input_that_no_group_fits_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, january: Mapping[str, pa.Table]
) -> None:
    tables = {"departures": january["departures"].slice(0, 5), "names": "carrier\nUA\n"}

    assert run(tmp_path, monkeypatch, tables, january["weather"]) == 0

    output = tmp_path / "made/joined"
    assert list(folder_files(output)) == ["departures/data.parquet", "names/part.csv"]
    assert (output / "names/part.csv").read_text() == "carrier\nUA\n"


def test_a_group_that_fits_nothing_is_the_jobs_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, january: Mapping[str, pa.Table]
) -> None:
    assert run(tmp_path, monkeypatch, {"names": "carrier\nUA\n"}, january["weather"]) == 1

    told = json.loads((tmp_path / "output/run.json").read_text())
    assert told["status"] == "failed"
    assert "`weather` fits no data: `names` has no `origin` and no `time_hour`" in told["error"]


@pytest.mark.parametrize(
    ("kind", "code"), [("number", 0), ("timestamp", 1)], ids=["as declared", "of another type"]
)
def test_data_is_compared_with_its_columns_before_features_are_joined(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    january: Mapping[str, pa.Table],
    kind: str,
    code: int,
) -> None:
    """The training reads Parquet with other columns, of which the declaration says nothing."""
    tables = {"departures": january["departures"].slice(0, 5)}
    contracts = {"departures": {"format": "parquet", "columns": {"dep_delay": kind}}}

    assert run(tmp_path, monkeypatch, tables, january["weather"], contracts) == code
