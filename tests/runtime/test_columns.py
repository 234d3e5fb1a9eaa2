"""Proves how data is judged by its declared columns: each format, each message.

Small files; what a platform mounts is `test_launcher.py`'s.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_iac.runtime.columns import check_columns, check_readable
from mlops_iac.runtime.errors import DataError
from mlops_iac.specs.dataset import ColumnType, DataFormat


def table(path: Path, **values: Any) -> dict[str, Path]:
    pq.write_table(pa.table(values), path)
    return {path.name: path}


def test_wrong_and_missing_columns_are_named_with_their_file(tmp_path: Path) -> None:
    found = table(tmp_path / "a.parquet", age=["x"], when=[1])

    with pytest.raises(DataError) as caught:
        check_columns(found, "parquet", {"age": "integer", "income": "number"})
    assert "column `age` of `a.parquet` is `string`, declared `integer`" in str(caught.value)
    assert "`a.parquet` has no column `income`" in str(caught.value)


def test_right_columns_pass_in_every_format(tmp_path: Path) -> None:
    wanted = {"age": "integer", "income": "number", "name": "string", "new": "boolean"}
    check_columns(
        table(tmp_path / "a.parquet", age=[1], income=[1.5], name=["a"], new=[True]),
        "parquet",
        wanted,
    )
    (tmp_path / "a.csv").write_text("age,income,name,new\n1,2,007,true\n3,,x,false\n")
    check_columns({"a.csv": tmp_path / "a.csv"}, "csv", wanted)
    (tmp_path / "a.jsonl").write_text('{"age": 1, "income": 2, "name": "x", "new": true}\n')
    check_columns({"a.jsonl": tmp_path / "a.jsonl"}, "jsonl", wanted)


def test_a_wrong_value_deep_in_a_csv_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age\n" + "1\n" * 5000 + "old\n")

    with pytest.raises(DataError, match=r"`a\.csv` cannot be read as `csv`.*'old'"):
        check_columns({"a.csv": tmp_path / "a.csv"}, "csv", {"age": "integer"})


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("age\n1\n")

    with pytest.raises(DataError, match=r"`a\.parquet` is not `parquet`"):
        check_readable({"a.parquet": tmp_path / "a.parquet"}, "parquet")


@pytest.mark.parametrize("declared", list(ColumnType))
@pytest.mark.parametrize("form", [form for form in DataFormat if form is not DataFormat.FILES])
def test_every_type_is_known_in_every_format(
    tmp_path: Path, form: DataFormat, declared: ColumnType
) -> None:
    path = tmp_path / "a"
    {
        "parquet": lambda: pq.write_table(pa.table({"a": pa.nulls(1)}), path),
        "csv": lambda: path.write_text('a\n""\n'),
        "jsonl": lambda: path.write_text('{"a": null}\n'),
    }[form]()

    check_readable({"a": path}, form)
    check_columns({"a": path}, form, {"a": declared})
    with pytest.raises(DataError, match="no column `b`"):
        check_columns({"a": path}, form, {"b": declared})


def test_files_of_any_kind_are_not_judged(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\0")

    check_readable({"a": tmp_path / "a"}, "files")
    check_columns({"a": tmp_path / "a"}, "files", {"a": "string"})
