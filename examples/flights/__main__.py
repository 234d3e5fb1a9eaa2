"""The declaration of `mlops.yaml` in Python; a test shows that both plan alike."""

from mlops_iac import (
    Dataset,
    DataValidation,
    Expectation,
    FeatureGroup,
    Gate,
    HyperparameterSearch,
    IntegerRange,
    ModelEndpoint,
    ModelMonitor,
    NumberRange,
    Performance,
    Pipeline,
    Platform,
    ProcessingJob,
    RegisteredModel,
    RetrainingPolicy,
    Stack,
    TrainingJob,
)

WEATHER = ["temp", "dewp", "humid", "wind_speed", "pressure", "visib"]
LEARN = {
    "script": "training/train.py",
    "data": {"departures": "departures", "outcomes": "outcomes"},
    "features": ["airports"],
    "model": "late",
    "metrics": ["auc"],
}

data = [
    Dataset(
        "departures",
        source="data/departures/*.parquet",
        description="Flights of 2013 from New York",
    ),
    Dataset(
        "weather",
        source="data/weather/*.parquet",
        description="Weather at the three airports, hourly",
    ),
    Dataset(
        "outcomes",
        source="data/outcomes/*.parquet",
        description="Which flights left late, as far as known",
    ),
    Dataset(
        "evaluation",
        source="data/evaluation/*.parquet",
        description="The newest days: candidates are judged on them",
    ),
]
features = [
    DataValidation(
        "contract",
        data="weather",
        columns={
            "origin": Expectation(one_of=["EWR", "JFK", "LGA"]),
            "time": Expectation(type="timestamp"),
            "temp": Expectation(min=-40, max=130),
            "humid": Expectation(min=0, max=100),
            "wind_speed": Expectation(min=0, max=200, max_failures_percent=0.1),
            "visib": Expectation(min=0, max=10),
        },
    ),
    ProcessingJob(
        "hourly", script="processing/hourly.py", data="weather", outputs={"airports": "parquet"}
    ),
    FeatureGroup(
        "airports",
        data="hourly/airports",
        entities=["origin"],
        event_time="time",
        features=dict.fromkeys(WEATHER, "number"),
    ),
]
training = [
    RegisteredModel("late", approval="manual", description="More than 15 minutes late?"),
    TrainingJob("first", **LEARN, hyperparameters={"rows": 6000, "max_iter": 30}),
    TrainingJob("delay", **LEARN, hyperparameters={"max_iter": 30}, run="manual"),
    HyperparameterSearch(
        "tune",
        job="delay",
        metric="auc",
        parameters={
            "learning_rate": NumberRange(min=0.05, max=0.3, log=True),
            "max_leaf_nodes": IntegerRange(min=6, max=24),
        },
        trials=4,
        run="manual",
    ),
    Pipeline(
        "retrain",
        steps=["contract", "hourly", "airports", "tune"],
        gates=[Gate(metric="roc_auc", data="evaluation", label="late", threshold=0.6)],
    ),
]
serving = [
    ModelEndpoint("score", model="late@champion", capture={"percent": 100}),
    ModelMonitor(
        "watch",
        endpoint="score",
        signals=["data_quality", "data_drift", "prediction_drift", "model_quality"],
        performance=Performance(metric="roc_auc", threshold=0.55),
        schedule={"every": "2s"},
        min_rows=1000,
        drift={"distance": 0.2},
    ),
    RetrainingPolicy(
        "refresh", monitor="watch", pipeline="retrain", on=["data_drift"], promotion="automatic"
    ),
]

Stack(
    "flights",
    platform=Platform(target="local"),
    components=[*data, *features, *training, *serving],
).build()
