"""Driving one policy: tells it what is seen, does what it wants. At least once, everything.

`World` is what is seen and done; each of its actions may be done again under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from mlops_iac.errors import MlopsError
from mlops_iac.runtime.policy import (
    Action,
    Checked,
    Decision,
    EndpointHealthy,
    Event,
    Notified,
    Notify,
    Promote,
    RequestApproval,
    RollBack,
    Rules,
    RunEnded,
    RunStarted,
    StartRun,
    State,
    Tick,
    Watch,
    decide,
    event_document,
)
from mlops_iac.runtime.policy.events import FAILED
from mlops_iac.runtime.policy.memory import Memory

_EVERY_LOOK = (Tick, EndpointHealthy)
"""Events that are recorded only when they count."""
LEAST_LOOK_SECONDS, LOOK_SECONDS = 1.0, 30.0
STAY_SECONDS = 3600.0
"""A watch that ends later is left to the events and the schedule that wake the policy."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A run of the policy's pipeline, as it is now."""

    id: str
    seconds: float
    """Machine seconds that it has taken."""
    ended: RunEnded | None = None
    """How it ended; `None` while it is under way."""


class World(Protocol):
    """What a policy sees of its target, and does there."""

    def now(self) -> float:
        """Return seconds since 1970, UTC."""
        ...

    def checks(self, told: frozenset[str]) -> Sequence[Checked]:
        """Return the checks with a verdict that the policy was not told, oldest first."""
        ...

    def known_checks(self, told: frozenset[str]) -> frozenset[str]:
        """Return of the told checks those that `checks` would still find."""
        ...

    def run(self, action: StartRun) -> Seen | None:
        """Return the run that was started for an action, or `None`."""
        ...

    def start(self, action: StartRun) -> None:
        """Start the run of an action, once."""
        ...

    def stop(self, action: StartRun) -> None:
        """Stop the run of an action."""
        ...

    def verdict(self, action: RequestApproval) -> Event | None:
        """Return what somebody decided on a version, or `None`."""
        ...

    def promote(self, action: Promote) -> Event:
        """Serve a version; return how that went."""
        ...

    def roll_back(self, action: RollBack) -> Event:
        """Serve an earlier version again; return how that went."""
        ...

    def sign(self, action: Watch) -> Event | None:
        """Return a sign of the endpoint's life or death; `None` while neither is sure."""
        ...

    def tell(self, action: Notify) -> None:
        """Tell people."""
        ...


class Memories(Protocol):
    """Where a policy's memory is kept."""

    def load(self) -> Memory:
        """Return the newest memory."""
        ...

    def save(self, memory: Memory) -> bool:
        """Write a memory that follows the one of its mark; false when somebody was quicker."""
        ...

    def record(self, memory: Memory) -> None:
        """Write the newest record of a memory; again is the same."""
        ...


class Executor:
    """One policy of one stack."""

    def __init__(self, rules: Rules, world: World, store: Memories) -> None:
        self._rules, self._world, self._store = rules, world, store
        self._doing: Mapping[type[Action], Callable[[Any], None]] = {
            Notify: self._notify,
            Promote: lambda action: self._told(world.promote(action)),
            RequestApproval: lambda action: self._told(world.verdict(action)),
            RollBack: lambda action: self._told(world.roll_back(action)),
            StartRun: self._start_run,
            Watch: lambda action: self._told(world.sign(action)),
        }

    @property
    def state(self) -> State:
        """What the policy remembers now."""
        return State.from_document(self._store.load().state)

    def settle(self) -> State:
        """Look and act until nothing more can be done now; return what is remembered."""
        # What a crash left unwritten.
        self._store.record(self._store.load())
        before: tuple[Any, ...] | None = None
        while (now := _progress(self.state)) != before:
            before = now
            self.step()
        return self.state

    def step(self) -> None:
        """Tell the policy what is new, and see to all that it wants."""
        told = self._store.load().told
        for check in self._world.checks(told):
            told = self._world.known_checks(told) | {check.id}
            self._tell(check, told)
        now = self._world.now()
        for action in self._tell(Tick(id=f"tick-{now:.6f}", at=now)).actions:
            self._doing[type(action)](action)

    def _told(self, event: Event | None) -> None:
        if event is not None:
            self._tell(event)

    def _tell(self, event: Event, told: frozenset[str] | None = None) -> Decision:
        while True:
            memory = self._store.load()
            before = State.from_document(memory.state)
            decision = decide(self._rules, before, event, now=self._world.now())
            after = _after(memory, event, decision, told, self._world.now())
            if after is memory:
                return decision
            if self._store.save(after):
                self._store.record(after)
                return decision

    def _start_run(self, action: StartRun) -> None:
        seen = self._started(action)
        if seen is None:
            return
        if seen.ended is not None:
            self._tell(seen.ended)
            return
        if action.run_id is None:
            self._tell(
                RunStarted(
                    id=f"{action.id}-started",
                    at=self._world.now(),
                    action_id=action.id,
                    run_id=seen.id,
                )
            )
        if action.limit_s is not None and seen.seconds > action.limit_s:
            self._world.stop(action)

    def _started(self, action: StartRun) -> Seen | None:
        """Return the run of an action, started when there is none; what cannot start has failed."""
        if (seen := self._world.run(action)) is not None:
            return seen
        try:
            self._world.start(action)
        except MlopsError as error:
            failed = RunEnded(
                id=f"{action.id}-ended",
                at=self._world.now(),
                action_id=action.id,
                outcome=FAILED,
                reason=str(error),
            )
            self._tell(failed)
            return None
        return self._world.run(action)

    def _notify(self, action: Notify) -> None:
        self._world.tell(action)
        self._tell(Notified(id=f"{action.id}-told", at=self._world.now(), action_id=action.id))


def attend(executor: Executor, now: Callable[[], float], pause: Callable[[float], None]) -> State:
    """Settle; stay while a promoted version is watched, unless that takes too long."""
    state = executor.settle()
    while isinstance(state.action, Watch) and (left := state.action.until - now()) <= STAY_SECONDS:
        pause(min(max(left, LEAST_LOOK_SECONDS), LOOK_SECONDS))
        state = executor.settle()
    return state


def _progress(state: State) -> tuple[Any, ...]:
    """Return what differs when another look may bring something new."""
    return (state.cycle, state.checked_at, *(action.id for action in state.open_actions))


def _after(
    memory: Memory, event: Event, decision: Decision, told: frozenset[str] | None, now: float
) -> Memory:
    """Return the memory after a decision; the same when nothing is worth remembering."""
    is_news = not isinstance(event, Notified) and (
        decision.counted or not isinstance(event, _EVERY_LOOK)
    )
    if not (is_news or decision.counted or told is not None):
        return memory
    seq = memory.seq + int(is_news)
    return replace(
        memory,
        seq=seq,
        told=memory.told if told is None else told,
        state=decision.state.document(),
        record=_record(seq, event, decision, now) if is_news else memory.record,
    )


def _record(seq: int, event: Event, decision: Decision, now: float) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
        "event": event_document(event),
        "counted": decision.counted,
        "phase": decision.state.phase.value,
        "actions": decision.document()["actions"],
        "reason": decision.reason,
    }
