"""One declaration with all fourteen kinds, as a team would run it on Azure. Not a test."""

from mlops_iac.specs import ExperimentTracker, ModelEndpoint, Spec
from tests.providers import complete as every

EVALUATION = "abfss://raw@openflights.dfs.core.windows.net/evaluation/"


LIGHT = ModelEndpoint("light", model="late@champion", scaling={"max_concurrency": 48})
"""An endpoint that costs nothing while nobody asks; it stands in no network."""


def complete(*endpoints: ModelEndpoint) -> tuple[Spec, ...]:
    """Return every kind but the platform, joined to one loop from data to retraining."""
    return every.complete(
        "https://openflights.blob.core.windows.net/evaluation/*.parquet",
        [ExperimentTracker("compare")],
        endpoints,
    )
