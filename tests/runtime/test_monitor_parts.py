"""The ledger of captured files, and the baseline's facts and sample."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_iac.runtime import frames
from mlops_iac.runtime.monitor.baseline import read_baseline
from mlops_iac.runtime.monitor.ledger import Seen, extend_ledger, read_ledger

A, B, C = (Seen(name=f"{name}.parquet", rows=rows) for name, rows in (("a", 3), ("b", 5), ("c", 7)))


def test_a_file_keeps_the_number_under_which_it_was_first_seen(tmp_path: Path) -> None:
    path = tmp_path / "captured.txt"
    first = extend_ledger(path, [B])
    second = extend_ledger(path, [A, B, C])

    assert [file.name for file in second.files] == ["b.parquet", "a.parquet", "c.parquet"]
    assert read_ledger(path) == second
    assert second.id == first.id
    assert (second.rows(1), second.names(1, 2)) == (10, ["a.parquet"])
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_line_that_a_crash_cut_off_is_written_again(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "captured.txt"
    whole = extend_ledger(path, [A, B])
    content = path.read_bytes()
    path.write_bytes(content[:-cut])

    assert extend_ledger(path, [A, B, C]).files == (A, B, C)
    assert read_ledger(path).files == (A, B, C)
    assert read_ledger(path).id == whole.id


def test_another_ledger_has_another_id(tmp_path: Path) -> None:
    one, other = (extend_ledger(tmp_path / name, [A]) for name in ("one", "other"))

    assert one.id != other.id


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_facts_are_of_all_rows_and_the_sample_is_the_same_however_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    rows = pd.DataFrame({"n": np.arange(1000.0), "t": ["x", "y", None, "z"] * 250})
    path = tmp_path / f"rows.{form}"
    if form == "parquet":
        rows.to_parquet(path)
    elif form == "csv":
        rows.to_csv(path, index=False)
    else:
        rows.to_json(path, orient="records", lines=True)
    whole = read_baseline([path], ["n", "t"], 100)
    monkeypatch.setattr(frames, "_PIECE_ROWS", 7)
    pieces = read_baseline([path], ["n", "t"], 100)

    for made in (whole, pieces):
        assert (made.rows, len(made.sample)) == (1000, 100)
        assert (made.facts["n"].low, made.facts["n"].high) == (0, 999)
        assert made.facts["t"].categories == {"x", "y", "z"}
        assert made.facts["t"].missing_share == 0.25
    assert whole.sample["n"].tolist() == pieces.sample["n"].tolist()


def test_the_input_with_the_models_columns_is_the_baseline(tmp_path: Path) -> None:
    pd.DataFrame({"flight": [1], "late": [0]}).to_parquet(tmp_path / "labels.parquet")
    pd.DataFrame({"flight": [1], "hour": [7], "temp": [3.5]}).to_parquet(tmp_path / "rows.parquet")
    paths = [tmp_path / "labels.parquet", tmp_path / "rows.parquet"]

    assert set(read_baseline(paths, ["hour", "temp"], 10).facts) == {"hour", "temp"}
