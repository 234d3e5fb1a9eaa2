"""Contracts on data: what each check finds, in each format, and what a person reads of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.layout import read_layout
from mlops_iac.runtime.task import TaskResult
from mlops_iac.runtime.validate import REPORT, validate
from mlops_iac.specs import Expectation

ROWS = pd.DataFrame(
    {
        "number": [1.5, 2.0, 3.0, 4.0],
        "whole": [1, 2, 3, 4],
        "word": ["ab", "cd", "ef", "gh"],
        "flag": [True, False, True, False],
        "time": pd.to_datetime(["2013-01-01", "2013-01-02", "2013-01-03", "2013-01-04"]),
    }
)
WRITE: Mapping[str, Any] = {
    "parquet": lambda rows, path: rows.to_parquet(path, index=False),
    "csv": lambda rows, path: rows.to_csv(path, index=False),
    "jsonl": lambda rows, path: rows.to_json(path, orient="records", lines=True, date_format="iso"),
}
GOOD: Mapping[str, Mapping[str, Any]] = {
    "number": {"type": "number", "min": 1.5, "max": 4},
    "whole": {"type": "integer", "unique": True, "one_of": (1, 2, 3, 4)},
    "word": {"type": "string", "pattern": "[a-h]{2}", "one_of": ("ab", "cd", "ef", "gh")},
    "flag": {"type": "boolean"},
    "time": {"type": "timestamp"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    return tmp_path


def check(
    folder: Path, columns: Mapping[str, Mapping[str, Any]], form: str = "parquet", **bounds: Any
) -> TaskResult:
    layout = read_layout(
        {
            "MLOPS_PLATFORM": "mlops-iac",
            "MLOPS_INPUT_ROWS": str(folder / "in"),
            "MLOPS_OUTPUT_DIR": str(folder / "out"),
        }
    )
    expected = {name: Expectation(**fields) for name, fields in columns.items()}
    task = {
        "input": "rows",
        "format": form,
        "columns": {name: item.model_dump(mode="json") for name, item in expected.items()},
        "min_rows": 1,
        "max_rows": None,
        **bounds,
    }
    return validate(layout, task)


def report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "out" / REPORT).read_text())


@pytest.mark.parametrize("form", WRITE)
def test_good_data_passes_in_every_format(folder: Path, form: str) -> None:
    WRITE[form](ROWS, folder / "in" / f"rows.{form}")

    result = check(folder, GOOD, form)

    assert result.error is None
    assert result.metrics == {"rows": 4, "checks": 16, "failed_checks": 0}
    assert report(folder)["passed"] is True


@pytest.mark.parametrize("form", WRITE)
@pytest.mark.parametrize(
    ("column", "wrong", "expected", "said"),
    [
        ("number", 9.5, {"max": 4}, "are greater than `4`, such as `9.5`"),
        ("number", -1.0, {"min": 0}, "are less than `0`, such as `-1`"),
        ("number", None, {}, "have no value"),
        ("number", 2.5, {"type": "integer"}, "are no `integer`, such as `1.5`, `2.5`"),
        ("whole", 2, {"unique": True}, "are not unique, such as `2`"),
        ("whole", 9, {"one_of": (1, 2, 3, 4)}, "are none of `1, 2, 3, 4`, such as `9`"),
        ("word", "a7", {"pattern": "[a-h]{2}"}, "do not match `[a-h]{2}`, such as `a7`"),
        ("word", "abc", {"pattern": "[a-h]{2}"}, "do not match"),
        ("word", "zz", {"type": "number"}, "are no `number`"),
        ("word", "zz", {"type": "timestamp"}, "are no `timestamp`"),
        ("word", "zz", {"type": "boolean"}, "are no `boolean`"),
    ],
)
def test_every_check_finds_what_is_wrong(  # noqa: PLR0917
    folder: Path, column: str, wrong: Any, expected: dict[str, Any], said: str, form: str
) -> None:
    rows = ROWS.astype({column: object})
    rows.loc[2, column] = wrong
    WRITE[form](rows.infer_objects(), folder / "in" / f"rows.{form}")

    result = check(folder, {column: expected}, form)

    assert result.error is not None
    assert f"column `{column}`: " in result.error
    assert said.removesuffix("`") in result.error
    assert report(folder)["passed"] is False


def test_missing_values_fail_no_other_check(folder: Path) -> None:
    rows = ROWS.astype({"number": object})
    rows.loc[2, "number"] = None
    rows.infer_objects().to_parquet(folder / "in" / "rows.parquet")

    assert check(folder, {"number": {"nullable": True, "type": "number", "max": 4}}).error is None


def test_a_share_of_the_rows_may_fail(folder: Path) -> None:
    ROWS.to_parquet(folder / "in" / "rows.parquet")
    allowed = {"max": 3, "max_failures_percent": 25}

    assert check(folder, {"number": allowed}).error is None
    assert report(folder)["checks"][1]["failed"] == 1
    assert check(folder, {"number": {**allowed, "max_failures_percent": 24}}).error is not None


def test_all_faults_are_told_at_once(folder: Path) -> None:
    ROWS.to_parquet(folder / "in" / "a.parquet")
    ROWS.drop(columns="word").to_parquet(folder / "in" / "b.parquet")

    result = check(folder, {"word": {}, "whole": {"unique": True}, "gone": {}}, min_rows=9)

    assert str(result.error).removeprefix("the data breaks its contract: ").split("; ") == [
        "8 rows, at least 9 are needed",
        "column `word` is missing in `b.parquet`",
        "column `gone` is missing in `a.parquet`, `b.parquet`",
        "column `word`: 4 of 8 rows have no value",
        "column `whole`: 8 of 8 rows are not unique, such as `1`, `2`",
    ]


def test_too_many_rows_are_a_fault(folder: Path) -> None:
    ROWS.to_parquet(folder / "in" / "rows.parquet")

    assert "4 rows, at most 3 may be" in str(check(folder, {"whole": {}}, max_rows=3).error)


def test_a_report_has_few_examples_of_many_failures(folder: Path) -> None:
    pd.DataFrame({"a": range(1000)}).to_parquet(folder / "in" / "rows.parquet")

    check(folder, {"a": {"max": 100}})

    (_, row) = report(folder)["checks"]
    assert (row["failed"], row["examples"]) == (899, ["101", "102", "103", "104", "105"])


def test_what_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "in" / "rows.parquet").write_bytes(b"PAR1 is not enough")
    with pytest.raises(DataError, match=r"`rows\.parquet` cannot be read as `parquet`"):
        check(folder, {"a": {}})
    (folder / "in" / "rows.parquet").unlink()
    with pytest.raises(DataError, match="the input `rows` holds no file"):
        check(folder, {"a": {}})
