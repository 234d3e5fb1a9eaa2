"""Both values of each field of each kind, as `mlops.yaml` holds them; data of `flips`."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.testing.examples import Own

IMAGE, OTHER_IMAGE = Own("image"), Own("other_image")
GPU = {"kind": "t4"}
CARD = {"intended_use": "tell late flights", "owner": "operations"}
GATE = {"metric": "roc_auc", "data": "departures", "label": "late"}
DEPTH = {"mode": "integer", "min": 2, "max": 8}
TRUTH = {"metric": "roc_auc", "threshold": 0.7}
AUTOSCALED = {"min": 1, "max": 3}
RIVAL = {"model": "late@challenger"}


_COMPUTE: Mapping[str, tuple[Any, Any]] = {
    "compute.cpu": (None, {"cpu": 4}),
    "compute.memory_gb": (None, {"memory_gb": 20}),
    "compute.disk_gb": (None, {"disk_gb": 60}),
    "compute.accelerator.kind": ({"accelerator": GPU}, {"accelerator": {"kind": "v100"}}),
    "compute.accelerator.count": ({"accelerator": GPU}, {"accelerator": {**GPU, "count": 4}}),
}
_DATA: Mapping[str, tuple[Any, Any]] = {
    "data": ("departures", {"flights": "departures"}),
    "data.name": ("departures", "arrivals"),
    "data.output": ("clean/rows", "clean/hours"),
}
_ONE_DATA: Mapping[str, tuple[Any, Any]] = {
    path: _DATA[path] for path in ("data.name", "data.output")
}
_SCHEDULE: Mapping[str, tuple[Any, Any]] = {
    "schedule[cron].cron": ({"cron": "0 3 * * *"}, {"cron": "0 4 * * *"}),
    "schedule[cron].timezone": (
        {"cron": "0 3 * * *"},
        {"cron": "0 3 * * *", "timezone": "Europe/Berlin"},
    ),
    "schedule[every].every": ({"every": "1h"}, {"every": "2h"}),
}
_ENVIRONMENT: Mapping[str, tuple[Any, Any]] = {
    "environment": ({"A": "1"}, {"A": "2"}),
    "environment.secret": ({"A": {"secret": "one"}}, {"A": {"secret": "two"}}),
}

PLACED = {"network": Own("network"), "subnets": Own("subnets")}
NETWORK = {**PLACED, "security_groups": Own("security_groups")}

ROWS: Mapping[str, Mapping[str, tuple[Any, Any]]] = {
    "Platform": {
        "name": ("platform", "ground"),
        "region": (Own("region"), Own("other_region")),
        "account": (Own("account"), Own("other_account")),
        "role": (Own("role"), Own("other_role")),
        "profile": ("dev", "prod"),
        # With groups of its own a workload needs no network beside them.
        "network[existing].network": (
            PLACED,
            {**PLACED, "network": Own("other_network")},
        ),
        "network[existing].subnets": (PLACED, {**PLACED, "subnets": Own("other_subnets")}),
        "network[existing].security_groups": (PLACED, NETWORK),
        "network[own].address_range": (
            {"mode": "own"},
            {"address_range": "10.80.0.0/16"},
        ),
        "network[own].zones": ({"mode": "own"}, {"zones": 3}),
        "encryption[customer].rotation_days": (
            {"rotation_days": 90},
            {"rotation_days": 120},
        ),
        "encryption[existing].key": ({"key": Own("key")}, {"key": Own("other_key")}),
        "tags": ({"team": "a"}, {"team": "b"}),
        "runtime_image": (IMAGE, OTHER_IMAGE),
    },
    "Dataset": {
        "name": ("departures", "leavings"),
        "source": ("data/*.csv", "data/a.csv"),
        "format": ("csv", "files"),
        "columns": ({"x": "number"}, {"x": "string"}),
        "description": ("one", "two"),
    },
    "RegisteredModel": {
        "name": ("late", "tardy"),
        "approval": ("automatic", "manual"),
        "description": ("one", "two"),
        "card.intended_use": (CARD, {**CARD, "intended_use": "other"}),
        "card.owner": (CARD, {**CARD, "owner": "other"}),
        "card.limitations": (CARD, {**CARD, "limitations": "none known"}),
        "trust_pickle": (False, True),
    },
    "TrainingJob": {
        "name": ("delay", "lateness"),
        "script": ("train.py", "other.py"),
        "image": (IMAGE, OTHER_IMAGE),
        "requirements": (None, "requirements.txt"),
        "framework": ("sklearn", "xgboost"),
        **_DATA,
        "features": (None, ["weather"]),
        "experiment": ("trials", "others"),
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
    "ModelEndpoint": {
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
        "challenger.model.name": (RIVAL, {"model": "second@challenger"}),
        "challenger.model.alias": (RIVAL, {"model": "late@candidate"}),
        "challenger.model.version": ({"model": "late/1"}, {"model": "late/2"}),
        "challenger.percent": (RIVAL, {**RIVAL, "percent": 20}),
        "challenger.shadow": (RIVAL, {**RIVAL, "shadow": True}),
        "capture.percent": ({"percent": 10}, {"percent": 20}),
        "authentication": ("identity", "key"),
        "timeout": ("50s", "40s"),
        **_ENVIRONMENT,
    },
    "ProcessingJob": {
        "name": ("clean", "tidy"),
        "script": ("process.py", "other.py"),
        "image": (IMAGE, OTHER_IMAGE),
        "requirements": (None, "requirements.txt"),
        "data": ("departures", {"flights": "departures"}),
        "data.name": ("departures", "arrivals"),
        "data.output": ("first/rows", "first/hours"),
        "outputs": ({"rows": "csv"}, {"rows": "parquet"}),
        "outputs.name": ({"rows": "csv"}, {"lines": "csv"}),
        "parameters": ({"limit": 3}, {"limit": 3.0}),
        **_COMPUTE,
        "instances": (None, 2),
        "spot.max_wait": ({"max_wait": "5h"}, {"max_wait": "6h"}),
        "timeout": ("1h", "2h"),
        **_ENVIRONMENT,
        "run": ("on_change", "manual"),
        "wait": ("finished", "submitted"),
    },
    "DataValidation": {
        "name": ("contract", "promise"),
        **_ONE_DATA,
        "columns": ({"x": {}}, {"y": {}}),
        "columns.type": ({"x": {"type": "number"}}, {"x": {"type": "integer"}}),
        "columns.nullable": ({"x": {}}, {"x": {"nullable": True}}),
        "columns.unique": ({"x": {}}, {"x": {"unique": True}}),
        "columns.min": ({"x": {"min": 0}}, {"x": {"min": 1}}),
        "columns.max": ({"x": {"max": 8}}, {"x": {"max": 9}}),
        "columns.one_of": ({"x": {"one_of": [1, 2]}}, {"x": {"one_of": [1, 3]}}),
        "columns.pattern": ({"x": {"pattern": "a+"}}, {"x": {"pattern": "b+"}}),
        "columns.max_failures_percent": ({"x": {}}, {"x": {"max_failures_percent": 5}}),
        "min_rows": (10, 20),
        "max_rows": (100, 200),
        **_COMPUTE,
        "timeout": ("1h", "2h"),
    },
    "FeatureGroup": {
        "name": ("weather", "climate"),
        **_ONE_DATA,
        "entities": (["origin"], ["destination"]),
        "event_time": ("when", "moment"),
        "features": ({"wind": "number"}, {"wind": "integer"}),
        "features.name": ({"wind": "number"}, {"rain": "number"}),
        "ttl": ("6h", "7h"),
        "offline": (True, False),
        "online": (True, False),
        "description": ("one", "two"),
    },
    "ExperimentTracker": {
        "name": ("trials", "attempts"),
        "description": ("one", "two"),
        "server": (None, {"size": "small"}),
        "server.size": ({"size": "small"}, {"size": "large"}),
    },
    "HyperparameterSearch": {
        "name": ("tune", "adjust"),
        "job": ("delay", "again"),
        "parameters[number].min": (
            {"rate": {"min": 0.1, "max": 0.5}},
            {"rate": {"min": 0.2, "max": 0.5}},
        ),
        "parameters[number].max": (
            {"rate": {"min": 0.1, "max": 0.5}},
            {"rate": {"min": 0.1, "max": 0.6}},
        ),
        "parameters[number].log": (
            {"rate": {"min": 0.1, "max": 0.5}},
            {"rate": {"min": 0.1, "max": 0.5, "log": True}},
        ),
        "parameters[integer].min": ({"depth": DEPTH}, {"depth": {**DEPTH, "min": 3}}),
        "parameters[integer].max": ({"depth": DEPTH}, {"depth": {**DEPTH, "max": 9}}),
        "parameters[integer].log": ({"depth": DEPTH}, {"depth": {**DEPTH, "log": True}}),
        "parameters[choice].choices": (
            {"solver": {"choices": ["a", "b"]}},
            {"solver": {"choices": ["a", "c"]}},
        ),
        "metric": ("auc", "loss"),
        "goal": ("maximize", "minimize"),
        "strategy": ("bayesian", "random"),
        "trials": (4, 5),
        "parallel": (1, 2),
        "seed": (0, 1),
        "timeout": ("1h", "2h"),
        "run": ("on_change", "manual"),
        "wait": ("finished", "submitted"),
    },
    "Pipeline": {
        "name": ("daily", "nightly"),
        "steps.run": (["clean", "delay"], ["clean", "again"]),
        "steps.after": (["clean", "delay"], ["clean", {"run": "delay", "after": []}]),
        "gates": (None, [GATE]),
        "gates.metric": ([GATE], [{**GATE, "metric": "f1"}]),
        "gates.data.name": ([GATE], [{**GATE, "data": "arrivals"}]),
        "gates.data.output": (
            [{**GATE, "data": "clean/rows"}],
            [{**GATE, "data": "clean/hours"}],
        ),
        "gates.label": ([GATE], [{**GATE, "label": "x"}]),
        "gates.threshold": ([GATE], [{**GATE, "threshold": 0.7}]),
        "gates.margin": ([GATE], [{**GATE, "margin": None}]),
        **_SCHEDULE,
        "timeout": ("1h", "2h"),
    },
    "BatchInference": {
        "name": ("forecast", "outlook"),
        "model.name": ("late", "second"),
        "model.alias": ("late@champion", "late@candidate"),
        "model.version": ("late/1", "late/2"),
        **_ONE_DATA,
        "keep": (["x"], ["y"]),
        **_COMPUTE,
        **_SCHEDULE,
        "timeout": ("1h", "2h"),
        **_ENVIRONMENT,
        "run": ("on_change", "manual"),
        "wait": ("finished", "submitted"),
    },
    "ModelMonitor": {
        "name": ("watch", "vigil"),
        "endpoint": ("seen", "heard"),
        "signals": (["data_drift"], ["data_drift", "data_quality"]),
        "baseline.name": ("departures", "arrivals"),
        "baseline.output": ("clean/rows", "clean/hours"),
        **_SCHEDULE,
        "min_rows": (10, 20),
        "max_rows": (1000, 2000),
        "quality.missing": ({"missing": 0.1}, {"missing": 0.2}),
        "quality.invalid": ({"invalid": 0.1}, {"invalid": 0.2}),
        "drift.columns": ({"columns": 0.4}, {"columns": 0.6}),
        "drift.distance": ({"distance": 0.1}, {"distance": 0.2}),
        "performance.metric": (TRUTH, {**TRUTH, "metric": "f1"}),
        "performance.threshold": (TRUTH, {**TRUTH, "threshold": 0.8}),
        **_COMPUTE,
        "timeout": ("20m", "30m"),
    },
    "RetrainingPolicy": {
        "name": ("renew", "refresh"),
        "monitor": ("sentry", "sentinel"),
        "pipeline": ("reviewed", "audited"),
        "on": (["data_drift"], ["prediction_drift"]),
        "confirm": (1, 2),
        "cooldown": ("1d", "2d"),
        "max_runs": (3, 4),
        "budget": ("1h", "2h"),
        "period": ("20d", "30d"),
        "promotion": ("manual", "automatic"),
        "watch": ("10m", "11m"),
    },
}
"""Before and after, by kind and by the path of the field; `None` leaves the field out."""

WITH: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("TrainingJob", "image"): {"script": None},
    ("ProcessingJob", "image"): {"script": None},
    ("ModelMonitor", "performance"): {"signals": ["model_quality"]},
}
"""Other fields of the kind that must be so while a field is flipped."""

SUBJECTS: Mapping[str, str] = {
    "Dataset": "departures",
    "ProcessingJob": "clean",
    "DataValidation": "contract",
    "FeatureGroup": "weather",
    "ExperimentTracker": "trials",
    "TrainingJob": "delay",
    "HyperparameterSearch": "tune",
    "RegisteredModel": "late",
    "Pipeline": "daily",
    "ModelEndpoint": "score",
    "BatchInference": "forecast",
    "ModelMonitor": "watch",
    "RetrainingPolicy": "renew",
}
"""Member of the cast whose fields are flipped, by kind; the platform is nobody's."""

READERS: Mapping[str, tuple[str, ...]] = {
    "Platform": ("score",),
    "Dataset": ("delay",),
    "RegisteredModel": ("score",),
}
"""Members that stand beside a kind of which something shows only in those who use it."""
