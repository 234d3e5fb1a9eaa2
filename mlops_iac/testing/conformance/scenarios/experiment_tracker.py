"""Scenarios of `ExperimentTracker`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table

EXPERIMENT_TRACKER = Table(
    kind="ExperimentTracker",
    scenarios=(
        Scenario("ET-01", "an experiment", {}, Capability.TRACKER_EXPERIMENT, None),
        Scenario(
            "ET-02",
            "a tracking server of its own",
            {"server": {"size": "small"}},
            Capability.TRACKER_SERVER,
        ),
        Scenario("ET-03", "a description", {"description": "what is compared"}),
    ),
)
