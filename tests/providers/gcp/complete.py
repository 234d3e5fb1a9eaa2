"""One declaration with all fourteen kinds, as a team would run it. Not a test."""

from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    ExperimentTracker,
    FeatureGroup,
    HyperparameterSearch,
    ModelEndpoint,
    ModelMonitor,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    RetrainingPolicy,
    Spec,
    TrackingServer,
    TrainingJob,
)


def complete() -> tuple[Spec, ...]:
    """Return every kind but the platform, joined to one loop from data to retraining."""
    return (*_data(), *_learning(), *_serving())


def _data() -> tuple[Spec, ...]:
    return (
        Dataset("departures", source="data/*.csv"),
        Dataset("evaluation", source="gs://open-flights/evaluation/*.parquet", format="parquet"),
        DataValidation("contract", data="departures", columns={"late": {"one_of": (0, 1)}}),
        ProcessingJob("hourly", script="train.py", data="departures", outputs={"rows": "parquet"}),
        FeatureGroup(
            "airports",
            data="hourly/rows",
            entities=("origin",),
            event_time="time",
            features={"temp": "number"},
        ),
    )


def _learning() -> tuple[Spec, ...]:
    return (
        ExperimentTracker("compare", server=TrackingServer()),
        RegisteredModel("late", approval="manual"),
        TrainingJob(
            "delay",
            script="train.py",
            data="departures",
            features=("airports",),
            model="late",
            experiment="compare",
            metrics=("auc",),
            run="manual",
        ),
        HyperparameterSearch(
            "tune",
            job="delay",
            metric="auc",
            parameters={"rate": {"min": 0.05, "max": 0.3, "log": True}},
            run="manual",
        ),
        Pipeline(
            "retrain",
            steps=("contract", "hourly", "airports", "tune"),
            gates=({"metric": "roc_auc", "data": "evaluation", "label": "late", "threshold": 0.6},),
            schedule={"cron": "0 3 * * 1-5", "timezone": "Europe/Berlin"},
        ),
    )


def _serving() -> tuple[Spec, ...]:
    return (
        ModelEndpoint(
            "score",
            model="late@champion",
            scaling={"min": 2, "max": 6, "requests_per_replica": 200},
            rollout={"percent": 20, "wait": "5m"},
            capture={"percent": 50},
        ),
        ModelEndpoint("light", model="late@champion", scaling={"max_concurrency": 48}),
        BatchInference("forecast", model="late@champion", data="evaluation", run="manual"),
        ModelMonitor(
            "watch",
            endpoint="score",
            signals=("data_quality", "data_drift", "prediction_drift", "model_quality"),
            performance={"metric": "roc_auc", "threshold": 0.55},
            schedule={"every": "1h"},
        ),
        RetrainingPolicy(
            "refresh",
            monitor="watch",
            pipeline="retrain",
            on=("data_drift",),
            promotion="automatic",
        ),
    )
