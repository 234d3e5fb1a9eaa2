"""A world for the retraining policy: an at-least-once executor, an unreliable post, a truth.

`World` does what a policy decides and judges it by its own ledger, which never reads the policy's
memory: what ran, when, with which gates, who approved, what is served. Whatever breaks a promise of
`mlops_iac.runtime.policy` raises `BrokenPromiseError`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from mlops_iac.runtime import policy
from mlops_iac.runtime.policy import (
    Action,
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
)

LONG = 10_000_000.0
"""Seconds after which no cooldown and no period remembers anything."""
_ROUNDS = 12
"""Ticks within which a policy whose actions are all completed must have come to rest."""


class BrokenPromiseError(AssertionError):
    """The policy did what it must never do."""


def promise(condition: object, text: str) -> None:
    if not condition:
        raise BrokenPromiseError(text)


@dataclass
class Run:
    """A run as it really was."""

    action_id: str
    check_id: str
    decided: float
    limit: float | None
    executed: bool = False
    outcome: str | None = None
    version: int | None = None
    gates: tuple[Gate, ...] = ()
    seconds: float = 0.0

    @property
    def deserves(self) -> bool:
        """Whether its version may be promoted."""
        return self.outcome == "passed" and all(gate.passed for gate in self.gates)


@dataclass
class World:
    """The truth, and the executor in it.

    It gives every report an id of its own, also when it reports the same thing again: that is the
    worse case. The post repeats events under their ids.
    """

    rules: Rules
    clock: float = 1000.0
    saved: str = field(default_factory=lambda: json.dumps(State().document()))
    post: list[Event] = field(default_factory=list[Event])
    old_post: list[Event] = field(default_factory=list[Event])
    """Events that were delivered; the post may deliver them again, much later."""
    old_actions: list[Action] = field(default_factory=list[Action])
    """Actions that were done; an executor that was slow may do them again, much later."""
    told: list[str] = field(default_factory=list[str])
    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    checks: dict[str, policy.Checked] = field(default_factory=dict[str, policy.Checked])
    verdicts: dict[int, bool] = field(default_factory=dict[int, bool])
    """By people, on versions."""
    promotions: dict[str, tuple[int, int | None] | None] = field(
        default_factory=dict[str, tuple[int, int | None] | None]
    )
    """By action: what was served then and before; `None` where it failed."""
    roll_backs: dict[str, int] = field(default_factory=dict[str, int])
    withdrawn: set[int] = field(default_factory=set[int])
    alarms: set[str] = field(default_factory=set[str])
    """Checks with an alarm that counts, told since the last run was started."""
    settled: float = 0.0
    served: int | None = 1
    alive: bool = True
    must_roll_back: tuple[int, int] | None = None
    next_promotion_fails: bool = False
    _events: int = 0
    _versions: int = 1

    # -- the policy's memory ----------------------------------------------------------------

    @property
    def state(self) -> State:
        return State.from_document(json.loads(self.saved))

    def tell(self, event: Event, *, crash: str | None = None) -> Decision | None:
        """Tell the policy an event; die `before` the state is saved, or `after` it and undone."""
        event = policy.event_from(json.loads(json.dumps(policy.event_document(event))))
        before = self.state
        decision = policy.decide(self.rules, before, event, now=self.clock)
        if crash == "before":
            return None
        self._judge_sizes(decision.state)
        self._remember(before, event, decision)
        self.saved = json.dumps(decision.state.document())
        promise(self.state == decision.state, "the state does not survive its JSON form")
        promise(decision.reason, "a decision has no reason")
        if crash is None:
            for action in decision.actions:
                self.do(action)
        return decision

    def tick(self, *, crash: str | None = None) -> None:
        self.tell(policy.Tick(id=self.event_id("tick"), at=self.clock), crash=crash)

    def event_id(self, kind: str) -> str:
        self._events += 1
        return f"{kind}-{self._events}"

    def _remember(self, before: State, event: Event, decision: Decision) -> None:
        """Keep the ledger of what was decided, and judge it."""
        if isinstance(event, policy.Checked) and self.rules.on & set(event.signals) and event.alarm:
            self.alarms.add(event.id)
        if before.action is not None and decision.state.action is None:
            self.settled = self.clock
        started = [a for a in decision.actions if isinstance(a, StartRun) and a.run_id is None]
        for action in started:
            if before.action is None or before.action.id != action.id:
                promise(before.action is None, "a retraining while something is under way")
                self._judge_start(action)
                self.alarms.clear()

    def _judge_start(self, action: StartRun) -> None:
        known = self.runs.values()
        promise(action.id not in self.runs, "two runs have one id")
        promise(all(run.outcome for run in known if run.executed), "two retrainings at once")
        promise(action.check_id not in {run.check_id for run in known}, "one alarm, two runs")
        check = self.checks[action.check_id]
        promise(check.alarm and self.rules.on & set(check.signals), "no alarm that counts")
        promise(check.at >= self.settled, "a check of before the last retraining's end")
        promise(len(self.alarms) >= self.rules.confirm, "too few alarms")
        for run in known:
            promise(self.clock - run.decided >= self.rules.cooldown_s, "within the cooldown")
        recent = [run for run in known if run.decided > self.clock - self.rules.period_s]
        promise(len(recent) < self.rules.max_runs, "too many runs")
        if self.rules.budget_s is not None:
            spent = sum(run.seconds for run in recent)
            last = list(known)[-1].seconds if known else 0.0
            promise(spent < self.rules.budget_s, "no budget is left")
            promise(spent + last <= self.rules.budget_s, "the next run will not fit the budget")
            promise(action.limit_s == self.rules.budget_s - spent, "the limit is not what is left")
        self.runs[action.id] = Run(action.id, action.check_id, self.clock, action.limit_s)

    def _judge_sizes(self, state: State) -> None:
        longest = max(len(state.seen), len(state.notices), len(state.starts), len(state.withdrawn))
        promise(longest <= max(100, self.rules.max_runs), "the state grows without end")

    # -- the executor -----------------------------------------------------------------------

    def do(self, action: Action) -> None:
        """Do an action; once done, doing it again only reports it again."""
        self.old_actions.append(action)
        getattr(self, f"_do_{type(action).__name__}")(action)

    def _do_StartRun(self, action: StartRun) -> None:  # noqa: N802
        run = self.runs[action.id]
        if not run.executed:
            going = [r for r in self.runs.values() if r.executed and r.outcome is None]
            promise(not going, "two retrainings at once")
            run.executed = True
        self._report(
            policy.RunStarted(
                id=self.event_id("started"),
                at=self.clock,
                action_id=action.id,
                run_id=f"r-{action.id}",
            )
        )
        if run.outcome is not None:
            self._report_end(run)

    def _do_RequestApproval(self, action: RequestApproval) -> None:  # noqa: N802
        verdict = self.verdicts.get(action.version)
        if verdict is not None:
            cls = policy.Approved if verdict else policy.Rejected
            self._report(cls(id=self.event_id("said"), at=self.clock, version=action.version))

    def _do_Promote(self, action: Promote) -> None:  # noqa: N802
        if action.id not in self.promotions:
            self.promotions[action.id] = self._promote(action)
        done = self.promotions[action.id]
        if done is None:
            self._report(
                policy.PromotionFailed(
                    id=self.event_id("failed"),
                    at=self.clock,
                    action_id=action.id,
                    reason="it does not load",
                )
            )
            return
        version, previous = done
        self._report(
            policy.Promoted(
                id=self.event_id("done"),
                at=self.clock,
                action_id=action.id,
                version=version,
                previous=previous,
            )
        )

    def _promote(self, action: Promote) -> tuple[int, int | None] | None:
        runs = [run for run in self.runs.values() if run.version == action.version]
        promise(any(run.deserves for run in runs), "promoted what failed a gate")
        promise(action.version not in self.withdrawn, "promoted what was rolled back")
        if self.rules.promotion == "manual":
            promise(self.verdicts.get(action.version), "promoted what nobody approved")
        if self.next_promotion_fails:
            self.next_promotion_fails = False
            return None
        previous, self.served, self.alive = self.served, action.version, True
        return action.version, previous

    def _do_Watch(self, action: Watch) -> None:  # noqa: N802
        del action
        if self.served is None:
            return
        cls = policy.EndpointHealthy if self.alive else policy.EndpointDead
        self._report(cls(id=self.event_id("sign"), at=self.clock, version=self.served))

    def _do_RollBack(self, action: RollBack) -> None:  # noqa: N802
        if action.id not in self.roll_backs:
            promotion = self.promotions[action.id.replace("rollback", "promote")]
            promise(promotion == (action.version, action.to), "rolled back to something else")
            self.roll_backs[action.id] = action.to
            self.withdrawn.add(action.version)
            if self.served == action.version:
                self.served, self.alive = action.to, True
            self.must_roll_back = None
        self._report(
            policy.RolledBack(
                id=self.event_id("done"), at=self.clock, action_id=action.id, to=action.to
            )
        )

    def _do_Notify(self, action: Notify) -> None:  # noqa: N802
        self.told.append(action.text)
        self._report(policy.Notified(id=self.event_id("told"), at=self.clock, action_id=action.id))

    def _report(self, event: Event) -> None:
        self.post.append(event)

    def _report_end(self, run: Run) -> None:
        assert run.outcome is not None
        self._report(
            policy.RunEnded(
                id=self.event_id("ended"),
                at=self.clock,
                action_id=run.action_id,
                outcome=run.outcome,
                version=run.version,
                gates=run.gates,
                seconds=run.seconds,
                reason="the script ended with exit code 1" if run.outcome == "failed" else "",
            )
        )

    # -- what happens in the world ------------------------------------------------------------

    def check(self, signals: Sequence[str]) -> policy.Checked:
        """A check ends; with an alarm when signals are given."""
        event = policy.Checked(
            id=self.event_id("check"), at=self.clock, alarm=bool(signals), signals=tuple(signals)
        )
        self.checks[event.id] = event
        self._report(event)
        return event

    def going(self) -> Run | None:
        """Return the run that is under way."""
        return next((r for r in self.runs.values() if r.executed and r.outcome is None), None)

    def end_run(self, outcome: str, seconds: float, *, old_version: bool = False) -> None:
        """End the run that is under way; `closed` claims success with a closed gate."""
        run = self.going()
        assert run is not None
        run.seconds = seconds if run.limit is None else min(seconds, run.limit)
        run.outcome = "passed" if outcome == "closed" else outcome
        is_open = outcome == "passed"
        run.gates = (Gate(name="auc", passed=is_open, detail="auc against the champion"),)
        if outcome in {"passed", "closed", "refused"}:
            self._versions += 0 if old_version and is_open else 1
            run.version = self._versions
        self._report_end(run)

    def decide_all(self, *, verdict: bool = True) -> None:
        """A person decides on every version that has no verdict yet."""
        for run in self.runs.values():
            if run.version is not None:
                self.verdicts.setdefault(run.version, verdict)

    def kill_endpoint(self) -> None:
        """The endpoint dies; when the policy watches it, it must be rolled back."""
        action = self.state.action
        self.alive = False
        is_watched = isinstance(action, Watch) and action.version == self.served
        if is_watched and action.previous is not None and self.clock > action.since:
            self.must_roll_back = (action.version, action.previous)

    def somebody_deploys(self) -> None:
        """A person has another version served, behind the policy's back."""
        self._versions += 1
        self.served, self.alive, self.must_roll_back = self._versions, True, None

    # -- rest ---------------------------------------------------------------------------------

    def deliver_all(self) -> None:
        """Let the post work as it should, until it is empty."""
        while self.post:
            event = self.post.pop(0)
            self.tell(event)
            self.old_post.append(event)

    def settle(self) -> None:
        """Nothing new happens, every action is completed: the policy comes to rest."""
        for _ in range(_ROUNDS):
            self.clock += self.rules.watch_s + 1
            if self.going() is not None:
                self.end_run("stopped", 1.0)
            self.decide_all()
            self.tick()
            self.deliver_all()
        promise(self.state.phase is Phase.IDLE, f"it rests in {self.state.phase}")
        promise(not self.state.open_actions, "it rests with open actions")
        promise(self.must_roll_back is None, f"no roll-back of {self.must_roll_back}")

    def reacts(self) -> None:
        """At rest, and long after, alarms in a row start a run: it is not dead."""
        self.clock += LONG
        for _ in range(self.rules.confirm):
            self.clock += 1
            self.check(sorted(self.rules.on))
            self.deliver_all()
        promise(self.state.phase is Phase.RETRAINING, "it does not react any more")
