"""Scenarios of `Pipeline`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import CRON, EVERY

PIPELINE = Table(
    kind="Pipeline",
    fields={"steps": ["contract", "delay"]},
    scenarios=(
        Scenario("PL-01", "steps in their order", {}, Capability.PIPELINE_STEPS, None),
        Scenario(
            "PL-02",
            "a gate before a version",
            {"gates": [{"metric": "roc_auc", "data": "departures", "label": "late"}]},
            Capability.PIPELINE_GATES,
        ),
        Scenario(
            "PL-03",
            "at the times of a cron expression",
            {"schedule": CRON},
            Capability.SCHEDULE_CRON,
        ),
        Scenario("PL-04", "again and again", {"schedule": EVERY}, Capability.SCHEDULE_EVERY),
        Scenario(
            "PL-05",
            "steps that do not wait for each other",
            {"steps": ["contract", "clean", {"run": "delay", "after": ["contract"]}]},
        ),
    ),
)
