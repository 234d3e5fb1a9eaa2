"""Proves that one script sees the same inputs, hyperparameters and outputs on each layout.

The layouts are folders and variables as the platforms document them; no platform is involved.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_iac.runtime import encode_hyperparameters, read_result, tree_digest

VALUES = {"depth": 3, "rate": 0.5, "fast": True, "word": "abc", "digits": "7"}
SCRIPT = """
import json, sys
import mlflow, pandas as pd
from sklearn.linear_model import LogisticRegression
import mlops_iac.runtime as runtime
context = runtime.training_context()
rows = pd.read_csv(context.inputs["raw-flights"] / "rows.csv")
model = LogisticRegression().fit(rows[["a"]], rows["y"])
mlflow.log_metric("plain", 2.0)
context.log_metrics({"auc": 0.75})
context.log_model(model, example=rows[["a"]], pip_requirements=["scikit-learn"])
(context.output_dir / "seen.json").write_text(json.dumps(dict(context.hyperparameters)))
"""


def layout(root: Path, platform: str) -> dict[str, str]:
    data = root / "opt/ml/input/data/raw_flights"
    data.mkdir(parents=True)
    (data / "rows.csv").write_text("a,y\n0,0\n1,0\n2,1\n3,1\n")
    common = {"MLOPS_ROOT": str(root)}
    own = {
        "MLOPS_INPUT_RAW_FLIGHTS": str(data),
        "MLOPS_HYPERPARAMETERS": json.dumps(VALUES),
        "MLOPS_OUTPUT_DIR": str(root / "out"),
    }
    config = root / "opt/ml/input/config"
    config.mkdir()
    (config / "hyperparameters.json").write_text(json.dumps(encode_hyperparameters(VALUES)))
    return (
        common
        | {
            "sagemaker": {"TRAINING_JOB_NAME": "job"},
            "vertex": {**own, "CLOUD_ML_JOB_ID": "1", "AIP_MODEL_DIR": "gs://bucket/model"},
            "azure": {**own, "AZUREML_RUN_ID": "r", "MLOPS_MODEL_DIR": str(root / "model")},
            "kubernetes": {**own, "KUBERNETES_SERVICE_HOST": "10.0.0.1"},
            "mlops-iac": {**own, "MLOPS_MODEL_DIR": str(root / "model")},
        }[platform]
    )


OUTPUTS = {"sagemaker": "opt/ml/output/data"}
MODELS = {
    "sagemaker": "opt/ml/model",
    "vertex": "gcs/bucket/model",
    "kubernetes": "workspace/model",
}


def launch(root: Path, text: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    script = root / "job.py"
    script.write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "mlops_iac.runtime.train", "train", str(script)],
        env={"PATH": os.environ["PATH"], "HOME": str(root), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("platform", ["sagemaker", "vertex", "azure", "kubernetes", "mlops-iac"])
def test_one_script_trains_on_every_layout(tmp_path: Path, platform: str) -> None:
    done = launch(tmp_path, SCRIPT, layout(tmp_path, platform))
    assert done.returncode == 0, done.stderr

    output = tmp_path / OUTPUTS.get(platform, "out")
    result = read_result(output)
    assert result.status == "finished"
    assert result.metrics == {"auc": 0.75, "plain": 2.0}
    assert json.loads((output / "seen.json").read_text()) == VALUES
    assert result.model is not None
    assert result.model.serializations == {"sklearn": "skops"}
    model = tmp_path / MODELS.get(platform, "model")
    assert tree_digest(model) == result.model.digest


def test_a_raising_script_fails_with_its_reason(tmp_path: Path) -> None:
    done = launch(tmp_path, "raise ValueError('no rows')", layout(tmp_path, "sagemaker"))

    assert done.returncode == 1
    assert (tmp_path / "opt/ml/output/failure").read_text() == "ValueError: no rows"
    assert read_result(tmp_path / "opt/ml/output/data").error == "ValueError: no rows"
