"""Gates: what passes, what does not, and that nothing passes for want of a number."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_iac.runtime import evaluate
from mlops_iac.runtime.digest import tree_digest
from mlops_iac.runtime.evaluate import Gate, judge
from mlops_iac.runtime.features.joining import JOINED
from mlops_iac.runtime.model import LoadedModel
from mlops_iac.runtime.signature import Column, Signature

ROWS = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "truth": [0, 0, 1, 1]})


def model(answer: Callable[[pd.DataFrame], Any], *columns: str) -> LoadedModel:
    signature = Signature(columns=tuple(Column(name=name, type="double") for name in columns))
    return LoadedModel(
        predict=answer, signature=signature, digest="sha256:0", serialization="skops"
    )


def gate(metric: str = "roc_auc", **more: Any) -> Gate:
    asked = {"threshold": None, "margin": 0.0, **more}
    return Gate(input="holdout", format="parquet", metric=metric, label="truth", **asked)


GOOD = model(lambda rows: rows.a / 3, "a")
BAD = model(lambda rows: 1 - rows.a / 3, "a")
EVEN = model(lambda rows: 0 * rows.a + 0.5, "a")


@pytest.mark.parametrize(
    ("asked", "candidate", "champion", "passed"),
    [
        (gate(threshold=0.9), GOOD, None, True),
        (gate(threshold=0.9), BAD, None, False),
        (gate(), GOOD, BAD, True),
        (gate(), BAD, GOOD, False),
        (gate(), GOOD, GOOD, True),
        (gate(margin=0.01), GOOD, GOOD, False),
        (gate(margin=0.5), GOOD, EVEN, True),
        (gate(margin=0.51), GOOD, EVEN, False),
        (gate(margin=None), BAD, GOOD, True),
        (gate(threshold=0.4, margin=None), EVEN, GOOD, True),
        (gate("rmse"), GOOD, BAD, True),
        (gate("rmse"), BAD, GOOD, False),
        (gate("rmse", threshold=0.3), GOOD, None, True),
        (gate("rmse", threshold=0.3), BAD, None, False),
        (gate("accuracy", threshold=1.0), GOOD, None, True),
        (gate("f1", threshold=0.1), BAD, None, False),
    ],
)
def test_a_gate_compares_with_its_threshold_and_the_champion(
    asked: Gate, candidate: LoadedModel, champion: LoadedModel | None, *, passed: bool
) -> None:
    verdict = judge(asked, candidate, champion, ROWS)

    assert (verdict.passed, verdict.rows) == (passed, 4)
    assert asked.metric in verdict.reason
    assert (verdict.champion is None) == (champion is None or asked.margin is None)


@pytest.mark.parametrize(
    ("candidate", "champion", "reason"),
    [
        (model(lambda rows: rows.a * math.nan, "a"), None, "the candidate cannot be scored"),
        (model(lambda rows: rows.a, "a", "b", "c"), None, "that the candidate reads: `b`, `c`"),
        (GOOD, model(lambda rows: rows.a, "gone"), "that the champion reads: `gone`"),
        (GOOD, model(lambda rows: rows.a * math.nan, "a"), "the champion cannot be scored"),
        (model(lambda _: 1 / 0, "a"), None, "does not predict `holdout`: division by zero"),
        (model(lambda rows: rows.a[:2], "a"), None, "4 labels for 2 predictions"),
    ],
)
def test_what_cannot_be_scored_does_not_pass(
    candidate: LoadedModel, champion: LoadedModel | None, reason: str
) -> None:
    verdict = judge(gate(), candidate, champion, ROWS)

    assert not verdict.passed
    assert reason in verdict.reason


def test_rows_without_a_label_are_left_out_and_none_at_all_do_not_pass() -> None:
    some = pd.concat([ROWS, pd.DataFrame({"a": [9.0], "truth": [None]})])

    assert judge(gate(threshold=1.0), GOOD, None, some).rows == 4
    for rows in (ROWS.drop(columns="truth"), some.tail(1)):
        verdict = judge(gate(), GOOD, None, rows)
        assert (verdict.passed, verdict.rows) == (False, 0)
        assert "`truth`" in verdict.reason


@given(
    st.sampled_from(["roc_auc", "rmse", "mae", "accuracy", "r2"]),
    st.lists(st.floats(allow_nan=True, width=32), min_size=4, max_size=4),
    st.lists(st.floats(allow_nan=True, width=32), min_size=4, max_size=4),
    st.none() | st.floats(),
    st.none() | st.floats(),
)
def test_what_passes_is_never_worse_than_was_asked(
    metric: str,
    candidate: list[float],
    champion: list[float],
    threshold: float | None,
    margin: float | None,
) -> None:
    asked = gate(metric, threshold=threshold, margin=margin)
    pair = [model(lambda _, said=said: said, "a") for said in (candidate, champion)]
    verdict = judge(asked, pair[0], pair[1], ROWS)

    if verdict.passed:
        sign = -1 if metric in {"rmse", "mae"} else 1
        assert verdict.candidate is not None
        assert math.isfinite(verdict.candidate)
        if threshold is not None:
            assert sign * verdict.candidate >= sign * threshold
        if margin is not None:
            assert verdict.champion is not None
            assert sign * (verdict.candidate - verdict.champion) >= margin


def test_a_job_writes_its_verdicts_and_judges_classifiers_by_their_probabilities(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`log_loss` of classes would be infinite: both models answer classes, and are compared."""
    data = tmp_path / "data"
    data.mkdir()
    rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": 1.0, "truth": [0, 1, 0, 1]})
    rows.to_csv(data / "part.csv", index=False)
    gates = [
        {"input": "holdout", "format": "csv", "metric": metric, "label": "truth",
         "threshold": threshold, "margin": None}
        for metric, threshold in (("log_loss", 20.0), ("accuracy", 0.9))
    ]  # fmt: skip
    named = {
        name: {"path": str(models / folder), "digest": tree_digest(models / folder)}
        for name, folder in (("candidate", "sklearn"), ("champion", "other"))
    }
    for name, value in {
        "MLOPS_PLATFORM": "mlops-iac",
        "MLOPS_OUTPUT_DIR": str(tmp_path / "out"),
        "MLOPS_MODEL_DIR": str(tmp_path / "model"),
        "MLOPS_INPUT_HOLDOUT": str(data),
        "MLOPS_TASK": json.dumps({**named, "trust_pickle": False, "gates": gates}),
    }.items():
        monkeypatch.setenv(name, value)

    assert evaluate.main() == 0
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    result = json.loads((tmp_path / "out" / "run.json").read_text())
    assert [verdict["passed"] for verdict in report["gates"]] == [True, False]
    assert not report["passed"]
    assert result["reports"] == ["evaluation.json"]
    assert result["metrics"]["accuracy.holdout.candidate"] == 0.5


def test_a_candidate_with_another_digest_is_no_verdict_but_a_failed_run(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = {"candidate": {"path": str(models / "sklearn"), "digest": "sha256:" + "0" * 64},
            "champion": None, "gates": []}  # fmt: skip
    monkeypatch.setenv("MLOPS_PLATFORM", "mlops-iac")
    monkeypatch.setenv("MLOPS_OUTPUT_DIR", str(tmp_path / "out"))
    monkeypatch.setenv("MLOPS_TASK", json.dumps(task))

    assert evaluate.main() == 1
    result = json.loads((tmp_path / "out" / "run.json").read_text())
    assert result["status"] == "failed"
    assert "digest" in result["error"]
    assert not (tmp_path / "out" / "evaluation.json").exists()


def test_rows_that_features_were_joined_to_are_read_whatever_form_the_data_had(
    tmp_path: Path,
) -> None:
    pd.DataFrame({"late": [0, 1]}).to_parquet(tmp_path / JOINED)

    assert evaluate._rows(tmp_path, "judged", "csv").late.tolist() == [0, 1]
