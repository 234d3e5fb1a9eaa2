"""Predictions for whole data sets: the same as the server gives, whatever holds the rows."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.batch import predict
from mlops_iac.runtime.errors import DataError, ModelRefusedError
from mlops_iac.runtime.layout import read_layout
from mlops_iac.runtime.model import load_model
from mlops_iac.runtime.server.answers import predictions
from mlops_iac.runtime.server.payload import to_data
from tests.runtime.test_validate import WRITE

NUMBERS = range(50)
ROWS = pd.DataFrame({"id": [f"r{i}" for i in NUMBERS], "b": 1.0, "a": [i / 10 for i in NUMBERS]})


@pytest.fixture
def folder(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "in").mkdir()
    monkeypatch.setenv("MLOPS_MODEL_DIR", str(models / "sklearn"))
    monkeypatch.setenv("MLOPS_MODEL_DIGEST", tree_digest(models / "sklearn"))
    return tmp_path


def answer(folder: Path, form: str = "parquet", keep: tuple[str, ...] = ()) -> Any:
    layout = read_layout(
        {
            "MLOPS_PLATFORM": "mlops-iac",
            "MLOPS_INPUT_ROWS": str(folder / "in"),
            "MLOPS_OUTPUT_DIR": str(folder / "out"),
        }
    )
    result = predict(layout, {"input": "rows", "format": form, "keep": list(keep)})
    return pq.read_table(result.outputs["predictions"])


@pytest.mark.parametrize("form", WRITE)
def test_predictions_are_those_of_the_server(folder: Path, models: Path, form: str) -> None:
    path = models / "sklearn"
    model = load_model(path, digest=tree_digest(path))
    rows = ROWS[["a", "b"]].to_dict(orient="records")
    expected = predictions(model.predict(to_data(rows, model.signature)))
    for name, part in (("0", ROWS.iloc[:20]), ("1", ROWS.iloc[20:])):
        WRITE[form](part, folder / "in" / f"{name}.{form}")

    table = answer(folder, form)

    assert table["prediction"].to_pylist() == expected
    assert table.schema.names == ["id", "b", "a", "prediction"]
    assert table["id"].to_pylist() == ROWS["id"].tolist()


def test_only_the_named_columns_are_kept(folder: Path) -> None:
    ROWS.to_parquet(folder / "in" / "rows.parquet")

    assert answer(folder, keep=("id",)).schema.names == ["id", "prediction"]
    with pytest.raises(DataError, match="the data has no column `nothing`"):
        answer(folder, keep=("nothing",))


def test_a_column_of_that_name_is_not_overwritten(folder: Path) -> None:
    ROWS.assign(prediction=0).to_parquet(folder / "in" / "rows.parquet")

    with pytest.raises(DataError, match="has a column `prediction` already"):
        answer(folder)
    assert answer(folder, keep=("id",)).num_rows == 50


def test_data_without_rows_is_told(folder: Path) -> None:
    ROWS.head(0).to_parquet(folder / "in" / "rows.parquet")

    with pytest.raises(DataError, match="has no row"):
        answer(folder)


def test_only_the_model_of_the_digest_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ROWS.to_parquet(folder / "in" / "rows.parquet")
    monkeypatch.setenv("MLOPS_MODEL_DIGEST", "sha256:" + "0" * 64)

    with pytest.raises(ModelRefusedError):
        answer(folder)
