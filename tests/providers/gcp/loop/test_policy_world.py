"""What a retraining policy's executor does on Google Cloud alone: it publishes, jobs are counted.

What every cloud has: `tests/providers/azure_and_gcp/test_policy_world.py`.
"""

import pytest
from mlops_iac_gcp.policies.retraining import machine_seconds

from mlops_iac.runtime.policy import Notify
from tests.providers.gcp.loop.world import Loop


def test_people_are_told_on_the_policys_own_topic(loop: Loop) -> None:
    loop.world().tell(Notify(id="notify-1", level="info", text="version 2 is served"))

    assert loop.heard("renew") == [
        {"policy": "renew", "level": "info", "text": "version 2 is served"}
    ]
    assert loop.heard("watch") == []


TEN_SECONDS = {"startTime": "2026-11-21T10:00:00Z", "endTime": "2026-11-21T10:00:10Z"}
POOLS = {"workerPoolSpecs": [{"replicaCount": "1"}, {"replicaCount": "3"}]}


@pytest.mark.parametrize(
    ("job", "seconds"),
    [
        ({"jobSpec": POOLS, **TEN_SECONDS}, 40.0),
        ({"jobSpec": POOLS}, 0.0),
        ({"trialJobSpec": POOLS, "trials": [TEN_SECONDS, TEN_SECONDS, {}]}, 80.0),
    ],
    ids=["every-machine", "not-begun", "every-trial"],
)
def test_a_budget_counts_every_machine_of_every_job(job: dict[str, object], seconds: float) -> None:
    assert machine_seconds(job) == seconds
