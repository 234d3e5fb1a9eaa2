"""Scenarios of `RetrainingPolicy`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table

RETRAINING_POLICY = Table(
    kind="RetrainingPolicy",
    fields={"monitor": "sentry", "pipeline": "reviewed"},
    scenarios=(
        Scenario("RP-01", "an alarm runs a pipeline", {}, Capability.RETRAINING, None),
        Scenario(
            "RP-02",
            "the policy promotes",
            {"promotion": "automatic"},
            Capability.RETRAINING_AUTOMATIC,
        ),
        Scenario(
            "RP-03", "a bound for machine time", {"budget": "2h"}, Capability.RETRAINING_BUDGET
        ),
        Scenario("RP-04", "one signal, confirmed", {"on": ["data_drift"], "confirm": 3}),
    ),
)
