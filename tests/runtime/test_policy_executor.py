"""The executor of a retraining policy: crashes, doubled and stale looks change nothing in the end.

Random histories of the executor in a world that is simulated, every call of which may be the last
one of an executor; what it sees and does on a target is proved there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_iac.errors import OperationError
from mlops_iac.runtime import policy
from mlops_iac.runtime.policy import Checked, Phase, Rules, RunEnded
from mlops_iac.runtime.policy.executor import LOOK_SECONDS, Executor, Seen, attend
from mlops_iac.runtime.policy.memory import Memory

RULES = Rules(
    on=frozenset({"data_drift"}), promotion="automatic", max_runs=99, period_s=1e6, watch_s=60.0
)


class CrashError(Exception):
    """The executor dies here."""


@dataclass
class World:
    """The truth, and a bucket."""

    clock: float = 1000.0
    memory: Memory = field(default_factory=Memory)
    records: dict[int, Any] = field(default_factory=dict[int, Any])
    reports: list[Checked] = field(default_factory=list[Checked])
    runs: dict[str, str] = field(default_factory=dict[str, str])
    """How each run ended, by action; empty while it is under way."""
    served: int = 1
    previous: dict[str, int] = field(default_factory=dict[str, int])
    verdicts: dict[int, bool] = field(default_factory=dict[int, bool])
    dies: bool = False
    deeds: list[str] = field(default_factory=list[str])
    """What was really done."""
    said: set[str] = field(default_factory=set[str])
    crashes: frozenset[int] = frozenset()
    """At an even number the executor dies before a call's effect, at an odd one after it."""
    calls: int = 0
    refuses_start: bool = False
    stale: Memory | None = None
    """What the next read answers instead of the newest."""

    def _call(self, effect: Callable[[], Any]) -> Any:
        self.calls += 2
        if self.calls in self.crashes:
            raise CrashError
        answer = effect()
        if self.calls + 1 in self.crashes:
            raise CrashError
        return answer

    # -- the bucket ---------------------------------------------------------------------------

    def load(self) -> Memory:
        return self._call(self._load)

    def _load(self) -> Memory:
        answer, self.stale = self.stale or self.memory, None
        return answer

    def save(self, memory: Memory) -> bool:
        return self._call(lambda: self._save(memory))

    def _save(self, memory: Memory) -> bool:
        if memory.mark != self.memory.mark:
            return False
        self.memory = replace(memory, mark=f"{int(memory.mark or 0) + 1}")
        return True

    def record(self, memory: Memory) -> None:
        if memory.record is not None:
            self._call(lambda: self.records.update({memory.seq: memory.record}))

    # -- what is seen ---------------------------------------------------------------------------

    def now(self) -> float:
        return self.clock

    def checks(self, told: frozenset[str]) -> Sequence[Checked]:
        return self._call(lambda: [check for check in self.reports if check.id not in told])

    def known_checks(self, told: frozenset[str]) -> frozenset[str]:
        return told

    def run(self, action: policy.StartRun) -> Seen | None:
        return self._call(lambda: self._seen(action))

    def _seen(self, action: policy.StartRun) -> Seen | None:
        if action.id not in self.runs:
            return None
        outcome = self.runs[action.id]
        number = int(action.id.partition("-")[2]) + 1
        ended = RunEnded(
            id=f"{action.id}-ended",
            at=self.clock,
            action_id=action.id,
            outcome=outcome,
            version=number if outcome == "passed" else None,
            seconds=10.0,
        )
        return Seen(id=f"r-{action.id}", seconds=10.0, ended=ended if outcome else None)

    def verdict(self, action: policy.RequestApproval) -> policy.Event | None:
        return self._call(lambda: self._verdict(action))

    def _verdict(self, action: policy.RequestApproval) -> policy.Event | None:
        if action.version not in self.verdicts:
            return None
        cls = policy.Approved if self.verdicts[action.version] else policy.Rejected
        return cls(id=f"{action.id}-said", at=self.clock, version=action.version)

    def sign(self, action: policy.Watch) -> policy.Event | None:
        cls = policy.EndpointDead if self.dies else policy.EndpointHealthy
        return self._call(
            lambda: cls(id=f"sign-{self.calls}", at=self.clock, version=action.version)
        )

    # -- what is done ---------------------------------------------------------------------------

    def start(self, action: policy.StartRun) -> None:
        if self.refuses_start:
            raise OperationError("the quota is used up")
        self._call(lambda: self._start(action))

    def _start(self, action: policy.StartRun) -> None:
        if action.id not in self.runs:
            self.runs[action.id] = ""
            self.deeds.append(f"start {action.id}")

    def stop(self, action: policy.StartRun) -> None:
        self._call(lambda: self.runs.update({action.id: "stopped"}))

    def promote(self, action: policy.Promote) -> policy.Event:
        return self._call(lambda: self._promote(action))

    def _promote(self, action: policy.Promote) -> policy.Event:
        self.previous.setdefault(action.id, self.served)
        if self.served != action.version:
            self.served = action.version
            self.deeds.append(f"serve {action.version}")
        return policy.Promoted(
            id=f"{action.id}-done",
            at=self.clock,
            action_id=action.id,
            version=action.version,
            previous=self.previous[action.id],
        )

    def roll_back(self, action: policy.RollBack) -> policy.Event:
        return self._call(lambda: self._roll_back(action))

    def _roll_back(self, action: policy.RollBack) -> policy.Event:
        self.dies = False
        if self.served != action.to:
            self.served = action.to
            self.deeds.append(f"back from {action.version} to {action.to}")
        return policy.RolledBack(
            id=f"{action.id}-done", at=self.clock, action_id=action.id, to=action.to
        )

    def tell(self, action: policy.Notify) -> None:
        self._call(lambda: self.said.add(action.text))

    # -- what happens ---------------------------------------------------------------------------

    def wake(self, rules: Rules = RULES) -> None:
        """Let an executor look; when it dies, the next event wakes another one."""
        while True:
            try:
                Executor(rules, self, self).settle()
            except CrashError:
                continue
            return


HAPPENINGS = st.sampled_from(
    ["alarm", "alarm", "quiet", "passed", "passed", "refused", "failed", "dies", "later", "yes"]
)


def happen(world: World, what: str) -> None:
    world.clock += 10.0
    match what:
        case "alarm" | "quiet":
            signals = ("data_drift",) if what == "alarm" else ()
            name = f"check-{len(world.reports)}"
            check = Checked(id=name, at=world.clock, alarm=bool(signals), signals=signals)
            world.reports.append(check)
        case "dies":
            world.dies = True
        case "later":
            world.clock += 100.0
        case "yes":
            world.verdicts.update(dict.fromkeys(range(100), True))
        case outcome:
            ended = {action: known or outcome for action, known in world.runs.items()}
            world.runs.update(ended)


def lived(happenings: Sequence[str], rules: Rules, crashes: Sequence[int], looks: int) -> World:
    world = World(crashes=frozenset(crashes))
    for what in happenings:
        happen(world, what)
        for _ in range(looks):
            world.wake(rules)
    return world


SETTINGS: dict[str, Any] = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=150, **SETTINGS)
@given(
    happenings=st.lists(HAPPENINGS, max_size=14),
    promotion=st.sampled_from(["automatic", "manual"]),
    crashes=st.lists(st.integers(2, 400), max_size=12),
    looks=st.integers(1, 3),
)
def test_crashes_and_doubled_looks_change_nothing_in_the_end(
    happenings: list[str], promotion: str, crashes: list[int], looks: int
) -> None:
    rules = replace(RULES, promotion=promotion)
    smooth = lived(happenings, rules, (), 1)

    rough = lived(happenings, rules, crashes, looks)

    assert rough.deeds == smooth.deeds
    assert rough.served == smooth.served
    assert rough.said == smooth.said
    assert rough.memory.state["phase"] == smooth.memory.state["phase"]
    assert sorted(rough.records) == list(range(1, rough.memory.seq + 1))


@settings(max_examples=100, **SETTINGS)
@given(happenings=st.lists(HAPPENINGS, max_size=20), lost=st.sets(st.integers(0, 20)))
def test_lost_wake_ups_break_no_promise_and_the_policy_comes_to_rest(
    happenings: list[str], lost: set[int]
) -> None:
    world = World()
    for index, what in enumerate(happenings):
        happen(world, what)
        if index not in lost:
            world.wake()
    for _ in range(4):
        world.dies = False
        happen(world, "failed")
        happen(world, "later")
        world.wake()

    assert world.memory.state["phase"] == Phase.IDLE.value
    assert len(set(world.deeds)) == len(world.deeds)
    served = [deed for deed in world.deeds if deed.startswith("serve ")]
    assert len(served) <= sum(outcome == "passed" for outcome in world.runs.values())


def test_an_executor_that_read_an_old_memory_decides_again_on_the_newest() -> None:
    world = World()
    before = world.memory
    happen(world, "alarm")
    world.wake()
    world.stale = before

    world.wake()

    assert world.deeds == ["start run-1"]
    assert world.memory.state["cycle"] == 1


def test_a_run_that_cannot_start_is_a_failed_run() -> None:
    world = World(refuses_start=True)
    happen(world, "alarm")

    world.wake()

    assert world.memory.state["phase"] == Phase.IDLE.value
    assert "the quota is used up" in world.memory.state["reason"]
    assert any("the quota is used up" in text for text in world.said)


def test_a_run_that_has_used_up_its_budget_is_stopped() -> None:
    rules = replace(RULES, budget_s=5.0)
    world = World()
    happen(world, "alarm")

    world.wake(rules)
    world.wake(rules)

    assert world.runs == {"run-1": "stopped"}
    assert world.memory.state["phase"] == Phase.IDLE.value


def test_the_executor_stays_while_it_watches_and_rolls_back_at_once() -> None:
    world = World()
    happen(world, "alarm")
    world.wake()
    happen(world, "passed")
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        world.clock += seconds
        world.dies = len(pauses) == 2

    state = attend(Executor(RULES, world, world), world.now, pause)

    assert world.deeds == ["start run-1", "serve 2", "back from 2 to 1"]
    assert state.phase is Phase.IDLE
    assert pauses == [LOOK_SECONDS] * 2


@pytest.mark.parametrize("watch", [60.0, 86_400.0])
def test_a_long_watch_is_left_to_the_events(watch: float) -> None:
    rules = replace(RULES, watch_s=watch)
    world = World()
    happen(world, "alarm")
    world.wake(rules)
    happen(world, "passed")

    def pause(seconds: float) -> None:
        world.clock += seconds

    state = attend(Executor(rules, world, world), world.now, pause)

    assert (state.phase is Phase.WATCHING) is (watch > 3600)
