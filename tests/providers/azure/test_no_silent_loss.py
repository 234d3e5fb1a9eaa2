"""Changing any one field changes the recorded plan, or is a problem.

Proves that nothing declared is dropped; not that what it becomes is right (`test_kinds`). Every
field of every spec must stand in `FLIPS`.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.specs import (
    KINDS,
    Accelerator,
    Compute,
    CustomerKey,
    DataCapture,
    ExistingNetwork,
    FixedReplicas,
    ModelCard,
    Spec,
    Spot,
)
from mlops_iac.specs.base import Part
from tests.providers.azure.harness import DIGEST, SUBSCRIPTION, planned, record
from tests.providers.azure.scenarios import NETWORK, flights, write_project

FLIPS: Mapping[str, Mapping[str, Any]] = {
    "Platform": {
        "region": "northeurope",
        "account": SUBSCRIPTION.replace("1", "9"),
        "role": SUBSCRIPTION,
        "profile": "prod",
        "network": ExistingNetwork(network=NETWORK, subnets=(f"{NETWORK}/subnets/a",)),
        "encryption": CustomerKey(),
        "tags": {"team": "sea"},
        "runtime_image": f"example.azurecr.io/other@{DIGEST}",
    },
    "Dataset": {
        "source": "data/a.parquet",
        "format": "files",
        "columns": {"delay": "number"},
        "description": "other",
    },
    "RegisteredModel": {
        "approval": "manual",
        "description": "other",
        "card": ModelCard(intended_use="x", owner="y"),
        "trust_pickle": True,
    },
    "TrainingJob": {
        "script": "code/helper.py",
        "requirements": "requirements.txt",
        "framework": "xgboost",
        "data": {"other": "departures"},
        "model": None,
        "hyperparameters": {"depth": 3},
        "metrics": ("auc",),
        "compute": Compute(disk_gb=31),
        "instances": 2,
        "spot": Spot(),
        "timeout": timedelta(minutes=59),
        "environment": {"A": "b"},
        "run": "manual",
        "wait": "finished",
    },
    "ModelEndpoint": {
        "model": "late@candidate",
        "scaling": FixedReplicas(replicas=2),
        "compute": Compute(disk_gb=31),
        "rollout": {"percent": 10},
        "capture": DataCapture(),
        "authentication": "key",
        "timeout": timedelta(seconds=61),
        "environment": {"A": "b"},
    },
}
NESTED: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("job", {"compute": Compute()}, {"compute": Compute(cpu=3)}),
    ("job", {"compute": Compute()}, {"compute": Compute(memory_gb=7)}),
    (
        "job",
        {"compute": Compute(accelerator=Accelerator(kind="t4"))},
        {"compute": Compute(accelerator=Accelerator(kind="t4", count=2))},
    ),
    ("job", {"spot": Spot()}, {"spot": Spot(max_wait=timedelta(hours=25))}),
    ("endpoint", {"compute": Compute()}, {"compute": Compute(memory_gb=7)}),
    ("endpoint", {"scaling": {"max": 4}}, {"scaling": {"max": 5}}),
    ("endpoint", {"scaling": {"max": 4}}, {"scaling": {"max": 4, "min": 2}}),
    ("endpoint", {"scaling": {"max": 4}}, {"scaling": {"max": 4, "requests_per_replica": 9}}),
    ("endpoint", {"rollout": {"percent": 5}}, {"rollout": {"percent": 6}}),
    ("endpoint", {"rollout": {"percent": 5}}, {"rollout": {"percent": 5, "wait": "1m"}}),
    ("endpoint", {"rollout": {"step_percent": 20}}, {"rollout": {"step_percent": 25}}),
    (
        "endpoint",
        {"rollout": {"step_percent": 20}},
        {"rollout": {"step_percent": 20, "wait": "9m"}},
    ),
    ("endpoint", {"capture": {"percent": 5}}, {"capture": {"percent": 6}}),
    ("endpoint", {"model": "late/3"}, {"model": "late/4"}),
    (
        "model",
        {"card": ModelCard(intended_use="x", owner="y")},
        {"card": ModelCard(intended_use="x", owner="y", limitations="z")},
    ),
)
_KIND_OF = {"job": "TrainingJob", "endpoint": "ModelEndpoint", "model": "RegisteredModel"}
_OWN_TESTS = {"target", "image", "name"}
"""`target` leaves azure; `image` excludes `script` (see `test_kinds`); names are in every name."""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the declarations name."""
    folder = tmp_path_factory.mktemp("flips")
    write_project(folder)
    return folder


def _outcome(components: tuple[Spec, ...], project: Path, **platform: Any) -> object:
    drawn = planned(components, project, **platform)
    if drawn.errors:
        return [str(problem) for problem in drawn.errors]
    return sorted((r.type, r.name, str(r.inputs)) for r in record(drawn).records)


@cache
def _base(project: Path) -> object:
    return _outcome(flights(), project)


def test_every_field_is_flipped() -> None:
    """A new field must say what becomes of it here."""
    declared = {kind: set(spec.model_fields) - _OWN_TESTS for kind, spec in KINDS.items()}

    assert declared == {kind: set(fields) for kind, fields in FLIPS.items()}


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, fields in FLIPS.items() for field in fields]
)
def test_a_flipped_field_is_seen(project: Path, kind: str, field: str) -> None:
    """In the inputs of some resource, or as a problem."""
    value = FLIPS[kind][field]
    if kind == "Platform":
        flipped = _outcome(flights(), project, **{field: value})
    else:
        flipped = _outcome(_changed(kind, {field: value}), project)

    assert flipped != _base(project)


@pytest.mark.parametrize(("part", "before", "after"), NESTED)
def test_a_flipped_part_is_seen(
    project: Path, part: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Also inside compute, scaling, roll-out, capture and card."""
    kind = _KIND_OF[part]

    assert _outcome(_changed(kind, before), project) != _outcome(_changed(kind, after), project)


def _changed(kind: str, fields: Mapping[str, Any]) -> tuple[Spec, ...]:
    return tuple(
        type(spec)(**{**_fields(spec), **fields}) if spec.kind == kind else spec
        for spec in flights()
    )


def _fields(spec: Part) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in type(spec).model_fields}
