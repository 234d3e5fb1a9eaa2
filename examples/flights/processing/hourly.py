"""What is known of each airport at each hour: the observation of the hour before."""

import pandas as pd

from mlops_iac.runtime import processing_context

context = processing_context()
rows = pd.read_parquet(context.inputs["weather"]).sort_values(["origin", "time"])
recent = rows.groupby("origin").precip.rolling(3, min_periods=1).sum()
rows["precip_3h"] = recent.reset_index(level=0, drop=True)
rows["time"] += pd.Timedelta(hours=1)  # an observation is published when its hour is over
names = ["temp", "dewp", "humid", "wind_speed", "precip_3h", "visib"]
rows[["origin", "time", *names]].to_parquet(context.outputs["airports"] / "airports.parquet")
