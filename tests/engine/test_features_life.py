"""A stack with features through the real engine: stored, joined, trained on, read, removed.

Proves that the parts meet: what is joined, and that Feast agrees, is proved in
`tests/providers/local/test_features_*.py`.
"""

from pathlib import Path

import pytest

from tests.support.laptop import Laptop

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(600)]

MANIFEST = """
name: shop
platform: {target: local}
components:
  readings: {kind: Dataset, source: readings.csv, format: csv}
  sales: {kind: Dataset, source: sales.csv, format: csv}
  weather: {kind: FeatureGroup, data: readings, entities: [town], event_time: at, ttl: 2h,
            features: {temp: number, wind: integer}}
  fit: {kind: TrainingJob, script: train.py, data: sales, features: [weather], framework: other,
        metrics: [rows, known, warmth]}
"""
SCRIPT = """
import pandas as pd
from mlops_iac.runtime import training_context

context = training_context()
rows = pd.read_parquet(context.inputs["sales"])
assert list(rows.columns) == ["town", "at", "sold", "temp", "wind"], rows.columns
assert list(rows.sold) == [3, 1, 2], rows.sold
context.log_metrics({"rows": len(rows), "known": int(rows.temp.notna().sum()),
                     "warmth": rows.temp.sum()})
"""
READINGS = "town,at,temp,wind\nBonn,2024-05-01T10:00:00Z,10,1\nBonn,2024-05-01T12:00:00Z,12.5,2\n"
SALES = (
    "town,at,sold\nBonn,2024-05-01T12:30:00Z,3\nBonn,2024-05-01T11:59:59Z,1\n"
    "Bonn,2024-05-01T09:00:00Z,2\n"
)


def project(folder: Path) -> Laptop:
    """Return a project of two small files."""
    folder.mkdir()
    files = {"mlops.yaml": MANIFEST, "train.py": SCRIPT, "readings.csv": READINGS,
             "sales.csv": SALES}  # fmt: skip
    for name, content in files.items():
        (folder / name).write_text(content.lstrip())
    return Laptop(folder)


def test_features_from_up_to_destroy(tmp_path: Path) -> None:
    laptop = project(tmp_path / "shop")
    first = laptop.json("up")
    (run,) = laptop.json("runs", "fit")
    (known,) = laptop.json("features", "weather", "--entity", "town=Bonn")
    again = laptop.json("up")
    assert run["metrics"] == {"rows": 3, "known": 2, "warmth": 22.5}
    # Old by now, and the group's `ttl` says so.
    assert known == {"town": "Bonn", "temp": None, "wind": None, "at": "2024-05-01T12:00:00+00:00"}
    assert first["outputs"]["weather"]["groupName"] == "weather"
    assert set(again["changes"]) <= {"same"}

    manifest = laptop.folder / "mlops.yaml"
    text = manifest.read_text().replace(" ttl: 2h,", "").replace("wind: integer", "wind: number")
    manifest.write_text(text)
    changed = laptop.json("up")
    (fresh, _) = laptop.json("runs", "fit")
    (known,) = laptop.json("features", "weather", "--entity", "town=Bonn")
    assert changed["changes"]["replace"] == 2, changed["changes"]  # the group and the run
    assert fresh["key"] != run["key"]
    assert (known["temp"], known["wind"]) == (12.5, 2.0)
    (state,) = [item for item in laptop.json("status") if item["component"] == "weather"]
    assert (state["state"], state["details"]["rows"]) == ("registered", 2)

    laptop.run("destroy", "--yes")
    assert not (laptop.folder / ".mlops-iac").exists()
