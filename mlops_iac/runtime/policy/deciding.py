"""The decision itself: one small function per event, in a table."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from mlops_iac.runtime.policy.actions import (
    Action,
    Notify,
    Promote,
    RequestApproval,
    RollBack,
    StartRun,
    Watch,
)
from mlops_iac.runtime.policy.events import (
    FAILED,
    PASSED,
    REFUSED,
    Approved,
    Checked,
    EndpointDead,
    EndpointHealthy,
    Event,
    Notified,
    Promoted,
    PromotionFailed,
    Rejected,
    RollBackFailed,
    RolledBack,
    RunEnded,
    RunStarted,
    Tick,
)
from mlops_iac.runtime.policy.limits import budget_left, moment, refusals, without_old_starts
from mlops_iac.runtime.policy.rules import MANUAL, Rules
from mlops_iac.runtime.policy.state import NOTICES, SEEN, WITHDRAWN, Decision, Phase, Start, State

A = TypeVar("A", bound=Action)

INFO, WARNING, ERROR = "info", "warning", "error"


def decide(rules: Rules, state: State, event: Event, *, now: float) -> Decision:
    """Return what follows from an event.

    Args:
        rules: what the user asks for.
        state: what the last decision left.
        event: what happened.
        now: seconds since 1970, UTC; a clock that goes back is taken to stand still.
    """
    known = without_old_starts(rules, replace(state, now=max(now, state.now)))
    if event.id in known.seen:
        return _ignored(known, f"`{event.id}` has been dealt with")
    return _HANDLERS[type(event)](rules, known, event)


def _tick(rules: Rules, state: State, event: Tick) -> Decision:
    del rules, event
    phase = state.phase.value.replace("_", " ")
    return Decision(state=state, actions=state.open_actions, reason=phase, counted=False)


def _checked(rules: Rules, state: State, event: Checked) -> Decision:
    if state.phase is not Phase.IDLE:
        return _ignored(state, f"check `{event.id}` does not count while {_doing(state)}")
    if event.at < max(state.checked_at, state.settled_at):
        return _ignored(state, f"check `{event.id}` is of {moment(event.at)}, before the last one")
    known = replace(state, checked_at=event.at)
    counting = sorted(rules.on.intersection(event.signals)) if event.alarm else []
    if not counting:
        said = "the alarm is of signals that do not count" if event.alarm else "no alarm"
        return _counted(replace(known, streak=0), event, f"check `{event.id}`: {said}")
    return _alarmed(rules, replace(known, streak=known.streak + 1), event, counting)


def _alarmed(rules: Rules, state: State, event: Checked, signals: list[str]) -> Decision:
    why = f"check `{event.id}`: alarm of {', '.join(signals)}"
    if state.streak < rules.confirm:
        return _counted(state, event, f"{why}; {state.streak} of {rules.confirm} in a row")
    if against := refusals(rules, state):
        return _counted(state, event, f"{why}; no run: {'; '.join(against)}", level=WARNING)
    return _started(rules, state, event, why)


def _started(rules: Rules, state: State, event: Checked, why: str) -> Decision:
    cycle = state.cycle + 1
    action = StartRun(
        id=f"run-{cycle}", reason=why, check_id=event.id, limit_s=budget_left(rules, state)
    )
    starts = (*state.starts, Start(action_id=action.id, at=state.now))
    fresh = replace(state, cycle=cycle, streak=0, starts=starts)
    return _counted(fresh, event, f"{why}; retraining", action)


def _run_started(rules: Rules, state: State, event: RunStarted) -> Decision:
    del rules
    if (action := _open(state, StartRun, event.action_id)) is None:
        return _stale(state, event.action_id)
    known = replace(state, action=replace(action, run_id=event.run_id))
    return _counted(known, event, f"run `{event.run_id}` started", known.action)


def _run_ended(rules: Rules, state: State, event: RunEnded) -> Decision:
    if _open(state, StartRun, event.action_id) is None:
        return _stale(state, event.action_id)
    seconds = max(event.seconds, 0.0)
    starts = tuple(
        replace(start, seconds=seconds) if start.action_id == event.action_id else start
        for start in state.starts
    )
    known = replace(state, starts=starts, last_seconds=seconds)
    if against := _against(known, event):
        return _settled(known, event, against, ERROR if event.outcome == FAILED else WARNING)
    assert event.version is not None  # noqa: S101  `_against` refuses a run without one
    if rules.promotion == MANUAL:
        asking = RequestApproval(id=f"approval-{state.cycle}", version=event.version)
        said = f"version {event.version} passed its gates and awaits approval"
        return _counted(known, event, said, asking, level=INFO)
    return _promote(known, event, event.version, f"version {event.version} passed its gates")


def _against(state: State, event: RunEnded) -> str:
    """Return in words why nothing of this run may be served; empty when it may."""
    closed = [f"gate {gate.name}: {gate.detail}" for gate in event.gates if not gate.passed]
    if closed or event.outcome == REFUSED:
        said = "; ".join(closed) or event.reason or "its gates are closed"
        return f"the candidate is refused: {said}"
    if event.outcome != PASSED:
        return f"the retraining {event.outcome}: {event.reason or 'no reason is known'}"
    if event.version is None:
        return "the retraining registered no version"
    if event.version in state.withdrawn:
        return f"version {event.version} was rolled back before: it is not promoted again"
    return ""


def _approved(rules: Rules, state: State, event: Approved) -> Decision:
    del rules
    action = state.action
    if not isinstance(action, RequestApproval) or action.version != event.version:
        return _ignored(state, f"nothing waits for the approval of version {event.version}")
    why = f"{event.by} approved version {event.version}"
    return _promote(state, event, event.version, why)


def _rejected(rules: Rules, state: State, event: Rejected) -> Decision:
    del rules
    action = state.action
    if not isinstance(action, RequestApproval) or action.version != event.version:
        return _ignored(state, f"nothing waits for the approval of version {event.version}")
    return _settled(state, event, f"{event.by} rejected version {event.version}", INFO)


def _promote(state: State, event: Event, version: int, why: str) -> Decision:
    action = Promote(id=f"promote-{state.cycle}", version=version)
    return _counted(state, event, f"{why}; promoting", action)


def _promoted(rules: Rules, state: State, event: Promoted) -> Decision:
    action = _open(state, Promote, event.action_id)
    if action is None or action.version != event.version:
        return _stale(state, event.action_id)
    said = f"version {event.version} is served"
    if not rules.watch_s:
        return _settled(state, event, said, INFO)
    watch = Watch(
        id=f"watch-{state.cycle}",
        version=event.version,
        # Going back to itself would be no way back.
        previous=None if event.previous == event.version else event.previous,
        since=event.at,
        until=state.now + rules.watch_s,
    )
    return _counted(state, event, f"{said}; watched until {moment(watch.until)}", watch, level=INFO)


def _promotion_failed(rules: Rules, state: State, event: PromotionFailed) -> Decision:
    del rules
    if (action := _open(state, Promote, event.action_id)) is None:
        return _stale(state, event.action_id)
    said = f"version {action.version} cannot be served: {event.reason}"
    return _settled(state, event, said, ERROR)


def _dead(rules: Rules, state: State, event: EndpointDead) -> Decision:
    del rules
    watch = state.action
    if not isinstance(watch, Watch) or event.at <= watch.since:
        return _ignored(state, "the endpoint is not watched")
    if event.version != watch.version:
        return _replaced(state, event, event.version)
    said = f"the endpoint died with version {watch.version}"
    gone = replace(state, withdrawn=(*state.withdrawn, watch.version)[-WITHDRAWN:])
    if watch.previous is None:
        return _settled(gone, event, f"{said}, and nothing was served before", ERROR)
    back = RollBack(id=f"rollback-{state.cycle}", version=watch.version, to=watch.previous)
    return _counted(gone, event, f"{said}; back to version {back.to}", back, level=ERROR)


def _healthy(rules: Rules, state: State, event: EndpointHealthy) -> Decision:
    del rules
    watch = state.action
    if not isinstance(watch, Watch) or event.at <= watch.since:
        return _ignored(state, "the endpoint is not watched")
    if event.version != watch.version:
        return _replaced(state, event, event.version)
    if event.at < watch.until:
        return _ignored(state, f"version {watch.version} lives")
    return _settled(state, event, f"version {watch.version} lived through its watch", INFO)


def _replaced(state: State, event: Event, version: int) -> Decision:
    return _settled(state, event, f"somebody else had version {version} served", INFO)


def _rolled_back(rules: Rules, state: State, event: RolledBack) -> Decision:
    del rules
    if (action := _open(state, RollBack, event.action_id)) is None:
        return _stale(state, event.action_id)
    said = f"version {event.to} is served again instead of version {action.version}"
    return _settled(state, event, said, WARNING)


def _roll_back_failed(rules: Rules, state: State, event: RollBackFailed) -> Decision:
    del rules
    if (action := _open(state, RollBack, event.action_id)) is None:
        return _stale(state, event.action_id)
    said = f"the roll-back to version {action.to} failed and is tried again: {event.reason}"
    return _counted(state, event, said, action, level=ERROR)


def _notified(rules: Rules, state: State, event: Notified) -> Decision:
    del rules
    left = tuple(notice for notice in state.notices if notice.id != event.action_id)
    if left == state.notices:
        return _stale(state, event.action_id)
    told = replace(state, notices=left)
    return Decision(state=told, actions=(), reason=f"`{event.action_id}` is told", counted=True)


def _open(state: State, kind: type[A], action_id: str) -> A | None:
    """Return the open action when it is of `kind` and of this id."""
    action = state.action
    return action if isinstance(action, kind) and action.id == action_id else None


def _doing(state: State) -> str:
    return state.phase.value.replace("_", " ")


def _stale(state: State, action_id: str) -> Decision:
    return _ignored(state, f"`{action_id}` is not open")


def _ignored(state: State, reason: str) -> Decision:
    return Decision(state=state, actions=(), reason=reason, counted=False)


def _settled(state: State, event: Event, reason: str, level: str) -> Decision:
    """Come to rest: the retraining has had its end, good or bad."""
    resting = replace(state, action=None, settled_at=state.now, streak=0)
    return _counted(resting, event, reason, level=level)


def _counted(
    state: State,
    event: Event,
    reason: str,
    action: Action | None = None,
    *,
    level: str | None = None,
) -> Decision:
    """Return the state after an event that counts.

    Args:
        state: the state but for action, notices, ids and reason.
        event: what counted.
        reason: why, in words.
        action: what is open from now on; none in `idle`. Done at once when it was not open.
        level: tell people `reason`, at this level; nobody is told when `None`.
    """
    notice = None
    if level is not None:
        notice = Notify(id=f"notice-{event.id}", text=reason, level=level)
    told = () if notice is None else (notice,)
    is_open = state.action is not None and action is not None and state.action.id == action.id
    new = () if action is None or is_open else (action,)
    after = replace(
        state,
        action=action,
        notices=(*state.notices, *told)[-NOTICES:],
        seen=(*state.seen, event.id)[-SEEN:],
        reason=reason,
    )
    return Decision(state=after, actions=(*new, *told), reason=reason, counted=True)


_HANDLERS: Mapping[type[Event], Callable[[Rules, State, Any], Decision]] = {
    Approved: _approved,
    Checked: _checked,
    EndpointDead: _dead,
    EndpointHealthy: _healthy,
    Notified: _notified,
    Promoted: _promoted,
    PromotionFailed: _promotion_failed,
    Rejected: _rejected,
    RollBackFailed: _roll_back_failed,
    RolledBack: _rolled_back,
    RunEnded: _run_ended,
    RunStarted: _run_started,
    Tick: _tick,
}
