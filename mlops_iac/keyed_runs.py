"""Runs whose ids are made of their keys, so that one is made once.

Stands on the standard library: whatever starts or reads runs, a container too, does so with it.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

RUNNING, FINISHED, FAILED, STOPPED = "running", "finished", "failed", "stopped"
FIRST_POLL_SECONDS, LAST_POLL_SECONDS = 1.0, 15.0
_LABEL_LENGTH = 63
_KEY_IN_ID = 16
_REPETITION = re.compile(rf".*-[^-]{{{_KEY_IN_ID}}}-(\d+)")
"""Id of a run that was asked for anew, as `run_id` makes it."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run."""

    name: str
    """Full name in the service; its last word is its id."""
    key: str
    """Its key, as far as the service tells it; its id where it was given none."""
    status: str
    """`running`, `finished`, `failed` or `stopped`."""
    component: str
    kind: str
    """Kind of the component."""
    bucket: str
    """The stack's store."""
    started: str
    ended: str | None = None
    reason: str | None = None
    """Why it failed, as far as the service says it."""

    @property
    def id(self) -> str:
        """Last word of its name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run has come to."""

    execution: Execution
    model_version: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters of the best trial, of a search."""
    value: float | None = None
    """Metric of the best trial, of a search."""
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """What each step has told, by its name."""


RunT = TypeVar("RunT", bound=Execution)


def label(text: str) -> str:
    """Return text as the value of a label: what is too long ends with its hash."""
    plain = "".join(one if one.isalnum() or one in "-_" else "_" for one in text.lower())
    if len(plain) <= _LABEL_LENGTH:
        return plain
    digest = sha256(text.encode()).hexdigest()[:16]
    return f"{plain[: _LABEL_LENGTH - len(digest) - 1]}-{digest}"


def run_id(pipeline: str, key: str, again: int = 0) -> str:
    """Return the id of a run of a key; `again` counts those that were asked for anew."""
    return repeated(f"{pipeline}-{key[:_KEY_IN_ID]}", again)


def repeated(run: str, again: int) -> str:
    """Return the id of a repetition of a run; 0 is the run itself."""
    return f"{run}-{again}" if again else run


def next_repetition(known: Sequence[Execution]) -> int:
    """Return the number of a key's next run, by the ids of those it has had; 0 is the first."""
    numbers = (_REPETITION.fullmatch(each.id) for each in known)
    return max((int(found[1]) for found in numbers if found), default=0) + 1 if known else 0


def finish(  # noqa: PLR0913  how a run is seen and stopped, and what the caller lends
    run: RunT,
    *,
    look: Callable[[RunT], RunT],
    states: Callable[[RunT], Mapping[str, str]],
    stop: Callable[[RunT], None],
    wait: Callable[[float], None],
    tell: Callable[[str], None],
    seconds: float,
) -> RunT:
    """Wait until a run has ended, and tell how its steps go; after `seconds` it is stopped.

    Args:
        run: the run.
        look: returns the run as it is now.
        states: returns in words how each step that has begun is, by its name.
        stop: stops the run.
        wait: waits for so many seconds.
        tell: tells people.
        seconds: how long it may take.
    """
    told: dict[str, str] = {}
    pause, last = FIRST_POLL_SECONDS, time.monotonic() + seconds
    while run.status == RUNNING:
        _tell(states(run), told, tell)
        if time.monotonic() > last:
            stop(run)
        wait(pause)
        pause = min(pause * 1.5, LAST_POLL_SECONDS)
        run = look(run)
    _tell(states(run), told, tell)
    return run


def _tell(states: Mapping[str, str], told: dict[str, str], tell: Callable[[str], None]) -> None:
    for name, state in states.items():
        if told.get(name) != state:
            told[name] = state
            tell(f"{name}: {state}")


def outcome(run: Execution, steps: Mapping[str, Mapping[str, Any]]) -> Outcome:
    """Return what a run made, as its steps have told."""
    done = [told for told in steps.values() if told.get("status") == FINISHED]
    versions = [told["model_version"] for told in done if told.get("model_version")]
    trained = [told for told in done if told.get("metrics")]
    searched = [told for told in done if "parameters" in told]
    return Outcome(
        execution=run,
        model_version=versions[-1] if versions else None,
        metrics=trained[-1]["metrics"] if trained else {},
        parameters=searched[-1]["parameters"] if searched else {},
        value=searched[-1]["value"] if searched else None,
        steps=steps,
    )
