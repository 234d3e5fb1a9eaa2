"""Planning drawn declarations: total, pure, every problem with its place; recording repeats itself.

Proves it for declarations drawn field by field from the specs. Limit: 40 planned and 12 recorded on
each target (40 on `local`); what contradicts itself is refused before planning and not counted.
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
WILD = 100
"""So many fields are drawn that most declarations are refused."""
CALM = 1
"""So few that many are not."""
LEAST_RECORDED = 4
"""Of the calm declarations; without it the test could pass by being refused every time."""
EXAMPLES = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
DRAWN = {"local": 40, "aws": 12, "gcp": 12, "azure": 12}
"""Declarations to record; on the clouds each takes a second, and this machine refuses more."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that drawn declarations name."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "data").mkdir()
    (folder / "data" / "a.parquet").write_bytes(b"PAR1")
    (folder / "train.py").write_text("")
    (folder / "requirements.txt").write_text("numpy==2.0.0\n")
    return folder


def _drawn(data: st.DataObject, target: str, project: Path, most: int) -> Plan:
    fields = data.draw(strategies.stacks(target, most))
    # Drawn places exist nowhere: half the time the declaration gets a real one.
    if most < WILD or data.draw(st.booleans()):
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
def test_planning_is_total_and_pure(project: Path, target: str) -> None:
    before = sorted(project.rglob("*"))

    @EXAMPLES
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        drawn = _drawn(data, target, project, WILD)
        again = plan(drawn.declaration)

        assert (again.problems, again.order) == (drawn.problems, drawn.order)
        known = {*drawn.declaration.specs, *(p.name for p in drawn.platforms.values())}
        for problem in drawn.problems:
            assert problem.component in known
            assert problem.field
            assert problem.message

    holds()
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize("target", TARGETS)
def test_what_plans_without_errors_is_recorded_and_twice_the_same(
    project: Path, target: str
) -> None:
    recorded: list[int] = []

    @settings(EXAMPLES, max_examples=DRAWN[target])
    @given(data=st.data())
    def holds(data: st.DataObject) -> None:
        drawn = _drawn(data, target, project, CALM)
        first, second = target_document(drawn), target_document(drawn)

        assert first == second
        assert bool(first["resources"]) is not bool(drawn.errors)
        recorded.append(len(first["resources"]))

    holds()
    assert sum(map(bool, recorded)) >= LEAST_RECORDED
