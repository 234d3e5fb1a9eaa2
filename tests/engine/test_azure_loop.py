"""Drift to a better model on Azure: README's loop goes round in the test cloud.

The real engine deploys it; pipelines, training, gate, check, executor and endpoint are executed as
processes, the events, the Logic App and the schedules are the cloud's. Role assignments decide who
may do what, once the lake's owner has let the stack's identities read it.
Limits: the plugin for `azure-native` is a stand-in, and processes stand for containers.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from mlops_iac_azure.jobs import runs as executions

from mlops_iac.operations import ComponentStatus
from tests.clouds.azure.running import Cloud, cloud
from tests.support.azure_loop import ChurnStack
from tests.support.azure_stack import everything
from tests.support.churn import customers, packed
from tests.support.engine import Engine
from tests.support.waiting import eventually

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

PATIENCE_SECONDS = 240
BAD_REQUEST = 400
POLICY = "policies/refresh/"
ML = "Microsoft.MachineLearningServices/workspaces"
STORY = [
    ("Checked", "idle"),
    ("Checked", "retraining"),
    ("RunStarted", "retraining"),
    ("RunEnded", "promoting"),
    ("Promoted", "watching"),
    ("EndpointHealthy", "idle"),
    ("Checked", "idle"),
]
"""What the policy was told, and where that led."""


@pytest.fixture
def azure() -> Iterator[Cloud]:
    with cloud(work="processes") as running:
        running.control("pace", operations=1)
        yield running


def test_drift_ends_in_a_better_model(
    engine: Engine, azure: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One story, told in order: each step stands on the one before."""
    for name, value in azure.environment.items():
        monkeypatch.setenv(name, value)
    stack = ChurnStack.make(engine, azure)
    before = everything(azure)
    # Event Grid hands an event over once at least.
    azure.control("pace", copies=2)
    stack.up()
    stack.share_lake()
    azure.control("roles", decide=True)
    assert states(stack)["answer"] == "waiting"
    serve_first(stack)

    assert not check(stack, has_turned=False, number=1)
    assert states(stack)["watch"] == "quiet"

    stack.learned("new", seed=3)
    assert check(stack, has_turned=True, number=2)
    assert states(stack)["watch"] == "alarm"
    eventually(lambda: memory(stack)["settled_at"] > 0, within=PATIENCE_SECONDS)
    the_better_model_is_served(stack)
    azure.control("pace", copies=1)

    assert check(stack, has_turned=True, number=3)
    eventually(lambda: "no run: cooldown until" in memory(stack)["reason"], within=PATIENCE_SECONDS)
    idle(stack)
    assert recorded(stack) == STORY
    an_hour_passes(stack)
    a_worse_model_is_refused(stack)
    assert [run.status for run in stack.operations.runs("again")] == ["finished"] * 2
    # The version that was trained first, and the better one.
    assert deployed(azure) == 2
    assert set(stack.told()) == {"Succeeded"}
    told_as_on_a_laptop(stack)

    assert set(stack.up()) == {"same"}
    stack.destroy()
    assert {one for one in everything(azure) if one not in stack.shares()} == before


def serve_first(stack: ChurnStack) -> None:
    """Approve the version that `up` had trained: the endpoint that waited serves it."""
    eventually(lambda: is_registered(stack), within=PATIENCE_SECONDS)
    stack.operations.approve("churn", 1, approver="ada", comment="looks right")
    eventually(lambda: served(stack) == 1, within=PATIENCE_SECONDS)
    idle(stack)


def is_registered(stack: ChurnStack) -> bool:
    """Whether the run of `up` has told all of its version."""
    return [each.digest is not None for each in stack.operations.versions("churn")] == [True]


def check(stack: ChurnStack, *, has_turned: bool, number: int) -> bool:
    """Ask the endpoint, let the schedule check that traffic; return whether it alarmed."""
    stack.ask(has_turned=has_turned, seed=number + 10)
    run = stack.check()
    assert (run.status, run.metrics["rows"]) == ("finished", 300.0)
    return bool(run.metrics["alarm"])


def memory(stack: ChurnStack) -> Mapping[str, Any]:
    """Return what the policy remembers."""
    found = stack.documents(f"{POLICY}state.json")
    return found[0]["state"] if found else {"phase": "idle", "settled_at": 0, "reason": ""}


def the_better_model_is_served(stack: ChurnStack) -> None:
    """The gate compared it with the champion; the policy approved it and had it served."""
    idle(stack)
    assert served(stack) == 2
    newest = stack.operations.versions("churn")[0]
    assert (newest.version, newest.status) == (2, "approved")
    assert newest.approver == "policy refresh"
    assert newest.aliases == ("champion",)
    (pipeline,) = stack.operations.records().pipelines
    assert pipeline.outcome == "passed"
    (gate,) = pipeline.gates
    assert gate.candidate is not None
    assert gate.champion is not None
    assert gate.candidate > 0.9 > gate.champion


def an_hour_passes(stack: ChurnStack) -> None:
    """The monitor checks and the policy looks by their schedules; both find nothing new."""
    fired = stack.cloud.clock.advance(3600)
    assert {one["schedule"].rpartition("/")[2] for one in fired if "started" in one} == {
        stack.schedule(name) for name in ("watch", "refresh")
    }
    idle(stack)
    assert recorded(stack) == STORY


def a_worse_model_is_refused(stack: ChurnStack) -> None:
    """What learned of another world does not pass the gate: it is no version."""
    stack.put("customers/new.parquet", packed(customers(seed=5, has_turned=False)))
    run = stack.operations.wait(stack.operations.run("again"))
    assert (run.status, run.model_version) == ("finished", None)
    assert stack.operations.records().pipelines[0].outcome == "refused"
    assert versions(stack) == {1: "approved", 2: "approved"}
    idle(stack)


def recorded(stack: ChurnStack) -> list[tuple[str, str]]:
    """Return what the policy recorded: the event, and the phase that it led to."""
    records = stack.documents(f"{POLICY}events/")
    return [(record["event"]["type"], record["phase"]) for record in records]


def deployed(cloud: Cloud) -> int:
    """Return how often a deployment was made or changed."""
    calls = cloud.control("calls", service="resourcemanager")
    wanted = f"{ML}/onlineEndpoints/deployments.put"
    return sum(call["method"] == wanted and call["status"] < BAD_REQUEST for call in calls)


def states(stack: ChurnStack) -> Mapping[str, str]:
    """Return the state of each component."""
    return {name: status.state for name, status in statuses(stack).items()}


def statuses(stack: ChurnStack) -> Mapping[str, ComponentStatus]:
    """Return how each component is."""
    return {each.component: each for each in stack.operations.status()}


def served(stack: ChurnStack) -> int:
    """Return the version that the endpoint serves; 0 while it serves none."""
    return statuses(stack)["answer"].details.get("version") or 0


def versions(stack: ChurnStack) -> Mapping[int, str]:
    """Return the versions in the registry."""
    return {each.version: each.status for each in stack.operations.versions("churn")}


def told_as_on_a_laptop(stack: ChurnStack) -> None:
    """Status and page of what has run."""
    found = statuses(stack)
    assert found["refresh"].details["retrainings"] == 1
    assert found["watch"].details["last"] == "finished"
    page = stack.operations.records()
    assert [check.alarm for check in page.checks if check.alarm is not None] == [True, True, False]
    (policy,) = page.policies
    assert [event.event for event in policy.events] == [event for event, _ in STORY]


def idle(stack: ChurnStack) -> None:
    """Wait until no pipeline runs any more; none of them has failed."""
    eventually(lambda: "running" not in ends(stack), within=PATIENCE_SECONDS)
    assert ends(stack) == {"finished"}


def ends(stack: ChurnStack) -> set[str]:
    """Return how the runs of all pipelines, and their steps, stand."""
    found = stack.cloud.control("resources", type=f"{ML}/jobs")
    return {executions.STATUSES.get(one["properties"]["status"], "running") for one in found}
