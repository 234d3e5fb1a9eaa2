"""Scenarios of `BatchInference`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import ACCELERATED, CRON, EVERY, SECRET

BATCH_INFERENCE = Table(
    kind="BatchInference",
    fields={"model": "late", "data": "departures"},
    scenarios=(
        Scenario("BI-01", "predictions for every row", {}, Capability.BATCH, None),
        Scenario("BI-02", "an accelerator", ACCELERATED, Capability.BATCH_ACCELERATOR),
        Scenario("BI-03", "a secret by name", SECRET, Capability.BATCH_SECRETS),
        Scenario(
            "BI-04", "rows that a job makes", {"data": "clean/rows"}, Capability.DATA_FROM_JOB
        ),
        Scenario(
            "BI-05",
            "at the times of a cron expression",
            {"schedule": CRON},
            Capability.SCHEDULE_CRON,
        ),
        Scenario("BI-06", "again and again", {"schedule": EVERY}, Capability.SCHEDULE_EVERY),
    ),
)
