"""Declarations that together use every field and variant of the kinds on `aws`. Not a test."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    ExperimentTracker,
    FeatureGroup,
    HyperparameterSearch,
    ModelEndpoint,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    Spec,
    TrainingJob,
)
from tests.providers.aws.complete import complete

DIGEST = "sha256:" + "0123456789abcdef" * 4
RUNTIME = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/runtime@{DIGEST}"
FOREIGN = f"registry.example.com/team/train@{DIGEST}"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NETWORK = {
    "network": "vpc-0a1b2c3d4e5f60718",
    "subnets": ("subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"),
}
ROLE = "arn:aws:iam::123456789012:role/deployer"


def write_files(folder: Path) -> Path:
    """Write the files that the declarations name; return the folder."""
    for name, text in {
        "data/2013-01.csv": "late,delay\n0,3\n",
        "data/2013-02.csv": "late,delay\n1,33\n",
        "train.py": "print('trained')\n",
        "helpers.py": "ANSWER = 42\n",
        "requirements.txt": "scikit-learn==1.7.0\n",
        "mlops.yaml": "name: shop\n",
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return folder


def flights(**fields: Any) -> Dataset:
    """Return a dataset of local files."""
    return Dataset("flights", **{"source": "data/*.csv", "format": "csv", **fields})


def late(**fields: Any) -> RegisteredModel:
    """Return a registered model."""
    return RegisteredModel("late", **fields)


def delay(**fields: Any) -> TrainingJob:
    """Return a training job."""
    given = {"script": "train.py", "data": "flights", "model": "late", **fields}
    return TrainingJob("delay", **{k: v for k, v in given.items() if v is not None})


def score(**fields: Any) -> ModelEndpoint:
    """Return an endpoint."""
    return ModelEndpoint("score", **{"model": "late", **fields})


def base(**endpoint: Any) -> tuple[Spec, ...]:
    """Return the four components, with fields of the endpoint."""
    return (flights(), late(), delay(), score(**endpoint))


@dataclass(frozen=True)
class Scenario:
    """A declaration that AWS must take."""

    components: Callable[[], tuple[Spec, ...]]
    platform: Mapping[str, Any] = field(default_factory=dict)


def _full() -> tuple[Spec, ...]:
    return (
        flights(columns={"late": "boolean", "delay": "number"}, description="Flights in January"),
        Dataset("weather", source="s3://open-weather/2013/", format="parquet"),
        late(
            approval="manual",
            description="Will a flight be late?",
            trust_pickle=True,
            card={"intended_use": "demo", "owner": "team", "limitations": "New York only"},
        ),
        delay(
            data={"flights": "flights", "weather": "weather"},
            requirements="requirements.txt",
            framework="xgboost",
            hyperparameters={"depth": 6, "rate": 0.1, "deep": True, "kind": "gbtree"},
            metrics=("auc", "log loss"),
            compute={"cpu": 8, "memory_gb": 32, "disk_gb": 200},
            instances=2,
            spot={"max_wait": "6h"},
            timeout="2h",
            environment={"STAGE": "prod", "TOKEN": {"secret": "team/token"}},
            wait="finished",
        ),
        score(
            model="late@champion",
            scaling={"min": 2, "max": 6, "requests_per_replica": 200},
            rollout={"percent": 20, "wait": "5m"},
            capture={"percent": 50},
            timeout="30s",
            environment={"LEVEL": "info", "API_KEY": {"secret": "api-key"}},
        ),
    )


def _gpu() -> tuple[Spec, ...]:
    compute = {"cpu": 4, "memory_gb": 16, "accelerator": {"kind": "t4"}, "disk_gb": 100}
    return (
        flights(),
        late(),
        delay(framework="pytorch", compute=compute),
        score(model="late/3", compute=compute, rollout={"step_percent": 25, "wait": "2m"}),
    )


def _data_jobs() -> tuple[Spec, ...]:
    return (
        flights(columns={"late": "boolean", "delay": "number"}),
        ProcessingJob(
            "clean",
            script="train.py",
            data={"raw": "flights"},
            outputs={"rows": "parquet", "notes": "files"},
            parameters={"limit": 3, "strict": True},
            instances=2,
            compute={"cpu": 4, "memory_gb": 16},
            environment={"STAGE": "prod", "TOKEN": {"secret": "team/token"}},
        ),
        DataValidation(
            "contract",
            data="clean/rows",
            columns={"late": {"one_of": (0, 1)}, "delay": {"min": 0, "nullable": True}},
        ),
        late(),
        delay(data="clean/rows"),
    )


def _features() -> tuple[Spec, ...]:
    weather = Dataset("weather", source="s3://open-weather/2013/", format="parquet")
    keys = {"entities": ("origin",), "event_time": "time_hour"}
    return (
        flights(columns={"late": "boolean", "delay": "number"}),
        weather,
        FeatureGroup(
            "airports",
            data="weather",
            **keys,
            features={"temp": "number", "gusty": "boolean", "seen": "timestamp", "n": "integer"},
            ttl="6h",
            description="Weather at the airports",
        ),
        FeatureGroup(
            "gates",
            data="flights",
            entities=("origin", "gate"),
            event_time="time_hour",
            features={"name": "string"},
            offline=False,
        ),
        FeatureGroup("past", data="weather", **keys, features={"dewp": "number"}, online=False),
        ExperimentTracker("compare", description="All late flights"),
        ExperimentTracker("team", server={"size": "medium"}),
        late(),
        delay(features=("airports", "past"), experiment="compare"),
        TrainingJob("other", script="train.py", data="flights", experiment="team", run="manual"),
        score(),
    )


def _pipelines() -> tuple[Spec, ...]:
    return (
        flights(),
        Dataset("labelled", source="s3://open-flights/labelled/", format="parquet"),
        late(approval="manual"),
        ProcessingJob(
            "clean", script="train.py", data="flights", outputs={"rows": "csv"}, run="manual"
        ),
        DataValidation("contract", data="clean/rows", columns={"late": {}}),
        delay(
            data="clean/rows",
            run="manual",
            metrics=("auc",),
            hyperparameters={"depth": 6, "rate": 0.1},
            spot={},
        ),
        HyperparameterSearch(
            "tune",
            job="delay",
            parameters={
                "depth": {"mode": "integer", "min": 2, "max": 8},
                "rate": {"min": 0.01, "max": 0.3, "log": True},
                "kind": {"choices": ("a", 1, True)},
            },
            metric="auc",
            run="manual",
        ),
        HyperparameterSearch(
            "grid",
            job="delay",
            parameters={"depth": {"mode": "integer", "min": 2, "max": 4}},
            metric="auc",
            goal="minimize",
            strategy="grid",
            run="manual",
        ),
        Pipeline(
            "daily",
            steps=("clean", "contract", {"run": "tune", "after": ("contract",)}),
            gates=(
                {"metric": "roc_auc", "data": "labelled", "label": "late", "threshold": 0.7},
                {"metric": "f1", "data": "clean/rows", "label": "late", "margin": None},
            ),
            schedule={"cron": "0 3 * * 1-5", "timezone": "Europe/Berlin"},
        ),
        Pipeline("plain", steps=("clean", "delay"), schedule={"every": "12h"}),
        BatchInference(
            "forecast",
            model="late@champion",
            data="labelled",
            keep=("delay",),
            schedule={"cron": "30 4 1 * *"},
        ),
        BatchInference("pinned", model="late/2", data="flights", run="manual"),
    )


SCENARIOS: Mapping[str, Scenario] = {
    "pipelines": Scenario(_pipelines),
    "pipelines-prod-customer-key": Scenario(
        _pipelines,
        {"profile": "prod", "encryption": {"rotation_days": 90}, "network": NETWORK},
    ),
    "data-jobs": Scenario(_data_jobs),
    "data-jobs-regulated": Scenario(
        _data_jobs,
        {"profile": "regulated", "network": NETWORK, "encryption": {"key": KEY}},
    ),
    "minimal": Scenario(base),
    "full-dev": Scenario(_full),
    "full-prod-customer-key": Scenario(
        _full,
        {
            "profile": "prod",
            "encryption": {"rotation_days": 180},
            "tags": {"team": "ml", "cost center": "42"},
            "role": ROLE,
            "runtime_image": None,
        },
    ),
    "own-network": Scenario(
        base,
        {
            "profile": "regulated",
            "network": {"mode": "own", "zones": 3},
            "encryption": {"rotation_days": 90},
        },
    ),
    "regulated-network": Scenario(
        lambda: (flights(), late(), delay(requirements=None), score()),
        {
            "profile": "regulated",
            "network": {**NETWORK, "security_groups": ("sg-0a1b2c3d4e5f60718",)},
            "encryption": {"key": KEY},
            "runtime_image": RUNTIME,
        },
    ),
    "own-group-foreign-image": Scenario(
        lambda: (flights(), late(), delay(script=None, image=FOREIGN), score()),
        {"network": NETWORK, "encryption": {"key": KEY.replace("key/1234", "alias/1234")}},
    ),
    "gpu-pinned-linear": Scenario(_gpu, {"encryption": {"rotation_days": 90}}),
    "serverless": Scenario(lambda: base(scaling={"memory_gb": 4, "max_concurrency": 20})),
    "async": Scenario(
        lambda: base(
            scaling={"mode": "async", "max": 3, "concurrency_per_replica": 2},
            timeout=timedelta(minutes=30),
            capture={"percent": 100},
        ),
        {"encryption": {"rotation_days": 90}},
    ),
    "to-zero-linear": Scenario(
        lambda: base(
            scaling={"min": 0, "max": 4},
            rollout={"step_percent": 25, "wait": "5m"},
            environment={"TOKEN": {"secret": "shop/token"}},
        ),
        {"profile": "prod", "network": NETWORK, "encryption": {"rotation_days": 90}},
    ),
    "to-zero-gpu-pinned": Scenario(
        lambda: base(
            model="late/3",
            scaling={"min": 0, "max": 2},
            compute={"cpu": 4, "memory_gb": 16, "accelerator": {"kind": "t4"}},
        ),
    ),
    "split-canary": Scenario(
        lambda: base(
            challenger={"model": "late@challenger", "percent": 20},
            scaling={"min": 1, "max": 4},
            rollout={"percent": 10},
            capture={"percent": 100},
        ),
        {"encryption": {"rotation_days": 90}},
    ),
    "shadow": Scenario(
        lambda: base(
            model="late/3",
            challenger={"model": "late/4", "percent": 100, "shadow": True},
            scaling={"replicas": 2},
            capture={"percent": 100},
        ),
        {"profile": "prod", "network": NETWORK},
    ),
    "two-replicas-manual-run": Scenario(
        lambda: (
            flights(format="files", source="data"),
            late(),
            delay(run="manual", framework="lightgbm"),
            score(scaling={"replicas": 2}, compute={"cpu": 4, "memory_gb": 8}),
        ),
        {"profile": "prod"},
    ),
    "features": Scenario(_features, {"encryption": {"rotation_days": 90}}),
    "features-prod-network": Scenario(
        _features,
        {
            "profile": "prod",
            "network": {**NETWORK, "security_groups": ("sg-0a1b2c3d4e5f60718",)},
            "encryption": {"key": KEY},
        },
    ),
    "complete-prod": Scenario(
        complete,
        {"profile": "prod", "encryption": {"rotation_days": 90}, "network": NETWORK},
    ),
    "complete-regulated": Scenario(
        complete,
        {
            "profile": "regulated",
            "network": {"mode": "own", "zones": 3},
            "encryption": {"rotation_days": 90},
        },
    ),
    "no-model": Scenario(lambda: (flights(), delay(model=None, framework="other"))),
    "tracking-server-region": Scenario(base, {"region": "ca-west-1"}),
    "newest-region": Scenario(base, {"region": "mx-central-1"}),
}
