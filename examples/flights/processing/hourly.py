"""What is known of each airport at each hour: the observation of the hour before."""

import pandas as pd

from mlops_iac.runtime import processing_context

context = processing_context()
rows = pd.read_parquet(context.inputs["weather"]).sort_values(["origin", "time"])
rows["time"] += pd.Timedelta(hours=1)  # an observation is published when its hour is over
# A missing value is the last one known: as on a board that nobody has wiped.
rows["pressure"] = rows.groupby("origin").pressure.ffill()
rows.to_parquet(context.outputs["airports"] / "airports.parquet", index=False)
context.log_metrics({"hours": len(rows)})
