"""One declaration with all fourteen kinds, as a team would run it on Google Cloud. Not a test."""

from mlops_iac.specs import ExperimentTracker, ModelEndpoint, Spec, TrackingServer
from tests.providers import complete as every


def complete() -> tuple[Spec, ...]:
    """Return every kind but the platform, joined to one loop from data to retraining."""
    return every.complete(
        "gs://open-flights/evaluation/*.parquet",
        [ExperimentTracker("compare", server=TrackingServer())],
        [ModelEndpoint("light", model="late@champion", scaling={"max_concurrency": 48})],
    )
