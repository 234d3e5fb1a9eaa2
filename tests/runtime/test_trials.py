"""Proves that a trial of Vertex AI gets its parameters and that its metrics are read.

The file's form is that of the library `cloudml-hypertune`; Vertex AI itself is not asked.
"""

import json
from pathlib import Path

import pytest

from mlops_iac.runtime import trials
from mlops_iac.runtime.layout import read_layout


def _trial(root: Path) -> dict[str, str]:
    return {
        "MLOPS_ROOT": str(root),
        "AIP_MODEL_DIR": "gs://b/runs/tune/7/tune/3/model",
        "CLOUD_ML_TRIAL_ID": "3",
        "MLOPS_HYPERPARAMETERS": json.dumps({"depth": 2, "rate": 0.1}),
    }


def test_arguments_of_a_trial_become_typed_parameters_over_the_jobs_own(tmp_path: Path) -> None:
    given = ["--depth=5", '--kind="1"', "--fast=true", "plain", "--loud"]

    layout, rest = trials.with_parameters(read_layout(_trial(tmp_path)), given)

    assert layout.hyperparameters == {"depth": 5, "rate": 0.1, "kind": "1", "fast": True}
    assert rest == ["plain", "--loud"]


def test_arguments_of_a_job_that_is_no_trial_are_the_scripts(tmp_path: Path) -> None:
    variables = {k: v for k, v in _trial(tmp_path).items() if k != "CLOUD_ML_TRIAL_ID"}

    layout, rest = trials.with_parameters(read_layout(variables), ["--depth=5"])

    assert layout.hyperparameters["depth"] == 2
    assert rest == ["--depth=5"]


def test_promised_metrics_are_told_as_hypertune_tells_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLOPS_METRICS", "auc")
    trial = read_layout(_trial(tmp_path)).trial

    trials.report(trial, {"auc": 0.875, "loss": 1.0})

    (line,) = (tmp_path / "tmp/hypertune/output.metrics").read_text().splitlines()
    told = json.loads(line)
    assert (told["trial"], told["auc"], told["global_step"]) == ("3", "0.875", "0")
    assert "loss" not in told


def test_results_of_a_trial_lie_beside_its_model_and_its_database_outside(tmp_path: Path) -> None:
    layout = read_layout(_trial(tmp_path))

    assert layout.output_dir == tmp_path / "gcs/b/runs/tune/7/tune/3/output"
    assert "gcs" not in layout.database_dir.relative_to(tmp_path).parts
