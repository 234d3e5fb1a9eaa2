"""Scenarios of `ProcessingJob`."""

from mlops_iac.capabilities import Capability
from mlops_iac.testing.conformance.scenario import Scenario, Table
from mlops_iac.testing.conformance.scenarios.shared import ACCELERATED, SECRET
from mlops_iac.testing.examples import Own

PROCESSING_JOB = Table(
    kind="ProcessingJob",
    fields={"script": "process.py", "data": "departures", "outputs": {"rows": "csv"}},
    scenarios=(
        Scenario(
            "PJ-01",
            "a script on the runtime image",
            {},
            Capability.PROCESSING_SCRIPT,
            {"script": None, "image": Own("image")},
        ),
        Scenario(
            "PJ-02",
            "a container image",
            {"script": None, "image": Own("image")},
            Capability.PROCESSING_IMAGE,
        ),
        Scenario("PJ-03", "an accelerator", ACCELERATED, Capability.PROCESSING_ACCELERATOR),
        Scenario("PJ-04", "several machines", {"instances": 2}, Capability.PROCESSING_INSTANCES),
        Scenario(
            "PJ-05",
            "interruptible machines",
            {"spot": {"max_wait": "5h"}},
            Capability.PROCESSING_SPOT,
        ),
        Scenario("PJ-06", "a secret by name", SECRET, Capability.PROCESSING_SECRETS),
        Scenario(
            "PJ-07", "data that another job makes", {"data": "clean/rows"}, Capability.DATA_FROM_JOB
        ),
        Scenario(
            "PJ-08",
            "several inputs and outputs, and parameters",
            {
                "data": {"one": "departures", "two": "arrivals"},
                "outputs": {"rows": "csv", "sums": "jsonl"},
                "parameters": {"limit": 3},
            },
        ),
    ),
)
