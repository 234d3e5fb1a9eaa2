"""Wrong declarations, each with all that is said of it, word for word.

Proves the message, the line and the remedy of each kind of mistake, and that nothing is planned to
be created. Limit: the texts are what we find good; `MLOPS_IAC_FREEZE=1` writes them anew, for a
reviewer to read the difference.
"""

import os
from pathlib import Path

import pytest

from mlops_iac.errors import PlanError
from mlops_iac.manifest import load_manifest
from mlops_iac.planning import plan

CASES = sorted((Path(__file__).parents[1] / "bad_inputs").glob("*.yaml"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the script and the data that most declarations name."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rows.parquet").write_bytes(b"PAR1")
    (tmp_path / "train.py").write_text("")
    return tmp_path


def test_there_are_enough() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_wrong_declaration_is_refused(case: Path, project: Path) -> None:
    manifest = project / "mlops.yaml"
    manifest.write_text(case.read_text())
    expected = case.with_suffix(".txt")

    with pytest.raises(PlanError) as refusal:
        plan(load_manifest(manifest, environment={})).require()

    said = (
        str(refusal.value).replace(str(project) + "/", "").replace(str(project), "PROJECT") + "\n"
    )
    if os.environ.get("MLOPS_IAC_FREEZE"):
        expected.write_text(said)
    assert said == expected.read_text()
    assert refusal.value.exit_code == 2
    assert sorted(path.name for path in project.iterdir()) == ["data", "mlops.yaml", "train.py"]
