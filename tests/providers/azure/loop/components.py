"""Components of a declaration with features, a monitor and a policy. Not a test."""

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
