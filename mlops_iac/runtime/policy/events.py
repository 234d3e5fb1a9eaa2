"""What a policy is told. Each may come twice, late, never, or before what came before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.policy.documents import parsed, parsed_tagged, tagged

PASSED, REFUSED, FAILED, STOPPED = "passed", "refused", "failed", "stopped"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One judgement of a candidate."""

    name: str
    passed: bool
    detail: str
    """The judgement in words: `auc 0.61 < 0.64 of the champion`."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened."""

    id: str
    """The same for every delivery of one event."""
    at: float
    """When it happened, not when it is told: seconds since 1970, UTC."""


@dataclass(frozen=True, kw_only=True)
class Tick(Event):
    """Time has passed."""


@dataclass(frozen=True, kw_only=True)
class Checked(Event):
    """A check of a monitor ended; `id` is the check's, `at` the end of what it looked at."""

    alarm: bool
    signals: tuple[str, ...] = ()
    """Signals that raised the alarm."""


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """The run of a `StartRun` exists."""

    action_id: str
    run_id: str


@dataclass(frozen=True, kw_only=True)
class RunEnded(Event):
    """The run of a `StartRun` is over, or could not be started."""

    action_id: str
    outcome: str
    """`passed`: a version, and every gate open; `refused` by a gate; `failed`; `stopped`."""
    version: int | None = None
    """The version that the run registered."""
    gates: tuple[Gate, ...] = ()
    seconds: float = 0.0
    """Machine seconds that it took."""
    reason: str = ""
    """Why it failed or was stopped."""


@dataclass(frozen=True, kw_only=True)
class Approved(Event):
    """Somebody let a version be served."""

    version: int
    by: str = "somebody"


@dataclass(frozen=True, kw_only=True)
class Rejected(Event):
    """Somebody refused a version for good."""

    version: int
    by: str = "somebody"


@dataclass(frozen=True, kw_only=True)
class Promoted(Event):
    """The version of a `Promote` is served."""

    action_id: str
    version: int
    previous: int | None
    """What was served before; `None` when nothing was."""


@dataclass(frozen=True, kw_only=True)
class PromotionFailed(Event):
    """The version of a `Promote` cannot be served; what was served before still is."""

    action_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class EndpointDead(Event):
    """The endpoint was to serve a version and does not answer."""

    version: int


@dataclass(frozen=True, kw_only=True)
class EndpointHealthy(Event):
    """The endpoint serves a version and answers."""

    version: int


@dataclass(frozen=True, kw_only=True)
class RolledBack(Event):
    """The endpoint serves what it served before."""

    action_id: str
    to: int


@dataclass(frozen=True, kw_only=True)
class RollBackFailed(Event):
    """A roll-back did not succeed; it is tried again at every tick."""

    action_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Notified(Event):
    """The text of a `Notify` was delivered."""

    action_id: str


_CLASSES: Mapping[str, type[Event]] = {
    cls.__name__: cls
    for cls in (
        Approved,
        Checked,
        EndpointDead,
        EndpointHealthy,
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
}


def event_document(event: Event) -> dict[str, Any]:
    """Return an event as a JSON document that `event_from` reads."""
    return tagged(event)


def event_from(given: Mapping[str, Any]) -> Event:
    """Return the event of a JSON document; its `type` says which.

    Raises:
        PolicyError: it is no event of a policy.
    """
    gates = tuple(parsed(Gate, gate) for gate in given.get("gates", ()))
    return parsed_tagged(_CLASSES, {**given, "gates": gates} if gates else given)
