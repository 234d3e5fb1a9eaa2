"""A declaration with features, a monitor and a policy on Azure. Not a test."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from mlops_iac.specs import (
    ColumnType,
    Dataset,
    FeatureGroup,
    ModelEndpoint,
    ModelMonitor,
    Pipeline,
    RegisteredModel,
    RetrainingPolicy,
    Spec,
    TrainingJob,
)
from tests.providers.azure.harness import DIGEST, Recording, planned, record
from tests.providers.azure.scenarios import write_project

IMAGE = f"example.azurecr.io/runtime@{DIGEST}"
GATE = {"metric": "roc_auc", "data": "departures", "label": "late", "threshold": 0.5}


def weather(**changes: Any) -> FeatureGroup:
    """Return a group of weather by airport."""
    told: dict[str, Any] = {
        "data": "hours",
        "entities": ("origin",),
        "event_time": "time_hour",
        "features": {"temp": ColumnType.NUMBER},
        **changes,
    }
    return FeatureGroup("weather", **told)


def renewed(
    monitor: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    job: dict[str, Any] | None = None,
    group: dict[str, Any] | None = None,
) -> tuple[Spec, ...]:
    """Return the declaration, with some fields of it changed."""
    watched: dict[str, Any] = {"endpoint": "score", "signals": ("data_drift",), **(monitor or {})}
    served: dict[str, Any] = {"model": "late@champion", "capture": {"percent": 100}}
    steps: dict[str, Any] = {"steps": ["delay"], "gates": [GATE]}
    followed: dict[str, Any] = {
        "monitor": "watch", "pipeline": "again", "promotion": "automatic", **(policy or {})
    }  # fmt: skip
    trained: dict[str, Any] = {"script": "code/train.py", "data": "departures", "model": "late"}
    return (
        Dataset("departures", source="data/*.parquet"),
        Dataset("hours", source="data/*.parquet"),
        weather(**(group or {})),
        RegisteredModel("late"),
        TrainingJob("delay", **trained, **(job or {})),
        ModelEndpoint("score", **served),
        ModelMonitor("watch", **watched),
        Pipeline("again", **steps),
        RetrainingPolicy("renew", **followed),
    )


def recorded(folder: Path, *specs: Spec, **platform: Any) -> Recording:
    """Return what a declaration registers."""
    write_project(folder)
    return record(planned(specs, folder, **{"runtime_image": IMAGE, **platform}))


@cache
def whole() -> Recording:
    """Return what the whole declaration registers, with a budget; made once."""
    return recorded(Path(mkdtemp(prefix="mlops-loop-")), *renewed(policy={"budget": "2h"}))


def inputs(found: Recording, name: str) -> dict[str, Any]:
    """Return the inputs of the one resource of that logical name."""
    (one,) = (dict(each.inputs) for each in found.records if each.name == name)
    return one
