"""One declaration with all fourteen kinds, as a team would run it. Not a test."""

from collections.abc import Iterable

from mlops_iac.specs import (
    BatchInference,
    Dataset,
    DataValidation,
    FeatureGroup,
    HyperparameterSearch,
    ModelEndpoint,
    ModelMonitor,
    Pipeline,
    ProcessingJob,
    RegisteredModel,
    RetrainingPolicy,
    Spec,
    TrainingJob,
)


def complete(
    evaluation: str, trackers: Iterable[Spec], endpoints: Iterable[Spec] = ()
) -> tuple[Spec, ...]:
    """Return every kind but the platform, joined to one loop from data to retraining.

    Args:
        evaluation: where the labelled data of the gates lies.
        trackers: where runs are told; one is called `compare`.
        endpoints: others that serve `late`, of forms that only some clouds have.
    """
    return (*_data(evaluation), *trackers, *_learning(), *_score(), *endpoints, *_after())


def _data(evaluation: str) -> tuple[Spec, ...]:
    return (
        Dataset("departures", source="data/*.csv"),
        Dataset("evaluation", source=evaluation, format="parquet"),
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


def _score() -> tuple[Spec, ...]:
    return (
        ModelEndpoint(
            "score",
            model="late@champion",
            scaling={"min": 2, "max": 6, "requests_per_replica": 200},
            rollout={"percent": 20, "wait": "5m"},
            capture={"percent": 50},
        ),
    )


def _after() -> tuple[Spec, ...]:
    return (
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
