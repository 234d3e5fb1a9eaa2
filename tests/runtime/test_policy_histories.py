"""Random histories of a retraining policy: whatever happens, its promises hold.

Limit: the world is simulated; that a target's executor is at-least-once and idempotent is the
business of its own tests.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mlops_iac.runtime import policy
from mlops_iac.runtime.policy import Rules, deciding, limits
from tests.runtime.policy_world import BrokenPromiseError, World

RULES = st.builds(
    Rules,
    on=st.just(frozenset({"data_drift"})),
    promotion=st.sampled_from(["automatic", "manual"]),
    confirm=st.sampled_from([1, 1, 2, 3]),
    cooldown_s=st.sampled_from([0.0, 0.0, 50.0, 500.0]),
    max_runs=st.sampled_from([1, 2, 9]),
    period_s=st.sampled_from([300.0, 3000.0]),
    budget_s=st.sampled_from([None, 40.0, 100.0]),
    watch_s=st.sampled_from([0.0, 30.0, 30.0]),
)
CRASHES = st.sampled_from([None, None, None, "before", "after"])
SIGNALS = st.sampled_from([("data_drift",), ("data_drift",), (), ("data_quality",)])
OUTCOMES = st.sampled_from(["passed"] * 5 + ["closed", "refused", "failed", "stopped"])
VERDICTS = st.sampled_from([True, True, False])
PLACES = st.integers(0, 1000)


REACHED: Counter[str] = Counter()
"""What all histories of this process came to, before they were let come to rest."""


class Histories(RuleBasedStateMachine):
    """One policy in one world."""

    @initialize(rules=RULES)
    def begin(self, rules: Rules) -> None:
        self.world = World(rules)

    @rule(seconds=st.sampled_from([1.0, 20.0, 60.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock += seconds

    @rule(signals=SIGNALS, is_told=st.booleans())
    def a_check_ends(self, signals: tuple[str, ...], is_told: bool) -> None:
        self.world.clock += 1
        event = self.world.check(signals)
        if is_told:
            self.world.tell(event)

    @rule(crash=CRASHES)
    def a_tick(self, crash: str | None) -> None:
        self.world.tick(crash=crash)

    @rule()
    def all_goes_well(self) -> None:
        self.world.clock += 1
        self.world.tick()
        self.world.deliver_all()

    @rule(
        pause=st.sampled_from([1.0, 60.0, 4000.0, 4000.0]),
        outcome=OUTCOMES,
        seconds=st.sampled_from([1.0, 30.0]),
        same=st.booleans(),
        verdict=VERDICTS,
        dies=st.booleans(),
    )
    def drift_is_seen_to(
        self, *, pause: float, outcome: str, seconds: float, same: bool, verdict: bool, dies: bool
    ) -> None:
        """Take a straight way through a retraining, so that histories get far."""
        self.world.clock += pause
        for _ in range(self.world.rules.confirm):
            self.world.clock += 1
            self.world.tell(self.world.check(["data_drift"]))
        self.all_goes_well()
        if self.world.going():
            self.the_run_ends(outcome, seconds, same)
            self.all_goes_well()
            self.world.decide_all(verdict=verdict)
            self.all_goes_well()
        if dies and self.world.state.phase is policy.Phase.WATCHING:
            self.the_endpoint_dies()
        self.all_goes_well()

    @precondition(lambda self: self.world.post)
    @rule(place=PLACES, crash=CRASHES, is_repeated=st.booleans())
    def an_event_arrives(self, place: int, crash: str | None, is_repeated: bool) -> None:
        post = self.world.post
        event = post[place % len(post)]
        if not is_repeated:
            post.remove(event)
        self.world.tell(event, crash=crash)

    @precondition(lambda self: self.world.old_post)
    @rule(place=PLACES)
    def an_old_event_arrives_again(self, place: int) -> None:
        self.world.tell(self.world.old_post[place % len(self.world.old_post)])

    @precondition(lambda self: self.world.old_actions)
    @rule(place=PLACES)
    def an_old_action_is_done_again(self, place: int) -> None:
        self.world.do(self.world.old_actions[place % len(self.world.old_actions)])

    @precondition(lambda self: self.world.post)
    @rule(place=PLACES)
    def an_event_is_lost(self, place: int) -> None:
        self.world.post.pop(place % len(self.world.post))

    @precondition(lambda self: self.world.going())
    @rule(outcome=OUTCOMES, seconds=st.sampled_from([1.0, 30.0, 90.0]), same=st.booleans())
    def the_run_ends(self, outcome: str, seconds: float, same: bool) -> None:
        self.world.clock += 1
        self.world.end_run(outcome, seconds, old_version=same)

    @precondition(lambda self: any(run.version for run in self.world.runs.values()))
    @rule(place=PLACES, verdict=VERDICTS)
    def somebody_decides(self, place: int, verdict: bool) -> None:
        versions = sorted({run.version for run in self.world.runs.values() if run.version})
        self.world.verdicts.setdefault(versions[place % len(versions)], verdict)

    @rule()
    def the_next_promotion_fails(self) -> None:
        self.world.next_promotion_fails = True

    @precondition(lambda self: self.world.promotions)
    @rule()
    def the_endpoint_dies(self) -> None:
        self.world.clock += 1
        self.world.kill_endpoint()

    @precondition(lambda self: self.world.promotions)
    @rule()
    def somebody_deploys(self) -> None:
        self.world.clock += 1
        self.world.somebody_deploys()

    def teardown(self) -> None:
        REACHED.update(
            {
                "runs": len(self.world.runs),
                "promotions": len(self.world.promotions),
                "roll-backs": len(self.world.roll_backs),
            }
        )
        self.world.settle()
        self.world.reacts()


def histories(count: int, *, stages: tuple[Stage, ...] = (Stage.generate, Stage.shrink)) -> None:
    """Run so many histories of up to 30 steps, the same every time."""
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=count,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            phases=stages,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
def test_a_thousand_random_histories_break_no_promise() -> None:
    REACHED.clear()
    histories(1000)

    assert REACHED["runs"] > 500
    assert REACHED["promotions"] > 200
    assert REACHED["roll-backs"] > 50


Patch = Callable[[pytest.MonkeyPatch], None]


def without_limit(name: str) -> Patch:
    kept = tuple(limit for limit in limits._LIMITS if limit.__name__ != name)
    return lambda patch: patch.setattr(limits, "_LIMITS", kept)


def deciding_with(name: str, made: Callable[[Any], Any]) -> Patch:
    """Replace a function of the decision by what `made` makes of it, in the table too."""

    def apply(patch: pytest.MonkeyPatch) -> None:
        whole = getattr(deciding, name)
        faulty = made(whole)
        patch.setattr(deciding, name, faulty)
        for event, handler in deciding._HANDLERS.items():
            if handler is whole:
                patch.setitem(deciding._HANDLERS, event, faulty)  # type: ignore[arg-type]

    return apply


def with_state(**changes: Any) -> Callable[[Any], Any]:
    """Let a handler see a state with other values."""
    return lambda whole: lambda rules, state, event: whole(rules, replace(state, **changes), event)


def any_open(state: Any, kind: Any, action_id: str) -> Any:
    del action_id
    return state.action if isinstance(state.action, kind) else None


def ignoring(whole: Any) -> Any:
    del whole
    return lambda _, state, event: deciding._ignored(state, f"{event.id}: not my business")


def forgetful(decide: Any) -> Any:
    return lambda rules, state, event, *, now: decide(
        rules, replace(state, seen=()), event, now=now
    )


def at_once(decide: Any) -> Any:
    def faulty(rules: Rules, state: Any, event: Any, *, now: float) -> Any:
        return decide(replace(rules, confirm=1), state, event, now=now)

    return faulty


def eager(whole: Any) -> Any:
    """Count checks while something is under way."""
    return lambda rules, state, event: whole(rules, replace(state, action=None), event)


def to_itself(whole: Any) -> Any:
    def faulty(rules: Rules, state: Any, event: Any) -> Any:
        return whole(rules, state, replace(event, previous=1))

    return faulty


def same_id(whole: Any) -> Any:
    return lambda rules, state, event, why: whole(rules, replace(state, cycle=0), event, why)


def patched_decide(made: Callable[[Any], Any]) -> Patch:
    return lambda patch: patch.setattr(policy, "decide", made(policy.decide))


FAULTS: dict[str, Patch] = {
    "ignores the cooldown": without_limit("_cooldown"),
    "ignores the number of runs": without_limit("_runs"),
    "ignores the budget": without_limit("_budget"),
    "ignores the gates": deciding_with(
        "_against", lambda _: lambda _, event: "" if event.version else "none"
    ),
    "ignores a closed gate of a run that claims success": deciding_with(
        "_against", lambda whole: lambda state, event: whole(state, replace(event, gates=()))
    ),
    "needs no approval": lambda patch: patch.setattr(deciding, "MANUAL", "never"),
    "takes a rejection for an approval": deciding_with("_rejected", lambda _: deciding._approved),
    "promotes again what was rolled back": deciding_with(
        "_against",
        lambda whole: lambda state, event: whole(replace(state, withdrawn=()), event),
    ),
    "counts a repeated event": patched_decide(forgetful),
    "counts checks of before the last retraining's end": deciding_with(
        "_checked", with_state(settled_at=0.0, checked_at=0.0)
    ),
    "starts at the first alarm": patched_decide(at_once),
    "counts checks while a retraining is under way": deciding_with("_checked", eager),
    "takes the end of an earlier run for this one's": deciding_with("_open", lambda _: any_open),
    "gives two runs one id": deciding_with("_started", same_id),
    "does not repeat an open action": deciding_with("_tick", ignoring),
    "does not roll back": deciding_with("_dead", ignoring),
    "rolls back to the wrong version": deciding_with("_promoted", to_itself),
    "never ends its watch": deciding_with("_healthy", ignoring),
    "forgets a failed promotion": deciding_with("_promotion_failed", ignoring),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_histories_find_a_planted_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[fault](monkeypatch)

    with pytest.raises(BrokenPromiseError):
        histories(1000, stages=(Stage.generate,))
