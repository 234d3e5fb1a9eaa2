"""Planning drawn declarations: total, pure, every problem with its place; recording repeats itself.

Proves it for declarations drawn field by field from the specs. Limit: 40 each on four targets; a
declaration whose fields contradict each other is refused before planning and not counted.
"""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mlops_iac.document import target_document
from mlops_iac.planning import Plan, plan
from mlops_iac.stack import Declaration
from mlops_iac.testing import strategies

TARGETS = ("local", "aws", "gcp", "azure")
PLACES: dict[str, dict[str, str]] = {
    "local": {},
    "aws": {"region": "us-east-1", "account": "123456789012"},
    "gcp": {"region": "us-central1", "account": "some-project"},
    "azure": {"region": "eastus", "account": "00000000-0000-0000-0000-000000000001"},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that drawn declarations name."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "data").mkdir()
    (folder / "data" / "a.parquet").write_bytes(b"PAR1")
    (folder / "train.py").write_text("")
    (folder / "requirements.txt").write_text("numpy==2.0.0\n")
    return folder


def _drawn(data: st.DataObject, target: str, project: Path) -> Plan:
    fields = data.draw(strategies.stacks(target))
    # Drawn places exist nowhere: half the time the declaration gets a real one.
    if data.draw(st.booleans()):
        fields["Platform"] = _placed(fields["Platform"], target)
    try:
        stack = strategies.stack(fields)
    except ValidationError:
        assume(False)
        raise
    return plan(Declaration(stack, project))


def _placed(platform: dict[str, Any], target: str) -> dict[str, Any]:
    kept = {key: value for key, value in platform.items() if key in {"target", "profile"}}
    return {**kept, **PLACES[target]}


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_planning_is_total_and_pure_and_recording_repeats_itself(
    project: Path, target: str, data: st.DataObject
) -> None:
    before = sorted(project.rglob("*"))
    drawn = _drawn(data, target, project)
    again = plan(drawn.declaration)

    assert again.problems == drawn.problems
    assert again.order == drawn.order
    known = {*drawn.declaration.specs, *(p.name for p in drawn.platforms.values())}
    for problem in drawn.problems:
        assert problem.component in known
        assert problem.field
        assert problem.message
    assert target_document(drawn) == target_document(again)
    assert sorted(project.rglob("*")) == before
