"""Scenarios of `RegisteredModel`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table

REGISTERED_MODEL = Table(
    kind="RegisteredModel",
    scenarios=(
        Scenario("RM-01", "a name for versions", {"description": "late flights"}),
        Scenario("RM-02", "a person approves", {"approval": "manual"}, Capability.MODEL_APPROVAL),
        Scenario(
            "RM-03",
            "a model card",
            {"card": {"intended_use": "tell late flights", "owner": "operations"}},
            Capability.MODEL_CARD,
        ),
        Scenario(
            "RM-04",
            "versions in a format that can run code",
            {"trust_pickle": True},
            Capability.MODEL_PICKLE,
        ),
    ),
)
