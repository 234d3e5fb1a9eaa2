"""The stack `churn`, which README's loop goes round in, and what its customers do.

Customers call when they are about to leave. Then the world turns: who is new leaves, and calls more
often than anybody did before, whatever comes of it.
"""

import io

import numpy as np
import pandas as pd

LAKE = "churn-lake"
"""Bucket of somebody else, where customers are told of."""
ROWS = 300
PROGRAM = "from mlops_iac import Stack\n\nStack.from_file().build()\n"
TRAINING = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression

from mlops_iac.runtime import training_context

context = training_context()
rows = pd.read_parquet(context.inputs["customers"])
inputs = rows[["calls", "months"]]
model = LogisticRegression().fit(inputs, rows["left"])
context.log_baseline(inputs)
context.log_model(model, example=inputs.head(3), pyfunc_predict_fn="predict_proba",
                  pip_requirements=[])
"""
_MANIFEST = """\
name: churn
platform: {platform}
components:
  customers: {{kind: Dataset, source: "{lake}/customers/"}}
  judged:  {{kind: Dataset, source: "{lake}/judged/"}}
  learn:   {{kind: TrainingJob, script: train.py, data: customers, model: churn}}
  churn:   {{kind: RegisteredModel, approval: manual}}
  answer:  {{kind: ModelEndpoint, model: churn@champion, capture: {{percent: 100}}}}
  watch:
    kind: ModelMonitor
    endpoint: answer
    signals: [data_drift]
    schedule: {{every: 1h}}
    drift: {{distance: 0.5}}
  again:
    kind: Pipeline
    steps: [learn]
    gates: [{{metric: roc_auc, data: judged, label: left}}]
  refresh:
    kind: RetrainingPolicy
    monitor: watch
    pipeline: again
    promotion: automatic
    watch: 5s
"""


def manifest(platform: str, lake: str) -> str:
    """Return the declaration.

    Args:
        platform: the platform, as YAML in braces.
        lake: the lake's address, such as `s3://churn-lake`.
    """
    return _MANIFEST.format(platform=platform, lake=lake)


def customers(*, seed: int, has_turned: bool = True) -> pd.DataFrame:
    """Return customers of the old world, or of the new one."""
    draw = np.random.default_rng(seed)
    calls = draw.normal(20 if has_turned else 5, 2, ROWS)
    months = draw.normal(24, 6, ROWS)
    score = 24 - months if has_turned else 2 * (calls - 5)
    left = (draw.random(ROWS) < 1 / (1 + np.exp(-score))).astype("int64")
    return pd.DataFrame({"calls": calls, "months": months, "left": left})


def packed(rows: pd.DataFrame) -> bytes:
    """Return rows as Parquet."""
    written = io.BytesIO()
    rows.to_parquet(written, index=False)
    return written.getvalue()
