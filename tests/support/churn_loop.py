"""README's loop on a test cloud: the stack `churn` and the steps of its story.

The stories of the clouds whose run-time verbs tell all share them; each is told in the words of
`mlops_iac.operations`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from mlops_iac.manifest import load_manifest
from mlops_iac.operations import ComponentStatus, Operations, Run
from mlops_iac.planning import plan
from mlops_iac.provider import OperationScope, Scope
from tests.support.churn import PROGRAM, TRAINING, customers, packed
from tests.support.cloud_stack import CloudStack
from tests.support.engine import Engine
from tests.support.waiting import eventually

PATIENCE_SECONDS = 240
POLICY = "policies/refresh/"
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


class ChurnLoop(CloudStack, ABC):
    """The stack, its engine, its cloud and its customers; the cloud's variables must be set."""

    declared: ClassVar[str]
    """The declaration."""
    verbs: ClassVar[Callable[[OperationScope], Operations]]
    """The provider's run-time verbs."""

    @classmethod
    def make(cls, engine: Engine, cloud: Any, **wish: Any) -> Self:
        """Write the project and the data of the old world; nothing is deployed."""
        del wish
        cls.reach(engine, cloud)
        made = cls(engine, cloud, engine.project(PROGRAM, name="churn"), tuple)
        (made.folder / "mlops.yaml").write_text(cls.declared)
        (made.folder / "train.py").write_text(TRAINING)
        made.make_lake()
        made.learned("old", seed=1)
        made.put("judged/rows.parquet", packed(customers(seed=2)))
        return made

    @abstractmethod
    def make_lake(self) -> None:
        """Make the lake of somebody else, empty."""

    @abstractmethod
    def put(self, key: str, content: bytes) -> None:
        """Write an object into the lake."""

    @abstractmethod
    def schedule(self, component: str) -> str:
        """Return the name of a component's schedule."""

    @abstractmethod
    def check(self) -> Run:
        """Let the monitor's schedule start its next check; return that once it has ended."""

    @abstractmethod
    def documents(self, prefix: str) -> list[Mapping[str, Any]]:
        """Return the JSON objects of the stack's store whose paths begin so, in their order."""

    @abstractmethod
    def ends(self) -> set[str]:
        """Return how the runs of all pipelines stand."""

    @property
    def scope(self) -> Scope:
        """What names are made of."""
        planned = plan(load_manifest(self.folder / "mlops.yaml", stack="dev"))
        return planned.scopes["answer"]

    @property
    def operations(self) -> Operations:
        """The run-time verbs."""
        return type(self).verbs(OperationScope(**vars(self.scope), outputs={}))

    def learned(self, world: str, *, seed: int) -> None:
        """Tell of customers who left or stayed."""
        rows = customers(seed=seed, has_turned=world == "new")
        self.put(f"customers/{world}.parquet", packed(rows))

    def ask(self, *, has_turned: bool, seed: int) -> None:
        """Ask the endpoint what its customers of an hour will do."""
        rows = customers(seed=seed, has_turned=has_turned).drop(columns="left")
        self.operations.predict("answer", rows.to_dict(orient="records"))


def serve_first(stack: ChurnLoop) -> None:
    """Approve the version that `up` had trained: the endpoint that waited serves it."""
    eventually(lambda: is_registered(stack), within=PATIENCE_SECONDS)
    stack.operations.approve("churn", 1, approver="ada", comment="looks right")
    eventually(lambda: served(stack) == 1, within=PATIENCE_SECONDS)
    idle(stack)


def is_registered(stack: ChurnLoop) -> bool:
    """Whether the run of `up` has told all of its version."""
    return [each.digest is not None for each in stack.operations.versions("churn")] == [True]


def check(stack: ChurnLoop, *, has_turned: bool, number: int) -> bool:
    """Ask the endpoint, let the schedule check that traffic; return whether it alarmed."""
    stack.ask(has_turned=has_turned, seed=number + 10)
    run = stack.check()
    assert (run.status, run.metrics["rows"]) == ("finished", 300.0)
    return bool(run.metrics["alarm"])


def memory(stack: ChurnLoop) -> Mapping[str, Any]:
    """Return what the policy remembers."""
    found = stack.documents(f"{POLICY}state.json")
    return found[0]["state"] if found else {"phase": "idle", "settled_at": 0, "reason": ""}


def the_better_model_is_served(stack: ChurnLoop) -> None:
    """The gate compared it with the champion; the policy approved it and had it served."""
    eventually(lambda: memory(stack)["settled_at"] > 0, within=PATIENCE_SECONDS)
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


def the_policy_cools_down(stack: ChurnLoop) -> None:
    """Too early for another run: the policy says so, and starts none."""
    eventually(lambda: "no run: cooldown until" in memory(stack)["reason"], within=PATIENCE_SECONDS)
    idle(stack)
    assert recorded(stack) == STORY


def an_hour_passes(stack: ChurnLoop) -> None:
    """The monitor checks and the policy looks by their schedules; both find nothing new."""
    fired = stack.cloud.clock.advance(3600)
    assert {_last(one["schedule"]) for one in fired if "started" in one} == {
        _last(stack.schedule(name)) for name in ("watch", "refresh")
    }
    idle(stack)
    assert recorded(stack) == STORY


def _last(name: str) -> str:
    return name.rpartition("/")[2]


def a_worse_model_is_refused(stack: ChurnLoop) -> None:
    """What learned of another world does not pass the gate: it is no version."""
    stack.put("customers/new.parquet", packed(customers(seed=5, has_turned=False)))
    run = stack.operations.wait(stack.operations.run("again"))
    assert (run.status, run.model_version) == ("finished", None)
    assert stack.operations.records().pipelines[0].outcome == "refused"
    assert versions(stack) == {1: "approved", 2: "approved"}
    idle(stack)
    assert [each.status for each in stack.operations.runs("again")] == ["finished"] * 2


def recorded(stack: ChurnLoop) -> list[tuple[str, str]]:
    """Return what the policy recorded: the event, and the phase that it led to."""
    records = stack.documents(f"{POLICY}events/")
    return [(record["event"]["type"], record["phase"]) for record in records]


def states(stack: ChurnLoop) -> Mapping[str, str]:
    """Return the state of each component."""
    return {name: status.state for name, status in statuses(stack).items()}


def statuses(stack: ChurnLoop) -> Mapping[str, ComponentStatus]:
    """Return how each component is."""
    return {each.component: each for each in stack.operations.status()}


def served(stack: ChurnLoop) -> int:
    """Return the version that the endpoint serves; 0 while it serves none."""
    return statuses(stack)["answer"].details.get("version") or 0


def versions(stack: ChurnLoop) -> Mapping[int, str]:
    """Return the versions in the registry."""
    return {each.version: each.status for each in stack.operations.versions("churn")}


def told_as_on_a_laptop(stack: ChurnLoop) -> None:
    """Status and page of what has run."""
    found = statuses(stack)
    assert found["refresh"].details["retrainings"] == 1
    assert found["watch"].details["last"] == "finished"
    page = stack.operations.records()
    assert [check.alarm for check in page.checks if check.alarm is not None] == [True, True, False]
    (policy,) = page.policies
    assert [event.event for event in policy.events] == [event for event, _ in STORY]


def idle(stack: ChurnLoop) -> None:
    """Wait until no pipeline runs any more; none of them has failed."""
    eventually(lambda: "running" not in stack.ends(), within=PATIENCE_SECONDS)
    assert stack.ends() == {"finished"}
