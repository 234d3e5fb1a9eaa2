"""Small components that the kit's declarations are made of, and those that one of them needs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mlops_iac.specs import KINDS, BatchInference, ModelEndpoint, Spec, TrainingJob

_DATA = {"source": "data/*.csv", "format": "csv"}
_CLEANING = {
    "script": "process.py",
    "data": "departures",
    "outputs": {"rows": "csv", "hours": "csv"},
}
_TRAINING = {"script": "train.py", "data": "departures"}
_SIGNALS = ["data_drift", "prediction_drift"]
_GATE = {"metric": "roc_auc", "data": "departures", "label": "late"}

CAST: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "departures": ("Dataset", _DATA),
    "arrivals": ("Dataset", {**_DATA, "source": "data/a.csv"}),
    "first": ("ProcessingJob", _CLEANING),
    "clean": ("ProcessingJob", _CLEANING),
    "contract": ("DataValidation", {"data": "departures", "columns": {"x": {}}}),
    "weather": (
        "FeatureGroup",
        {
            "data": "departures",
            "entities": ["origin"],
            "event_time": "when",
            "features": {"wind": "number"},
        },
    ),
    "trials": ("ExperimentTracker", {}),
    "others": ("ExperimentTracker", {}),
    "late": ("RegisteredModel", {}),
    "second": ("RegisteredModel", {}),
    "delay": ("TrainingJob", {**_TRAINING, "model": "late"}),
    "again": ("TrainingJob", {**_TRAINING, "model": "second"}),
    "tune": (
        "HyperparameterSearch",
        {"job": "delay", "parameters": {"depth": {"choices": [2, 3]}}, "metric": "auc"},
    ),
    "score": ("ModelEndpoint", {"model": "late"}),
    "seen": ("ModelEndpoint", {"model": "late", "capture": {"percent": 100}}),
    "heard": ("ModelEndpoint", {"model": "second", "capture": {"percent": 100}}),
    "daily": ("Pipeline", {"steps": ["delay"], "gates": [_GATE]}),
    "forecast": ("BatchInference", {"model": "late", "data": "departures"}),
    "watch": ("ModelMonitor", {"endpoint": "seen", "signals": _SIGNALS}),
    # A person approves these versions: what a policy that does not promote by itself stands on.
    "judged": ("RegisteredModel", {"approval": "manual"}),
    "trained": ("TrainingJob", {**_TRAINING, "model": "judged"}),
    "served": ("ModelEndpoint", {"model": "judged", "capture": {"percent": 100}}),
    "sentry": ("ModelMonitor", {"endpoint": "served", "signals": _SIGNALS}),
    "sentinel": ("ModelMonitor", {"endpoint": "served", "signals": _SIGNALS}),
    "reviewed": ("Pipeline", {"steps": ["trained"], "gates": [_GATE]}),
    "audited": ("Pipeline", {"steps": ["trained"], "gates": [_GATE]}),
    "renew": ("RetrainingPolicy", {"monitor": "sentry", "pipeline": "reviewed"}),
}
"""Kind and fields, as `mlops.yaml` holds them, by name; one of each kind that a stack can hold."""


def member(name: str, **fields: Any) -> Spec:
    """Return one of the cast, with some of its fields changed; `None` leaves one out."""
    kind, own = CAST[name]
    return spec(kind, name, {**own, **fields})


def spec(kind: str, name: str, fields: Mapping[str, Any]) -> Spec:
    """Return a component; a field that is `None` is left out."""
    return KINDS[kind](name, **{key: value for key, value in fields.items() if value is not None})


def company(specs: Iterable[Spec]) -> tuple[Spec, ...]:
    """Return the members of the cast that `specs` need and do not hold themselves."""
    given = {each.name for each in specs}
    found: dict[str, Spec] = {}
    waiting = list(specs)
    while waiting:
        for name in _needs(waiting.pop()):
            if name in CAST and name not in given and name not in found:
                found[name] = member(name)
                waiting.append(found[name])
    return tuple(found.values())


def _needs(spec: Spec) -> Iterator[str]:
    yield from (reference.name for reference in spec.references())
    if isinstance(spec, ModelEndpoint | BatchInference):
        # A model that is served needs a job that trains it.
        for name, (kind, fields) in CAST.items():
            if kind == TrainingJob.kind and fields["model"] == spec.model.name:
                yield name


_TRAIN = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression

import mlops_iac.runtime as runtime

context = runtime.training_context()
(folder,) = context.inputs.values()
rows = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("*.csv"))])
model = LogisticRegression().fit(rows[["x", "y"]], rows["late"])
context.log_metrics({"auc": model.score(rows[["x", "y"]], rows["late"])})
context.log_model(model, example=rows[["x", "y"]].head(3), pip_requirements=[])
"""
_PROCESS = """\
import pandas as pd

import mlops_iac.runtime as runtime

context = runtime.processing_context()
(folder,) = context.inputs.values()
rows = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("*.csv"))])
for name, output in context.outputs.items():
    rows.to_csv(output / f"{name}.csv", index=False)
"""
ROWS = 60
"""Rows of each file of data."""


def write_project(folder: Path) -> Path:
    """Write every file that the kit's declarations name, with programs that run; return `folder`.

    The data is the same each time: 2 files of 60 rows.
    """
    for name, text in {
        "data/a.csv": _rows(0),
        "data/b.csv": _rows(ROWS),
        "train.py": _TRAIN,
        "process.py": _PROCESS,
        "other.py": "print('another program')\n",
        "requirements.txt": "numpy==2.0.0\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def _rows(start: int) -> str:
    lines = ["origin,when,moment,destination,wind,rain,x,y,late"]
    for n in range(start, start + ROWS):
        time = f"2024-01-{1 + n // 24:02d}T{n % 24:02d}:00:00"
        x, y = n * 7 % 11, n * 5 % 13
        cells = ("JFK" if n % 2 else "LGA", time, time, "BOS", n % 9, n % 4, x, y, int(x > y))
        lines.append(",".join(map(str, cells)))
    return "\n".join(lines) + "\n"
