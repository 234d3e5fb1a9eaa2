"""Processing scripts as real processes: what they are given, and what they must leave."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.runtime import read_result

GOOD = """
from mlops_iac.runtime import processing_context
context = processing_context()
text = (context.inputs["raw"] / "rows.txt").read_text()
(context.outputs["clean"] / "rows.csv").write_text(text * context.parameters["times"])
context.log_metrics({"letters": len(text)})
"""


def run(folder: Path, script: str, outputs: str = "clean=csv") -> Any:
    (folder / "in").mkdir(exist_ok=True)
    (folder / "in" / "rows.txt").write_text("a,b\n")
    (folder / "script.py").write_text(script)
    environment = {
        "MLOPS_PLATFORM": "mlops-iac",
        "MLOPS_INPUT_RAW": str(folder / "in"),
        "MLOPS_OUTPUT_DIR": str(folder / "out"),
        "MLOPS_MODEL_DIR": str(folder / "model"),
        "MLOPS_OUTPUTS": outputs,
        "MLOPS_HYPERPARAMETERS": json.dumps({"times": 2}),
        "MLOPS_RUN_ID": "run-1",
    }
    return subprocess.run(
        [sys.executable, "-m", "mlops_iac.runtime.process", "script.py"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_script_is_given_its_data_and_leaves_its_outputs(tmp_path: Path) -> None:
    done = run(tmp_path, GOOD)

    assert (done.returncode, done.stderr) == (0, "")
    result = read_result(tmp_path / "out")
    assert (result.status, result.run_id, result.metrics) == ("finished", "run-1", {"letters": 4.0})
    assert (Path(result.outputs["clean"]) / "rows.csv").read_text() == "a,b\na,b\n"
    assert not (tmp_path / "out" / "mlflow").exists()


@pytest.mark.parametrize(
    ("script", "outputs", "code", "said"),
    [
        (GOOD, "clean=csv,other=csv,third=parquet", 1, "nothing in its output `other`, `third`"),
        (GOOD, "clean=parquet", 1, "`clean/rows.csv` is not `parquet`"),
        ("raise ValueError('no rows')", "clean=csv", 1, "ValueError: no rows"),
        ("import sys; sys.exit(7)", "clean=csv", 7, "the script exited with code 7"),
    ],
)
def test_what_goes_wrong_is_the_runs_reason(
    tmp_path: Path, script: str, outputs: str, code: int, said: str
) -> None:
    done = run(tmp_path, script, outputs)

    result: Any = read_result(tmp_path / "out")
    assert (done.returncode, result.status, result.outputs) == (code, "failed", {})
    assert said in result.error
