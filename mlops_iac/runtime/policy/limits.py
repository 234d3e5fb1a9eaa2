"""Whether a run may start now: cooldown, runs in the period, machine seconds in the period."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mlops_iac.runtime.policy.rules import Rules
from mlops_iac.runtime.policy.state import Start, State

_UNITS = (("d", 86400), ("h", 3600), ("m", 60))


def refusals(rules: Rules, state: State) -> list[str]:
    """Return in words all that speaks against a run now; empty when it may start."""
    return [said for limit in _LIMITS for said in limit(rules, state)]


def budget_left(rules: Rules, state: State) -> float | None:
    """Return the machine seconds left in the period; `None` without a budget."""
    return None if rules.budget_s is None else rules.budget_s - _spent(rules, state)


def without_old_starts(rules: Rules, state: State) -> State:
    """Return the state without the starts that no limit counts any more."""
    oldest = state.now - max(rules.period_s, rules.cooldown_s)
    return replace(state, starts=tuple(start for start in state.starts if start.at > oldest))


def span(seconds: float) -> str:
    """Return a length of time as a declaration says it: `30d`, `90s`."""
    for name, unit in _UNITS:
        if seconds >= unit and seconds % unit == 0:
            return f"{seconds / unit:.0f}{name}"
    return f"{seconds:g}s"


def moment(at: float) -> str:
    """Return a moment in UTC, to the second."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _cooldown(rules: Rules, state: State) -> Iterator[str]:
    if state.starts and state.now < (until := state.starts[-1].at + rules.cooldown_s):
        yield f"cooldown until {moment(until)}"


def _runs(rules: Rules, state: State) -> Iterator[str]:
    if (used := len(_in_period(rules, state))) >= rules.max_runs:
        yield f"{used} of {rules.max_runs} runs in {span(rules.period_s)} used"


def _budget(rules: Rules, state: State) -> Iterator[str]:
    left = budget_left(rules, state)
    if left is not None and (left <= 0 or left < state.last_seconds):
        yield (
            f"{_spent(rules, state):g} of {rules.budget_s:g} machine seconds in "
            f"{span(rules.period_s)} used, and the last run took {state.last_seconds:g}"
        )


_LIMITS: Sequence[Callable[[Rules, State], Iterator[str]]] = (_cooldown, _runs, _budget)


def _in_period(rules: Rules, state: State) -> list[Start]:
    return [start for start in state.starts if start.at > state.now - rules.period_s]


def _spent(rules: Rules, state: State) -> float:
    return sum(start.seconds or 0.0 for start in _in_period(rules, state))
