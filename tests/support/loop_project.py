"""A small project with every kind: made-up sensors, a model of failures, and the whole loop."""

from pathlib import Path

import numpy as np
import pandas as pd

MANIFEST = """\
name: sensors
platform: {target: local}
components:
  readings: {kind: Dataset, source: data/readings/*.parquet}
  failures: {kind: Dataset, source: data/failures/*.parquet}
  judged:   {kind: Dataset, source: data/judged/*.parquet}
  contract: {kind: DataValidation, data: readings, columns: {heat: {min: -50, max: 500}}}
  hourly:
    kind: ProcessingJob
    script: processing/hourly.py
    data: readings
    outputs: {machines: parquet}
  machines:
    kind: FeatureGroup
    data: hourly/machines
    entities: [machine]
    event_time: time
    features: {heat: number, load: number}
    ttl: 2h
  trials:   {kind: ExperimentTracker, description: "All that was tried", server: {}}
  learn:
    kind: TrainingJob
    script: training/train.py
    data: failures
    features: [machines]
    model: failing
    experiment: trials
    metrics: [auc]
    hyperparameters: {C: 1.0}
  search:
    kind: HyperparameterSearch
    job: learn
    metric: auc
    parameters: {C: {min: 0.1, max: 10, log: true}}
    trials: 2
    run: manual
  failing:  {kind: RegisteredModel, approval: manual, description: "Will it fail?"}
  again:
    kind: Pipeline
    steps: [contract, hourly, machines, search]
    gates: [{metric: roc_auc, data: judged, label: failed, threshold: 0.6}]
  score:    {kind: ModelEndpoint, model: failing@champion, capture: {percent: 100}}
  nightly:  {kind: BatchInference, model: failing, data: readings, run: manual}
  watch:
    kind: ModelMonitor
    endpoint: score
    signals: [data_quality, data_drift, prediction_drift]
    schedule: {every: 1s}
    min_rows: 300
  refresh:
    kind: RetrainingPolicy
    monitor: watch
    pipeline: again
    on: [data_drift]
    promotion: automatic
"""

PROCESSING = """\
import pandas as pd
from mlops_iac.runtime import processing_context

context = processing_context()
rows = pd.read_parquet(context.inputs["readings"])
rows.to_parquet(context.outputs["machines"] / "machines.parquet", index=False)
"""

TRAINING = """\
import pandas as pd
from mlops_iac.runtime import training_context
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

context = training_context()
rows = pd.read_parquet(context.inputs["failures"]).dropna()
inputs = rows[["heat", "load"]]
model = LogisticRegression(C=context.hyperparameters["C"]).fit(inputs, rows["failed"])
scores = model.predict_proba(inputs)[:, 1]
context.log_metrics({"auc": roc_auc_score(rows["failed"], scores)})
context.log_baseline(inputs)
context.log_model(model, example=inputs.head(3), pyfunc_predict_fn="predict_proba")
"""

START = pd.Timestamp("2026-01-01", tz="UTC")
MACHINES = ("m1", "m2", "m3")
HOURS = 200


def write_project(folder: Path) -> None:
    """Write declaration, scripts and data; the same bytes wherever it is."""
    for name, text in {
        "mlops.yaml": MANIFEST,
        "processing/hourly.py": PROCESSING,
        "training/train.py": TRAINING,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    draw = np.random.default_rng(0)
    readings = pd.DataFrame(
        {
            "machine": np.repeat(MACHINES, HOURS),
            "time": list(pd.date_range(START, periods=HOURS, freq="h")) * len(MACHINES),
            "heat": draw.normal(50, 10, HOURS * len(MACHINES)),
            "load": draw.normal(5, 1, HOURS * len(MACHINES)),
        }
    )
    write_rows(folder / "data/readings/a.parquet", readings)
    write_rows(folder / "data/failures/a.parquet", failures(readings, 1200, seed=1))
    write_rows(folder / "data/judged/a.parquet", failures(readings, 400, seed=2))


def failures(readings: pd.DataFrame, count: int, *, seed: int) -> pd.DataFrame:
    """Return labelled moments: a machine fails the likelier the hotter it was."""
    draw = np.random.default_rng(seed)
    rows = readings.iloc[draw.integers(0, len(readings), count)]
    chance = 1 / (1 + np.exp(-(rows.heat - 50) / 5))
    moments = rows.time + pd.Timedelta(minutes=20)
    failed = (draw.random(count) < chance).astype("int64")
    made = {"machine": rows.machine, "time": moments, "failed": failed}
    return pd.DataFrame(made).reset_index(drop=True)


def traffic(count: int, *, heat: float, seed: int) -> list[dict[str, float]]:
    """Return requests of machines that run at some heat; 50 is what was learned."""
    draw = np.random.default_rng(seed)
    rows = {"heat": draw.normal(heat, 10, count), "load": draw.normal(5 * heat / 50, 1, count)}
    return pd.DataFrame(rows).to_dict(orient="records")


def write_rows(path: Path, rows: pd.DataFrame) -> None:
    """Write rows as Parquet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_parquet(path, index=False)
