"""No silent loss on `gcp`: one changed field changes the plan, or is refused.

Proves it for each field of each kind that exists today; the core's generated test does so for
every target.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.errors import PlanError
from mlops_iac.specs import (
    Accelerator,
    AcceleratorKind,
    Approval,
    Authentication,
    AutoscaledReplicas,
    Canary,
    ColumnType,
    Compute,
    CustomerKey,
    DataCapture,
    DataFormat,
    Dataset,
    ExistingKey,
    Framework,
    ModelCard,
    ModelEndpoint,
    Platform,
    Profile,
    RegisteredModel,
    RunPolicy,
    SecretRef,
    Spec,
    Spot,
    TrainingJob,
    Wait,
)
from tests.providers.gcp.harness import recorded
from tests.providers.gcp.scenarios import (
    DATA,
    ENDPOINT,
    IMAGE,
    JOB,
    KEY,
    MODEL,
    NETWORK,
    write_files,
)

PLATFORM: Mapping[str, Any] = {
    "region": "us-central1",
    "account": "other-project",
    "role": "d@acme-ml-dev.iam.gserviceaccount.com",
    "profile": Profile.PROD,
    "network": NETWORK,
    "encryption": CustomerKey(),
    "tags": {"team": "a"},
    "runtime_image": IMAGE,
    "name": "base",
}
GPU = Accelerator(kind=AcceleratorKind.L4)
FIELDS: Mapping[type[Spec], tuple[tuple[str, Any], ...]] = {
    Dataset: (
        ("name", "other"),
        ("source", "data/a.csv"),
        ("format", DataFormat.FILES),
        ("columns", {"x": ColumnType.INTEGER}),
        ("description", "text"),
    ),
    RegisteredModel: (
        ("name", "other"),
        ("approval", Approval.MANUAL),
        ("description", "text"),
        ("card", ModelCard(intended_use="a", owner="b")),
        ("trust_pickle", True),
    ),
    TrainingJob: (
        ("name", "other"),
        ("script", "helper.py"),
        ("image", IMAGE),
        ("requirements", "requirements.txt"),
        ("framework", Framework.PYTORCH),
        ("data", {"again": "departures"}),
        ("model", None),
        ("hyperparameters", {"a": 1}),
        ("metrics", ("auc",)),
        ("compute", Compute(cpu=1)),
        ("compute", Compute(memory_gb=7.9)),
        ("compute", Compute(disk_gb=31)),
        ("compute", Compute(accelerator=GPU)),
        ("instances", 2),
        ("spot", Spot()),
        ("timeout", timedelta(hours=3)),
        ("environment", {"A": "b"}),
        ("environment", {"A": SecretRef(secret="b")}),
        ("run", RunPolicy.MANUAL),
        ("wait", Wait.FINISHED),
    ),
    ModelEndpoint: (
        ("name", "other"),
        ("model", ENDPOINT.model.model_copy(update={"alias": "other"})),
        ("scaling", AutoscaledReplicas(max=2)),
        ("compute", Compute(cpu=1)),
        ("compute", Compute(disk_gb=31)),
        ("compute", Compute(accelerator=GPU)),
        ("rollout", Canary()),
        ("rollout", Canary(wait=timedelta(minutes=11))),
        ("capture", DataCapture()),
        ("authentication", Authentication.KEY),
        ("timeout", timedelta(seconds=61)),
        ("environment", {"A": "b"}),
    ),
}
CASES = [(kind, field, value) for kind, rows in FIELDS.items() for field, value in rows]


def _document(folder: Path, *specs: Spec, **platform: Any) -> list[Any] | str:
    try:
        return [r.document() for r in recorded(folder, *specs, **platform).resources]
    except PlanError as error:
        return str(error)


@pytest.mark.parametrize(("kind", "field", "value"), CASES)
def test_a_changed_field_changes_the_plan(
    kind: type[Spec], field: str, value: Any, tmp_path: Path
) -> None:
    write_files(tmp_path)
    specs = (DATA, MODEL, JOB, ENDPOINT)
    update = {field: value, **({"script": None} if field == "image" else {})}

    changed = tuple(s.model_copy(update=update) if type(s) is kind else s for s in specs)

    assert _document(tmp_path, *changed) != _document(tmp_path, *specs)


@pytest.mark.parametrize("field", PLATFORM)
def test_a_changed_field_of_the_platform_changes_the_plan(field: str, tmp_path: Path) -> None:
    write_files(tmp_path)

    argument = "platform_name" if field == "name" else field

    assert _document(tmp_path, **{argument: PLATFORM[field]}) != _document(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CustomerKey(rotation_days=90), CustomerKey(rotation_days=91)),
        (ExistingKey(key=KEY), ExistingKey(key=KEY + "2")),
    ],
)
def test_a_changed_key_changes_the_plan(before: Any, after: Any, tmp_path: Path) -> None:
    first, second = (_document(tmp_path, encryption=key) for key in (before, after))

    assert first != second
    assert isinstance(second, list)


def test_every_field_of_every_kind_is_flipped() -> None:
    for kind, rows in FIELDS.items():
        assert {field for field, _ in rows} == set(kind.model_fields), kind
    assert set(PLATFORM) == set(Platform.model_fields) - {"target"}
