"""No silent loss: changing any one field changes the plan, or is refused, on every target.

Generated from the table in `mlops_iac.testing.flips`, which a test compares with the specs. Limit:
it proves that a field has an effect on what is planned, not that it is the right one.
"""

from pathlib import Path
from typing import Any

import pytest

from mlops_iac.document import target_document
from mlops_iac.planning import plan
from mlops_iac.specs import KINDS, Platform
from mlops_iac.stack import Declaration, Stack
from mlops_iac.testing.flips import FLIPS, Flip, uncovered

TARGETS = ("local", "aws", "gcp", "azure")
PLACES = {
    "local": {},
    "aws": {"region": "us-east-1", "account": "123456789012"},
    "gcp": {"region": "us-central1", "account": "some-project"},
    "azure": {"region": "eastus", "account": "00000000-0000-0000-0000-000000000001"},
}
COMPONENTS: dict[str, dict[str, Any]] = {
    "Dataset": {"name": "departures", "source": "data/*.parquet"},
    "RegisteredModel": {"name": "late"},
    "TrainingJob": {
        "name": "delay",
        "script": "train.py",
        "data": "departures",
        "model": "late",
    },
    "ModelEndpoint": {"name": "score", "model": "late"},
}
REASONS: dict[tuple[str, str], str] = {}
"""Flips that change nothing on a target, with the reason; empty, and to be kept so."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every file that the flips name."""
    folder = tmp_path_factory.mktemp("flips")
    (folder / "data").mkdir()
    for name in ("a", "b"):
        (folder / "data" / f"{name}.parquet").write_bytes(b"PAR1" + name.encode())
    for name in ("train.py", "other.py"):
        (folder / name).write_text(f"# {name}\n")
    (folder / "requirements.txt").write_text("numpy==2.0.0\n")
    return folder


def document(project: Path, target: str, flip: Flip, value: Any) -> dict[str, Any]:
    """Return the plan of the base declaration with one field set."""
    platform: dict[str, Any] = {"name": "platform", "target": target, **PLACES[target]}
    declared = {kind: dict(fields) for kind, fields in COMPONENTS.items()}
    fields = platform if flip.kind == "Platform" else declared[flip.kind]
    if flip.field == "image":
        fields.pop("script")
    if value is not None:
        fields[flip.field] = value
    elif flip.kind != "Platform":
        fields.pop(flip.field, None)
    if flip.kind in COMPONENTS:
        rename(declared, COMPONENTS[flip.kind]["name"], fields["name"])
    specs = [KINDS[kind](**fields) for kind, fields in declared.items()]
    if flip.kind == "ModelEndpoint":
        second = {**COMPONENTS["TrainingJob"], "name": "again", "model": "second"}
        specs += [KINDS["RegisteredModel"]("second"), KINDS["TrainingJob"](**second)]
    if flip.id == "TrainingJob.model":
        specs = [spec for spec in specs if spec.kind != "ModelEndpoint"]
    stack = Stack("flips", platform=Platform(**platform), components=specs)
    return target_document(plan(Declaration(stack, project)))


def base(project: Path, target: str, flip: Flip) -> dict[str, Any]:
    """Return the plan before the flip; many flips share one."""
    left_out = flip.before is None and flip.kind != "ModelEndpoint"
    key = (target, "" if left_out else flip.id, repr(flip.before))
    if key not in BASES:
        BASES[key] = document(project, target, flip, flip.before)
    return BASES[key]


BASES: dict[tuple[str, str, str], dict[str, Any]] = {}


def rename(declared: dict[str, dict[str, Any]], old: str, new: str) -> None:
    """Let references follow a component that is renamed."""
    for fields in declared.values():
        for key in ("data", "model"):
            if fields.get(key) == old:
                fields[key] = new


def test_every_field_is_flipped() -> None:
    assert uncovered() == []


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("flip", FLIPS, ids=lambda flip: flip.id)
def test_a_changed_field_changes_the_plan_or_is_refused(
    project: Path, target: str, flip: Flip
) -> None:
    before = base(project, target, flip)
    after = document(project, target, flip, flip.after)

    refused = [p for p in after["problems"] if p["field"].split(".")[0] == flip.field]
    is_lost = before["resources"] == after["resources"] and not refused
    assert is_lost == ((target, flip.id) in REASONS)
