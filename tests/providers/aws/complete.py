"""One declaration with all fourteen kinds, as a team would run it on AWS. Not a test."""

from mlops_iac.specs import ExperimentTracker, Spec
from tests.providers import complete as every


def complete() -> tuple[Spec, ...]:
    """Return every kind but the platform, joined to one loop from data to retraining."""
    trackers = (ExperimentTracker("compare"), ExperimentTracker("team", server={"size": "small"}))
    return every.complete("s3://open-flights/evaluation/", trackers)
