"""Scenarios of `Dataset`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.examples import Own

DATASET = Table(
    kind="Dataset",
    fields={"source": "data/*.csv", "format": "csv"},
    scenarios=(
        Scenario(
            "DS-01",
            "files beside the declaration",
            {},
            Capability.DATASET_FILES,
            {"source": Own("uri")},
        ),
        Scenario(
            "DS-02",
            "data that lies elsewhere",
            {"source": Own("uri")},
            Capability.DATASET_URI,
        ),
        Scenario(
            "DS-03",
            "columns that the data must have",
            {"columns": {"x": "number", "origin": "string"}},
            Capability.DATASET_COLUMNS,
        ),
        Scenario("DS-04", "files of no known format", {"format": "files", "description": "any"}),
    ),
)
