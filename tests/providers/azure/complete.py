"""One declaration with all fourteen kinds, as a team would run it on Azure. Not a test."""

from mlops_iac.specs import ExperimentTracker, ModelEndpoint, Spec
from tests.providers import complete as every

EVALUATION = "abfss://raw@openflights.dfs.core.windows.net/evaluation/"


def complete() -> tuple[Spec, ...]:
    """Return every kind but the platform, joined to one loop from data to retraining."""
    return every.complete(
        EVALUATION,
        [ExperimentTracker("compare")],
        [ModelEndpoint("light", model="late@champion", scaling={"max_concurrency": 48})],
    )
