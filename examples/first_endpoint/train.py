"""Will a departure be more than 15 minutes late? The same script on every target."""

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from mlops_iac.runtime import training_context

LAST_TRAINING_MONTH = 9

context = training_context()
rows = pd.read_parquet(context.inputs["departures"])
words = ["carrier", "origin", "dest"]
features = [column for column in rows.columns if column != "late"]

train = rows[rows.month <= LAST_TRAINING_MONTH]
test = rows[rows.month > LAST_TRAINING_MONTH]
encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
model = make_pipeline(
    make_column_transformer((encode, words), remainder="passthrough"),
    HistGradientBoostingClassifier(
        max_iter=int(context.hyperparameters.get("trees", 60)), random_state=0
    ),
)
model.fit(train[features], train.late)

auc = roc_auc_score(test.late, model.predict_proba(test[features])[:, 1])
context.log_metrics({"auc": auc, "rows": len(train)})
context.log_model(
    model,
    example=test[features].head(3),
    pyfunc_predict_fn="predict_proba",
    pip_requirements=["scikit-learn", "pandas"],
)
