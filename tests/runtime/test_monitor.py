"""Each signal of a check alone, and all on real weather: a quiet month and July.

Proves the verdicts and their reasons in this process; `tests/providers/local/test_monitor.py`
proves which rows a check is given.
"""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_iac.runtime import tree_digest
from mlops_iac.runtime.errors import DataError
from mlops_iac.runtime.monitor import signals as words
from mlops_iac.specs.model_monitor import Signal
from tests.runtime.monitored import FLIGHT, WEATHER, Monitored, flights, labels

DRAW = np.random.default_rng(7)
PEOPLE = pd.DataFrame(
    {
        "age": DRAW.normal(40, 10, 2000),
        "income": DRAW.normal(3000, 500, 2000),
        "city": DRAW.choice(["Graz", "Bonn", "Lyon"], 2000),
        "is_member": DRAW.random(2000) < 0.3,
    }
)


def people(seed: int, rows: int = 500) -> pd.DataFrame:
    return PEOPLE.sample(rows, random_state=seed).reset_index(drop=True)


def world(folder: Path, *signals: str, rows: pd.DataFrame | None = None) -> Monitored:
    made = Monitored(folder, signals)
    made.baseline(PEOPLE)
    made.capture(people(1) if rows is None else rows)
    return made


def test_the_runtime_knows_every_declared_signal() -> None:
    known = {words.DATA_QUALITY, words.DATA_DRIFT, words.PREDICTION_DRIFT, words.MODEL_QUALITY}

    assert known == {signal.value for signal in Signal}


def test_a_quiet_month_raises_no_alarm_and_july_does(tmp_path: Path) -> None:
    rows, drifts = flights(2, 3, 7), {}
    columns = [*FLIGHT, *WEATHER]
    for month in (3, 7):
        made = Monitored(tmp_path / str(month), ("data_drift",))
        made.folder.mkdir()
        made.baseline(rows.loc[rows.month == 2, columns])
        made.capture(rows.loc[rows.month == month, columns])
        drifts[month] = made.check()["signals"]["data_drift"]

    assert not drifts[3]["alarm"], drifts[3]["reason"]
    assert drifts[7]["alarm"]
    drifted = {name for name, column in drifts[7]["columns"].items() if column["alarm"]}
    assert drifted == {"dest", *WEATHER}
    assert drifts[7]["value"] == 5 / 9
    assert drifts[7]["reason"].startswith("5 of 9 columns drifted: `temp` 5.97, ")


def test_distances_are_those_that_the_declaration_names(tmp_path: Path) -> None:
    from scipy.spatial.distance import jensenshannon
    from scipy.stats import wasserstein_distance

    rows = people(1).assign(age=people(1).age + 3)
    columns = world(tmp_path, "data_drift", rows=rows).check()["signals"]["data_drift"]["columns"]

    shares = [side.city.value_counts(normalize=True).sort_index() for side in (PEOPLE, rows)]
    age = wasserstein_distance(PEOPLE.age, rows.age) / PEOPLE.age.std(ddof=0)
    assert columns["age"]["value"] == pytest.approx(age)
    assert columns["city"]["value"] == pytest.approx(jensenshannon(*shares))
    assert columns["is_member"]["kind"] == "category"
    assert columns["age"]["baseline"]["edges"] == columns["age"]["current"]["edges"]
    assert sum(columns["age"]["current"]["shares"]) == pytest.approx(1)
    assert columns["city"]["current"]["labels"] == columns["city"]["baseline"]["labels"]


def test_the_same_rows_give_the_same_report(tmp_path: Path) -> None:
    made = world(tmp_path, "data_quality", "data_drift")

    assert made.check(max_rows=100) == made.check(max_rows=100)


def test_rows_like_the_baseline_are_good(tmp_path: Path) -> None:
    report = world(tmp_path, "data_quality").check()

    assert report["alarm"] is False
    assert report["signals"]["data_quality"]["value"] == 0
    assert not (tmp_path / "output" / "report.html").exists()


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("age", lambda rows: rows.age.mask(rows.index < 100), "`age` 20.0% missing"),
        ("age", lambda rows: rows.age + 1000, "`age` 100.0% out of range"),
        ("age", lambda rows: rows.age.astype(str) + " years", "`age` 100.0% out of range"),
        ("city", lambda rows: rows.city.where(rows.index >= 50, "Rome"), "10.0% never seen"),
    ],
)
def test_bad_values_are_an_alarm_that_names_the_column(
    tmp_path: Path, column: str, values: Any, reason: str
) -> None:
    rows = people(1)
    report = world(tmp_path, "data_quality", rows=rows.assign(**{column: values(rows)})).check()

    assert report["alarms"] == ["data_quality"]
    assert reason in report["reason"]
    assert [n for n, c in report["signals"]["data_quality"]["columns"].items() if c["alarm"]] == [
        column
    ]


def test_a_column_that_comes_no_more_is_bad_and_drifted(tmp_path: Path) -> None:
    gone = people(1).assign(age=None)
    report = world(tmp_path, "data_quality", "data_drift", rows=gone).check(
        drift={"columns": 0.25, "distance": 0.1}
    )

    assert report["alarms"] == ["data_quality", "data_drift"]
    assert report["signals"]["data_drift"]["columns"]["age"]["value"] is None
    assert "no values" in report["signals"]["data_drift"]["reason"]


def test_a_column_that_names_rows_is_not_compared(tmp_path: Path) -> None:
    made = Monitored(tmp_path, ("data_drift",))
    made.baseline(PEOPLE.assign(ticket=[f"a{i}" for i in range(len(PEOPLE))]))
    made.capture(people(1).assign(ticket=[f"b{i}" for i in range(500)]))

    report = made.check()

    assert report["alarm"] is False
    assert "ticket" not in report["signals"]["data_drift"]["columns"]


def test_a_baseline_without_the_columns_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    made = world(tmp_path, "data_drift")
    made.baseline(pd.DataFrame({"colour": ["red"]}))

    with pytest.raises(DataError, match="none of the endpoint's columns") as caught:
        made.check()
    assert "log_baseline" in caught.value.remedy


def test_the_newest_rows_are_compared(tmp_path: Path) -> None:
    made = world(tmp_path, "data_quality", rows=people(1).assign(age=-1000.0))
    made.capture(people(2))

    assert made.check(max_rows=500)["alarm"] is False
    assert made.check(max_rows=1000)["alarm"] is True


def test_predictions_drift_by_themselves(tmp_path: Path, models: Path) -> None:
    rows = pd.DataFrame({"a": np.tile([0.0, 1.0, 2.0, 3.0], 50), "b": np.tile([1.0, 0.0], 100)})
    model = {"version": "2", "path": str(models / "sklearn"), "trust_pickle": False,
             "digest": tree_digest(models / "sklearn")}  # fmt: skip
    for name, answers in (("like", [0, 0, 1, 1] * 50), ("unlike", [1] * 200)):
        made = Monitored(tmp_path / name, ("prediction_drift",))
        made.folder.mkdir()
        made.baseline(rows)
        made.capture(rows, answers, version="2")
        made.capture(rows, [1] * 200, version="1")
        finding = made.check(model=model)["signals"]["prediction_drift"]

        assert finding["alarm"] is (name == "unlike")
        assert finding["columns"]["prediction"]["kind"] == "category"


def test_few_predictions_of_the_served_version_are_no_verdict(tmp_path: Path) -> None:
    made = world(tmp_path, "prediction_drift")

    report = made.check(model={"version": "9", "path": "", "digest": "", "trust_pickle": False})

    assert report["alarm"] is None
    assert "0 rows of the version in service" in report["reason"]


def quality_world(folder: Path) -> Monitored:
    made = Monitored(folder, ("model_quality",))
    made.settings["performance"] = {"metric": "accuracy", "threshold": 0.7}
    made.settings["model"] = {"version": "1"}
    made.capture(people(1, 30), ["[0.9, 0.1]"] * 30)
    made.capture(people(2, 30), ["[0.2, 0.8]"] * 30)
    return made


def test_truth_is_joined_by_request_and_judged(tmp_path: Path) -> None:
    made = quality_world(tmp_path)
    made.tell([f"0-{i}" for i in range(30)], [0] * 30)
    made.tell([f"1-{i}" for i in range(30)], [0] * 20 + [1] * 10)

    finding = made.check(labels=labels(made))["signals"]["model_quality"]

    assert finding["value"] == pytest.approx(40 / 60)
    assert finding["labelled"] == 60
    assert finding["alarm"] is True


def test_few_labels_are_no_verdict_and_wait(tmp_path: Path) -> None:
    made = quality_world(tmp_path)
    made.tell([f"0-{i}" for i in range(15)], [0] * 15)

    finding = made.check(labels=labels(made))["signals"]["model_quality"]

    assert finding["alarm"] is None
    assert finding["reason"] == "15 labelled rows, a verdict needs 20"


def test_pairs_are_judged_once_however_late_the_truth_comes(tmp_path: Path) -> None:
    """After a verdict on file 0: its other labels, file 1, and a label told again."""
    made = quality_world(tmp_path)
    made.tell(["unknown", *(f"0-{i}" for i in range(20))], [0] * 21)
    made.tell(["1-0", *(f"0-{i}" for i in range(18, 30))], [1] * 13)

    finding = made.check(labels=labels(made, judged=1, judged_told=1), min_rows=2)["signals"][
        "model_quality"
    ]

    # 0-20 … 0-29 and 1-0: right is only the last.
    assert finding["labelled"] == 11
    assert finding["value"] == pytest.approx(1 / 11)


def test_only_the_served_version_is_judged(tmp_path: Path) -> None:
    made = quality_world(tmp_path)
    made.tell([f"0-{i}" for i in range(30)], [0] * 30)

    finding = made.check(labels=labels(made), model={"version": "2"})["signals"]["model_quality"]

    assert finding["labelled"] == 0


def test_a_metric_that_is_not_defined_is_no_verdict(tmp_path: Path) -> None:
    made = quality_world(tmp_path)
    made.tell([f"0-{i}" for i in range(30)], [0] * 30)
    performance = {"metric": "roc_auc", "threshold": 0.7}

    report = made.check(labels=labels(made), performance=performance)

    assert report["alarm"] is None
    assert "not every class" in report["reason"]


def test_evidently_page_is_private_and_may_load_nothing(tmp_path: Path) -> None:
    result, _ = world(tmp_path, "data_drift").checked()

    page = tmp_path / "output" / "report.html"
    assert result.reports == ("report.json", "report.html")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    text = page.read_text()
    assert "default-src 'none'" in text[: text.index("<style")]


def test_a_check_without_drift_imports_no_evidently() -> None:
    code = "import mlops_iac.runtime.monitor.checking, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"evidently", "pandas", "sklearn", "mlflow"} & set(done.stdout.split())


NO_NETWORK = """
import socket, sys
tried = []
def refuse(*arguments, **_):
    tried.append(arguments)
    raise OSError("no network")
socket.getaddrinfo = socket.socket.connect = socket.socket.connect_ex = refuse
from mlops_iac.runtime.monitor.drift import column, compare
found = compare({"age": column("number", range(50), range(9, 59))}, 0.1, None)
print(tried, "evidently" in sys.modules, round(found["age"]["value"], 3))
"""


@pytest.mark.slow
def test_a_comparison_asks_no_other_machine() -> None:
    """Names and connections are refused from the import of Evidently on; none is asked for."""
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )

    assert done.stdout == "[] True 0.624\n"
