"""Single decisions of a retraining policy, and the words in which it gives its reasons."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mlops_iac.runtime import policy
from mlops_iac.runtime.errors import PolicyError
from mlops_iac.runtime.policy import (
    Decision,
    Event,
    Gate,
    Notify,
    Phase,
    Promote,
    RequestApproval,
    RollBack,
    Rules,
    StartRun,
    State,
    Watch,
    decide,
)

DAY = 86400.0
NOON = 1_800_000_000.0
RULES = Rules(
    on=frozenset({"data_drift"}),
    promotion="automatic",
    cooldown_s=DAY,
    max_runs=3,
    period_s=30 * DAY,
    watch_s=600.0,
)


class Story:
    """One policy that is told one thing after another, an hour apart."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.state = State()
        self.now = NOON
        self.count = 0

    def tell(self, event: Event, now: float | None = None) -> Decision:
        decision = decide(self.rules, self.state, event, now=self.now if now is None else now)
        self.state = decision.state
        return decision

    def says(self, cls: type[Event], **fields: Any) -> Decision:
        self.now += 3600
        self.count += 1
        return self.tell(cls(**{"id": f"event-{self.count}", "at": self.now, **fields}))

    def alarm(self, **fields: Any) -> Decision:
        return self.says(policy.Checked, **{"alarm": True, "signals": ("data_drift",), **fields})

    def ended(self, outcome: str = "passed", **fields: Any) -> Decision:
        return self.says(
            policy.RunEnded,
            **{"action_id": f"run-{self.state.cycle}", "outcome": outcome, **fields},
        )

    def promoted(self, version: int, previous: int | None) -> Decision:
        return self.says(
            policy.Promoted,
            action_id=f"promote-{self.state.cycle}",
            version=version,
            previous=previous,
        )


def kinds(decision: Decision) -> list[str]:
    return [type(action).__name__ for action in decision.actions]


def test_drift_leads_to_a_better_model_that_lives_through_its_watch() -> None:
    story = Story()

    assert kinds(story.alarm()) == ["StartRun"]
    assert kinds(story.ended(version=4, seconds=12.0)) == ["Promote"]
    assert kinds(story.promoted(4, previous=3)) == ["Watch", "Notify"]
    assert story.state.phase is Phase.WATCHING
    last = story.says(policy.EndpointHealthy, version=4)

    assert (story.state.phase, last.reason) == (Phase.IDLE, "version 4 lived through its watch")


def test_a_dead_endpoint_is_rolled_back_once_and_its_version_never_promoted_again() -> None:
    story = Story(replace(RULES, cooldown_s=0.0))
    story.alarm()
    story.ended(version=4)
    story.promoted(4, previous=3)

    died = story.says(policy.EndpointDead, version=4)
    again = story.says(policy.EndpointDead, version=4)
    back = story.says(policy.RolledBack, action_id="rollback-1", to=3)
    story.alarm()
    same = story.ended(version=4)

    assert died.actions[0] == RollBack(id="rollback-1", version=4, to=3)
    assert (again.counted, again.actions) == (False, ())
    assert back.reason == "version 3 is served again instead of version 4"
    assert same.reason == "version 4 was rolled back before: it is not promoted again"
    assert kinds(same) == ["Notify"]


def test_a_death_with_nothing_served_before_is_told_and_rests() -> None:
    story = Story()
    story.alarm()
    story.ended(version=1)
    story.promoted(1, previous=None)

    died = story.says(policy.EndpointDead, version=1)

    assert died.actions == (
        Notify(
            id="notice-event-4",
            text="the endpoint died with version 1, and nothing was served before",
            level="error",
        ),
    )
    assert story.state.phase is Phase.IDLE


def test_a_closed_gate_is_given_in_words() -> None:
    story = Story()
    story.alarm()
    gates = (
        Gate(name="auc", passed=False, detail="0.61 < 0.64 of the champion"),
        Gate(name="rows", passed=True, detail="900 >= 100"),
    )

    refused = story.ended("refused", version=5, gates=gates)

    assert refused.reason == "the candidate is refused: gate auc: 0.61 < 0.64 of the champion"
    assert kinds(refused) == ["Notify"]
    assert story.state.phase is Phase.IDLE


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"outcome": "failed", "reason": "exit code 1"}, "the retraining failed: exit code 1"),
        ({"outcome": "stopped"}, "the retraining stopped: no reason is known"),
        ({"outcome": "passed"}, "the retraining registered no version"),
        (
            {
                "outcome": "passed",
                "version": 2,
                "gates": (Gate(name="a", passed=False, detail="b"),),
            },
            "the candidate is refused: gate a: b",
        ),
    ],
    ids=["failed", "stopped", "no version", "claims to have passed"],
)
def test_a_run_without_a_good_version_leads_to_nothing(fields: Any, reason: str) -> None:
    story = Story()
    story.alarm()

    assert story.ended(**fields).reason == reason
    assert story.state.phase is Phase.IDLE


def test_manual_promotion_waits_for_the_verdict_on_this_version() -> None:
    story = Story(replace(RULES, promotion="manual"))
    story.alarm()

    asked = story.ended(version=4)
    other = story.says(policy.Approved, version=3)
    approved = story.says(policy.Approved, version=4, by="ada")

    assert asked.actions[0] == RequestApproval(id="approval-1", version=4)
    assert other.reason == "nothing waits for the approval of version 3"
    assert approved.actions == (Promote(id="promote-1", version=4),)
    assert approved.reason == "ada approved version 4; promoting"


def test_a_rejected_version_is_not_promoted() -> None:
    story = Story(replace(RULES, promotion="manual"))
    story.alarm()
    story.ended(version=4)

    rejected = story.says(policy.Rejected, version=4, by="ada")

    assert rejected.reason == "ada rejected version 4"
    assert story.state.phase is Phase.IDLE


def test_cooldown_and_used_up_runs_refuse_in_words() -> None:
    story = Story(replace(RULES, max_runs=1))
    story.alarm()
    story.ended("failed")

    refused = story.alarm()

    assert refused.reason == (
        "check `event-3`: alarm of data_drift; no run: "
        "cooldown until 2027-01-16 09:00:00 UTC; 1 of 1 runs in 30d used"
    )
    assert kinds(refused) == ["Notify"]


def test_the_budget_bounds_a_run_and_then_refuses_the_next() -> None:
    story = Story(replace(RULES, cooldown_s=0.0, budget_s=100.0))

    first = story.alarm()
    story.ended("refused", seconds=60.0)
    refused = story.alarm()

    assert isinstance(first.actions[0], StartRun)
    assert first.actions[0].limit_s == 100.0
    assert refused.reason.endswith(
        "no run: 60 of 100 machine seconds in 30d used, and the last run took 60"
    )


def test_only_alarms_in_a_row_and_of_counting_signals_start_a_run() -> None:
    story = Story(replace(RULES, confirm=2))

    assert story.alarm().reason.endswith("1 of 2 in a row")
    assert story.alarm(signals=("data_quality",)).reason.endswith("signals that do not count")
    assert story.alarm().reason.endswith("1 of 2 in a row")
    assert story.says(policy.Checked, alarm=False).reason.endswith("no alarm")
    assert story.alarm().reason.endswith("1 of 2 in a row")
    assert kinds(story.alarm()) == ["StartRun"]


def test_a_tick_returns_what_is_open_until_it_is_completed() -> None:
    story = Story()
    started = story.alarm().actions
    story.says(policy.RunStarted, action_id="run-1", run_id="abc")

    (action,) = story.says(policy.Tick).actions

    assert isinstance(action, StartRun)
    assert (started[0].id, action.id, action.run_id) == ("run-1", "run-1", "abc")
    story.ended("failed", reason="no disk")
    (notice,) = story.says(policy.Tick).actions
    assert isinstance(notice, Notify)
    story.says(policy.Notified, action_id=notice.id)
    assert story.says(policy.Tick).actions == ()


def test_a_failed_roll_back_is_told_once_and_tried_again() -> None:
    story = Story()
    story.alarm()
    story.ended(version=4)
    story.promoted(4, previous=3)
    story.says(policy.EndpointDead, version=4)

    failed = story.says(policy.RollBackFailed, id="x", action_id="rollback-1", reason="no disk")
    again = story.says(policy.RollBackFailed, id="x", action_id="rollback-1", reason="no disk")

    assert kinds(failed) == ["Notify"]
    assert again.actions == ()
    assert story.state.phase is Phase.ROLLING_BACK


def test_a_clock_that_goes_back_stands_still() -> None:
    story = Story()
    story.alarm()
    before = story.state.now

    story.tell(policy.Tick(id="tick", at=0.0), now=0.0)

    assert story.state.now == before


def test_all_that_is_kept_or_sent_survives_json() -> None:
    story = Story(replace(RULES, budget_s=50.0))
    gate = Gate(name="auc", passed=True, detail="0.7 > 0.6")
    ended = policy.RunEnded(
        id="e", at=1.5, action_id="run-1", outcome="passed", version=4, gates=(gate,), seconds=3.0
    )
    story.alarm()
    story.ended(version=4, gates=(gate,))
    story.promoted(4, previous=3)

    def through(document: Any) -> Any:
        return json.loads(json.dumps(document))

    assert State.from_document(through(story.state.document())) == story.state
    assert isinstance(story.state.action, Watch)
    assert Rules.from_document(through(story.rules.document())) == story.rules
    assert policy.event_from(through(policy.event_document(ended))) == ended


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: State.from_document({"version": 2}), "version `2`, known is `1`"),
        (lambda: policy.event_from({"type": "Nothing"}), "`Nothing` is none of Approved"),
        (
            lambda: policy.event_from({"type": "Tick", "when": 1}),
            "`id` is missing, `at` is missing, `when` is not known",
        ),
        (
            lambda: replace(RULES, on=frozenset(), promotion="never", confirm=0, period_s=0.0),
            "`on` names no signal; .*neither `automatic` nor `manual`; `confirm` .*; `period_s` is",
        ),
    ],
    ids=["newer state", "unknown event", "wrong fields", "impossible rules"],
)
def test_what_is_no_document_of_a_policy_is_refused_with_every_fault(
    read: Any, message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        read()
