"""Every field of every spec, with two values: what *no silent loss* is tried with.

A provider keeps the promise when changing any one of them changes what is planned, or is refused.
`uncovered` compares the table with the specs, so that a new field cannot be forgotten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from mlops_iac.specs import KINDS
from mlops_iac.specs.base import Part
from mlops_iac.specs.types import Ref

IMAGE = "registry.example/mlops@sha256:" + "0" * 64
OTHER_IMAGE = "registry.example/mlops@sha256:" + "1" * 64
GPU = {"kind": "t4"}
CARD = {"intended_use": "tell late flights", "owner": "operations"}
AUTOSCALED = {"min": 1, "max": 3}


@dataclass(frozen=True)
class Flip:
    """One field of one kind, before and after."""

    kind: str
    path: str
    """Dotted path; `[mode]` names the variant that a part of it belongs to."""
    before: Any
    """Value of the top field, as in `mlops.yaml`; `None` leaves it out."""
    after: Any

    @property
    def field(self) -> str:
        """The field of the kind itself."""
        return self.path.split(".")[0].split("[")[0]

    @property
    def id(self) -> str:
        """Name of the case."""
        return f"{self.kind}.{self.path}"


def _flips(kind: str, rows: Mapping[str, tuple[Any, Any]]) -> tuple[Flip, ...]:
    return tuple(Flip(kind, path, before, after) for path, (before, after) in rows.items())


_COMPUTE: Mapping[str, tuple[Any, Any]] = {
    "compute.cpu": (None, {"cpu": 4}),
    "compute.memory_gb": (None, {"memory_gb": 20}),
    "compute.disk_gb": (None, {"disk_gb": 60}),
    "compute.accelerator.kind": ({"accelerator": GPU}, {"accelerator": {"kind": "v100"}}),
    "compute.accelerator.count": ({"accelerator": GPU}, {"accelerator": {**GPU, "count": 4}}),
}
_ENVIRONMENT: Mapping[str, tuple[Any, Any]] = {
    "environment": ({"A": "1"}, {"A": "2"}),
    "environment.secret": ({"A": {"secret": "one"}}, {"A": {"secret": "two"}}),
}

NETWORK = {"network": "net-1", "subnets": ["subnet-1"], "security_groups": ["group-1"]}

FLIPS: tuple[Flip, ...] = (
    *_flips(
        "Platform",
        {
            "name": ("platform", "ground"),
            "region": (None, "moon-1"),
            "account": (None, "other"),
            "role": ("one", "two"),
            "profile": ("dev", "prod"),
            "network[existing].network": (NETWORK, {**NETWORK, "network": "net-2"}),
            "network[existing].subnets": (NETWORK, {**NETWORK, "subnets": ["subnet-2"]}),
            "network[existing].security_groups": (NETWORK, {**NETWORK, "security_groups": []}),
            "encryption[customer].rotation_days": (
                {"rotation_days": 90},
                {"rotation_days": 120},
            ),
            "encryption[existing].key": ({"key": "key-1"}, {"key": "key-2"}),
            "tags": ({"team": "a"}, {"team": "b"}),
            "runtime_image": (IMAGE, OTHER_IMAGE),
        },
    ),
    *_flips(
        "Dataset",
        {
            "name": ("departures", "arrivals"),
            "source": ("data/*.parquet", "data/a.parquet"),
            "format": ("parquet", "files"),
            "columns": ({"x": "number"}, {"x": "string"}),
            "description": ("one", "two"),
        },
    ),
    *_flips(
        "RegisteredModel",
        {
            "name": ("late", "tardy"),
            "approval": ("automatic", "manual"),
            "description": ("one", "two"),
            "card.intended_use": (CARD, {**CARD, "intended_use": "other"}),
            "card.owner": (CARD, {**CARD, "owner": "other"}),
            "card.limitations": (CARD, {**CARD, "limitations": "none known"}),
            "trust_pickle": (False, True),
        },
    ),
    *_flips(
        "TrainingJob",
        {
            "name": ("delay", "lateness"),
            "script": ("train.py", "other.py"),
            "image": (IMAGE, OTHER_IMAGE),
            "requirements": (None, "requirements.txt"),
            "framework": ("sklearn", "xgboost"),
            "data": ("departures", {"flights": "departures"}),
            "model": ("late", None),
            "hyperparameters": ({"depth": 3}, {"depth": 4}),
            "metrics": (["auc"], ["auc", "loss"]),
            **_COMPUTE,
            "instances": (None, 2),
            "spot.max_wait": ({"max_wait": "5h"}, {"max_wait": "6h"}),
            "timeout": ("1h", "2h"),
            **_ENVIRONMENT,
            "run": ("on_change", "manual"),
            "wait": ("finished", "submitted"),
        },
    ),
    *_flips(
        "ModelEndpoint",
        {
            "name": ("score", "rate"),
            "model.name": ("late", "second"),
            "model.alias": ("late@champion", "late@candidate"),
            "model.version": ("late/1", "late/2"),
            "scaling[fixed].replicas": ({"replicas": 2}, {"replicas": 3}),
            "scaling[autoscaled].min": (AUTOSCALED, {**AUTOSCALED, "min": 2}),
            "scaling[autoscaled].max": (AUTOSCALED, {**AUTOSCALED, "max": 4}),
            "scaling[autoscaled].requests_per_replica": (
                AUTOSCALED,
                {**AUTOSCALED, "requests_per_replica": 7},
            ),
            "scaling[serverless].memory_gb": ({"memory_gb": 2}, {"memory_gb": 4}),
            "scaling[serverless].max_concurrency": ({"memory_gb": 2}, {"max_concurrency": 5}),
            "scaling[async].max": ({"mode": "async", "max": 1}, {"mode": "async", "max": 2}),
            "scaling[async].concurrency_per_replica": (
                {"mode": "async"},
                {"mode": "async", "concurrency_per_replica": 9},
            ),
            **_COMPUTE,
            "rollout[canary].percent": ({"percent": 10}, {"percent": 20}),
            "rollout[canary].wait": ({"percent": 10}, {"percent": 10, "wait": "11m"}),
            "rollout[linear].step_percent": ({"step_percent": 20}, {"step_percent": 50}),
            "rollout[linear].wait": ({"step_percent": 20}, {"step_percent": 20, "wait": "6m"}),
            "capture.percent": ({"percent": 10}, {"percent": 20}),
            "authentication": ("identity", "key"),
            "timeout": ("50s", "40s"),
            **_ENVIRONMENT,
        },
    ),
)
"""Both values of each field of each kind; `target` itself is what the plans are compared on."""


def leaves(part: type[Part], prefix: str = "") -> Iterator[str]:
    """Yield the path of every field that holds a value, through parts and variants."""
    for name, info in part.model_fields.items():
        parts = list(_parts_in(info.annotation))
        tagged = len(parts) > 1 or any("mode" in inner.model_fields for inner in parts)
        if name == "mode":
            continue
        if not parts:
            yield f"{prefix}{name}"
        for inner in parts:
            mode = f"[{inner.model_fields['mode'].default}]" if tagged else ""
            yield from leaves(inner, f"{prefix}{name}{mode}.")


def _parts_in(annotation: Any) -> Iterator[type[Part]]:
    if get_origin(annotation) is Ref:
        return  # names a component, and holds none
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts_in(argument)


def uncovered() -> list[str]:
    """Return the fields that no flip covers."""
    covered = {flip.id for flip in FLIPS}
    every = [f"{kind}.{path}" for kind, spec in KINDS.items() for path in leaves(spec)]
    return [path for path in every if path not in covered and path != "Platform.target"]
