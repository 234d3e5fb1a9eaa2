"""Proves what the launcher does around a script: code, columns, secrets, metrics.

On SageMaker's layout, with the variables that the `aws` provider sets. The layout is folders and
variables as documented; the store of secrets is a stand-in library.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mlops_iac.runtime import read_result

SCRIPT = """
import os
import mlflow
import helper
import mlops_iac.runtime as runtime
context = runtime.training_context()
assert list(context.inputs) == ["flights"], list(context.inputs)
context.log_metrics({"auc": 0.5})
context.log_metrics({"auc": 0.75})
mlflow.log_metric("plain", 2.0)
mlflow.log_metric("odd", float("nan"))
print("seen", len(os.environ["TOKEN"]))
if os.environ.get("FAIL"):
    raise ValueError("the token is " + os.environ["TOKEN"])
"""
BOTO = """
from types import SimpleNamespace
def client(service):
    answer = lambda SecretId: {"SecretString": "hunter2-" + SecretId}
    return SimpleNamespace(get_secret_value=answer)
"""


def job(root: Path, rows: str = "a,y\n0,0\n1,1\n", **variables: str) -> dict[str, str]:
    """Return the variables of a job whose channels lie in `root`."""
    channels = root / "opt/ml/input/data"
    for channel in ("flights", "flights-contract", "code"):
        (channels / channel).mkdir(parents=True)
    (channels / "flights/rows.csv").write_text(rows)
    (channels / "flights/_SUCCESS").write_text("")
    contract = channels / "flights-contract/dataset.json"
    contract.write_text(json.dumps({"format": "csv", "columns": {"a": "integer"}}))
    with zipfile.ZipFile(channels / "code/abc.zip", "w") as archive:
        archive.writestr("train.py", SCRIPT)
        archive.writestr("helper.py", "")
    (root / "lib").mkdir()
    (root / "lib/boto3.py").write_text(BOTO)
    return {
        "MLOPS_ROOT": str(root),
        "TRAINING_JOB_NAME": "job",
        "MLOPS_CODE": str(channels / "code/abc.zip"),
        "MLOPS_SCRIPT": "train.py",
        "MLOPS_COLUMNS_FLIGHTS": str(contract),
        "MLOPS_SECRET_TOKEN": "aws-secretsmanager:team/token",
        "MLOPS_METRICS": "auc,plain",
        "MLOPS_EXPECTS_MODEL": "0",
        "PYTHONPATH": str(root / "lib"),
        **variables,
    }


def launch(root: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mlops_iac.runtime", "train"],
        env={"PATH": os.environ["PATH"], "HOME": str(root), "TMPDIR": str(root), **variables},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def failure(root: Path) -> str:
    return (root / "opt/ml/output/failure").read_text()


def test_code_data_secrets_and_metrics_of_one_job(tmp_path: Path) -> None:
    done = launch(tmp_path, job(tmp_path))

    assert done.returncode == 0, done.stderr
    result = read_result(tmp_path / "opt/ml/output/data")
    assert result.metrics == {"auc": 0.75, "plain": 2.0}
    lines = [line for line in done.stdout.splitlines() if line.startswith("mlops-iac metric ")]
    assert lines[0] == "mlops-iac metric auc=0.5"
    assert set(lines[-2:]) == {"mlops-iac metric auc=0.75", "mlops-iac metric plain=2.0"}
    assert f"seen {len('hunter2-team/token')}" in done.stdout


def test_a_secret_in_an_error_is_masked_everywhere(tmp_path: Path) -> None:
    done = launch(tmp_path, job(tmp_path, FAIL="1"))

    assert done.returncode == 1
    assert failure(tmp_path) == "ValueError: the token is **********"
    assert "hunter2" not in done.stdout + done.stderr
    texts = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "boto3.py"]
    assert [path for path in texts if b"hunter2-team" in path.read_bytes()] == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"MLOPS_METRICS": "auc,odd,f1"}, "the script logged no metric `odd`, `f1`"),
        ({"MLOPS_EXPECTS_MODEL": "1"}, "the script left no model"),
        ({"MLOPS_SECRET_TOKEN": "nowhere:x"}, "secrets cannot be read: `TOKEN` (`nowhere:x`)"),
        ({"rows": "a\n1\nold\n"}, "`rows.csv` cannot be read as `csv`"),
        ({"rows": "b\n1\n"}, "`rows.csv` has no column `a`"),
    ],
)
def test_what_is_not_as_declared_fails_with_its_reason(
    tmp_path: Path, change: dict[str, str], reason: str
) -> None:
    done = launch(tmp_path, job(tmp_path, **change))

    assert done.returncode == 1, done.stderr
    assert reason in failure(tmp_path)
    assert read_result(tmp_path / "opt/ml/output/data").status == "failed"
    assert ("seen" in done.stdout) == ("rows" not in change and "SECRET" not in str(change))


def test_bad_code_is_told_to_the_platform(tmp_path: Path) -> None:
    done = launch(tmp_path, job(tmp_path, MLOPS_CODE=str(tmp_path / "none.zip")))

    assert done.returncode == 2
    assert "neither a folder nor a zip file" in failure(tmp_path)


def test_the_runtime_image_knows_two_parts(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mlops_iac.runtime", "dance"],
        env={"PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (
        2,
        "the first argument is none of `train`, `process`, `serve`\n",
    )
