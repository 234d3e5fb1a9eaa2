"""The join before a training on SageMaker: the same as on a laptop, from folder to folder."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mlops_iac_aws.features.document import Definition, Filled
from mlops_iac_aws.work.__main__ import main
from mlops_iac_local.features.joining import join as join_locally

from examples.flights import data as flights
from mlops_iac.container_contract import ROOT
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


def mount(root: Path, tables: Mapping[str, pa.Table | str], history: pa.Table) -> None:
    """Lay out the inputs of the job as SageMaker does."""
    inputs = root / "opt/ml/processing/input"
    for name, content in tables.items():
        folder = inputs / f"data-{name}"
        folder.mkdir(parents=True)
        if isinstance(content, str):
            (folder / "part.csv").write_text(content)
        else:
            pq.write_table(content, folder / "part.parquet")
    group = inputs / "features-weather"
    group.mkdir(parents=True)
    (root / "opt/ml/output").mkdir(parents=True)
    pq.write_table(history, root / "source.parquet")
    made = write_history(
        GROUP, {"s": root / "source.parquet"}, group / "history.parquet", version="7", now=FAR
    )
    values = FeatureSet(**{**vars(GROUP), "keys": made.keys})
    definition = Definition(values=values, group="g", bucket="b", prefix="features/weather/")
    filled = Filled(definition=definition, version="7", rows=made.rows)
    (group / "group.json").write_text(filled.written())


def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Start the work as the container does."""
    monkeypatch.setenv(ROOT, str(root))
    return main(["join"])


def joined(root: Path, name: str) -> pa.Table:
    """Return what the job leaves of an input."""
    return pq.read_table(root / f"opt/ml/processing/output/data/joined/{name}/data.parquet")


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
    hours = weather[["origin", "time_hour", "temp", "visib", "gusty", "seen"]]
    return {
        "departures": pa.Table.from_pandas(rows, preserve_index=False),
        "weather": pa.Table.from_pandas(hours, preserve_index=False),
    }


def test_features_are_to_the_last_bit_those_of_the_local_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, january: Mapping[str, pa.Table]
) -> None:
    """27,004 flights: every column, its type, its missing values, and the order of the rows."""
    mount(tmp_path / "aws", {"departures": january["departures"]}, january["weather"])
    world = FeatureWorld(tmp_path / "local")
    made = world.up(
        world.keep(weather=january["weather"]), features=FEATURES, ttl=6 * 3600, online=False
    )
    expected = world.read(
        str(join_locally(world.layout, world.keep(rows=january["departures"]), [made])["digest"])
    )

    assert run(tmp_path / "aws", monkeypatch) == 0
    result = joined(tmp_path / "aws", "departures")

    assert result.num_rows == 27_004
    assert result.schema.equals(expected.schema, check_metadata=True)
    assert result.equals(expected)
    assert 0 < result["temp"].null_count < 5_000


def test_an_input_that_no_group_fits_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, january: Mapping[str, pa.Table]
) -> None:
    tables = {"departures": january["departures"].slice(0, 5), "names": "carrier\nUA\n"}
    mount(tmp_path, tables, january["weather"])

    assert run(tmp_path, monkeypatch) == 0

    output = tmp_path / "opt/ml/processing/output/data/joined"
    assert list(folder_files(output)) == ["departures/data.parquet", "names/part.csv"]
    assert (output / "names/part.csv").read_text() == "carrier\nUA\n"


def test_a_group_that_fits_nothing_is_the_jobs_exit_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, january: Mapping[str, pa.Table]
) -> None:
    mount(tmp_path, {"names": "carrier\nUA\n"}, january["weather"])

    assert run(tmp_path, monkeypatch) == 1

    message = (tmp_path / "opt/ml/output/message").read_text()
    assert "`weather` fits no data: `names` has no `origin` and no `time_hour`" in message


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
    mount(tmp_path, {"departures": january["departures"].slice(0, 5)}, january["weather"])
    contract = tmp_path / "opt/ml/processing/input/contract-departures"
    contract.mkdir()
    declared: dict[str, Any] = {"format": "parquet", "columns": {"dep_delay": kind}}
    (contract / "dataset.json").write_text(json.dumps(declared))

    assert run(tmp_path, monkeypatch) == code
