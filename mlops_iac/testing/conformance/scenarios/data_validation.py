"""Scenarios of `DataValidation`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import ACCELERATED

DATA_VALIDATION = Table(
    kind="DataValidation",
    fields={"data": "departures", "columns": {"x": {"type": "number", "min": 0}}},
    scenarios=(
        Scenario("DV-01", "a column that must be there", {}, Capability.VALIDATION, None),
        Scenario(
            "DV-02", "data that a job makes", {"data": "clean/rows"}, Capability.DATA_FROM_JOB
        ),
        Scenario(
            "DV-03",
            "every rule for values, and bounds for the number of rows",
            {
                "columns": {
                    "x": {"nullable": True, "min": 0, "max": 99, "max_failures_percent": 1},
                    "origin": {"type": "string", "one_of": ["JFK", "LGA"], "pattern": "[A-Z]+"},
                    "when": {"type": "timestamp", "unique": False},
                },
                "min_rows": 2,
                "max_rows": 1000,
            },
        ),
        Scenario("DV-04", "an accelerator", ACCELERATED, Capability.PROCESSING_ACCELERATOR),
    ),
)
