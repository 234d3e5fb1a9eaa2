"""Will a departure be more than 15 minutes late? The same script on every target."""

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from mlops_iac.runtime import training_context

COLUMNS = ["carrier", "hour", "temp", "dewp", "humid", "wind_speed", "pressure", "visib"]

context = training_context()
settings = dict(context.hyperparameters)
flights = pd.read_parquet(context.inputs["departures"])
rows = flights.merge(pd.read_parquet(context.inputs["outcomes"]), on="flight_id")
if count := settings.pop("rows", 0):
    rows = rows.sample(min(count, len(rows)), random_state=0)
encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
model = make_pipeline(
    make_column_transformer((encode, ["carrier"]), remainder="passthrough"),
    HistGradientBoostingClassifier(random_state=0, **settings),
)
is_later = rows.flight_id % 5 == 0
model.fit(rows.loc[~is_later, COLUMNS], rows.late[~is_later])
late = model.predict_proba(rows.loc[is_later, COLUMNS])[:, 1]
context.log_metrics({"auc": roc_auc_score(rows.late[is_later], late)})
context.log_baseline(rows[COLUMNS])
context.log_model(model, example=rows[COLUMNS].head(), pyfunc_predict_fn="predict_proba")
