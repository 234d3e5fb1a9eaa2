"""Scenarios of `FeatureGroup`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table

FEATURE_GROUP = Table(
    kind="FeatureGroup",
    fields={
        "data": "departures",
        "entities": ["origin"],
        "event_time": "when",
        "features": {"wind": "number", "rain": "number"},
    },
    scenarios=(
        Scenario(
            "FG-01",
            "history for training",
            {"online": False},
            Capability.FEATURES_OFFLINE,
            {"offline": False},
        ),
        Scenario(
            "FG-02",
            "the newest values for serving",
            {"offline": False},
            Capability.FEATURES_ONLINE,
            {"online": False},
        ),
        Scenario("FG-03", "values that expire", {"ttl": "6h"}, Capability.FEATURES_TTL),
        Scenario(
            "FG-04", "rows that a job makes", {"data": "clean/rows"}, Capability.DATA_FROM_JOB
        ),
        Scenario("FG-05", "several entity columns", {"entities": ["origin", "destination"]}),
    ),
)
