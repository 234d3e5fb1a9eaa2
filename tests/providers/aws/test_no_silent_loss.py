"""Each field of each spec, changed by itself, changes what is registered on `aws`.

Proves that no field is dropped; not that it goes to the right place: the other tests do. The last
test keeps the table complete: a field that is added to a spec must be added here.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_iac.specs import Dataset, ModelEndpoint, Platform, RegisteredModel, Spec, TrainingJob
from tests.providers.aws.harness import record
from tests.providers.aws.scenarios import (
    KEY,
    NETWORK,
    RUNTIME,
    base,
    delay,
    flights,
    late,
    score,
    write_files,
)

_GPU = {"accelerator": {"kind": "t4"}, "cpu": 4, "memory_gb": 16}

FLIPS: Mapping[type[Spec], Mapping[str, list[Any]]] = {
    Platform: {
        "region": ["us-east-1"],
        "account": ["210987654321"],
        "role": ["arn:aws:iam::123456789012:role/deployer"],
        "profile": ["prod"],
        "network": [NETWORK, {**NETWORK, "security_groups": ("sg-0a1b2c3d",)}],
        "encryption": [{"rotation_days": 90}, {"rotation_days": 91}, {"key": KEY}],
        "tags": [{"team": "ml"}],
        "runtime_image": [RUNTIME, RUNTIME[:-1] + "0"],
    },
    Dataset: {
        "source": ["data/2013-01.csv"],
        "format": ["parquet"],
        "columns": [{"late": "boolean"}],
        "description": ["x"],
    },
    RegisteredModel: {
        "approval": ["manual"],
        "description": ["x"],
        "card": [
            {"intended_use": "a", "owner": "b"},
            {"intended_use": "c", "owner": "b"},
            {"intended_use": "a", "owner": "d"},
            {"intended_use": "a", "owner": "b", "limitations": "e"},
        ],
        "trust_pickle": [True],
    },
    TrainingJob: {
        "script": ["helpers.py"],
        "image": [RUNTIME],
        "requirements": ["requirements.txt"],
        "framework": ["pytorch"],
        "data": [{"renamed": "flights"}],
        "model": [None],
        "hyperparameters": [{"depth": 6}, {"depth": 6.0}, {"depth": "6"}],
        "metrics": [("auc",)],
        "compute": [{"cpu": 3}, {"memory_gb": 8.5}, {"disk_gb": 31}, _GPU],
        "instances": [2],
        "spot": [{}, {"max_wait": "5h"}],
        "timeout": ["2h"],
        "environment": [{"A": "1"}, {"A": "2"}, {"A": {"secret": "1"}}],
        "run": ["manual"],
        "wait": ["finished"],
    },
    ModelEndpoint: {
        "model": ["late@other", "late/3"],
        "scaling": [
            {"replicas": 2},
            {"min": 1, "max": 3},
            {"min": 1, "max": 4},
            {"min": 1, "max": 3, "requests_per_replica": 50},
            {"memory_gb": 2},
            {"memory_gb": 3},
            {"memory_gb": 2, "max_concurrency": 5},
            {"mode": "async"},
            {"mode": "async", "max": 2},
            {"mode": "async", "concurrency_per_replica": 5},
        ],
        "compute": [{"cpu": 3}, {"memory_gb": 8.5}, {"disk_gb": 31}, _GPU],
        "rollout": [{"percent": 20}, {"percent": 21}, {"step_percent": 20}, {"mode": "canary"}],
        "capture": [{"percent": 100}, {"percent": 50}],
        "authentication": [],
        "timeout": ["30s"],
        "environment": [{"A": "1"}, {"A": {"secret": "1"}}],
    },
}
_ELSEWHERE = {"name", "target"}
"""Names are flipped by the tests of names; the target decides which provider is asked."""


def _stack(kind: type[Spec], field: str, value: Any) -> tuple[tuple[Spec, ...], dict[str, Any]]:
    fields = {field: value}
    if kind is Platform:
        return base(), fields
    if kind is TrainingJob and field == "image":
        fields["script"] = None
    if kind is TrainingJob and field == "model":
        return (flights(), late(), delay(model=None)), {}
    own = {made: fields if made is kind else {} for made in FLIPS}
    return (
        flights(**own[Dataset]),
        late(**own[RegisteredModel]),
        delay(**own[TrainingJob]),
        score(**own[ModelEndpoint]),
    ), {}


def _text(folder: Path, components: tuple[Spec, ...], platform: Mapping[str, Any]) -> str:
    recorded = record(folder, *components, **platform)
    rows = [(r.type, r.name, r.protect, r.inputs) for r in recorded.resources]
    return json.dumps(sorted(rows, key=lambda row: row[:2]), sort_keys=True)


@pytest.mark.parametrize(
    ("kind", "field"), [(kind, field) for kind, fields in FLIPS.items() for field in fields]
)
def test_changing_a_field_changes_the_plan(kind: type[Spec], field: str, tmp_path: Path) -> None:
    write_files(tmp_path)
    seen = [_text(tmp_path, base(), {})]

    for value in FLIPS[kind][field]:
        components, platform = _stack(kind, field, value)
        seen.append(_text(tmp_path, components, platform))

    assert len(seen) == len(set(seen))


def test_every_field_is_flipped() -> None:
    for kind, fields in FLIPS.items():
        assert set(fields) == set(kind.model_fields) - _ELSEWHERE
