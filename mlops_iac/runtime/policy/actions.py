"""What a policy wants done. Doing one again, under the same `id`, is doing it once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.policy.documents import parsed_tagged, tagged


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something to do until an event says that it is completed."""

    id: str
    """Made from state and event alone: unique for ever within one policy."""


@dataclass(frozen=True, kw_only=True)
class StartRun(Action):
    """Retrain. Completed by `RunEnded`: done again, it looks after the run that it started."""

    reason: str
    check_id: str
    """The check whose alarm started it."""
    limit_s: float | None = None
    """Machine seconds after which the run is stopped; unlimited when `None`."""
    run_id: str | None = None
    """The run, once it is known."""


@dataclass(frozen=True, kw_only=True)
class RequestApproval(Action):
    """Ask for a verdict on a version. Completed by `Approved` or `Rejected`."""

    version: int


@dataclass(frozen=True, kw_only=True)
class Promote(Action):
    """Serve a version. Completed by `Promoted` or `PromotionFailed`."""

    version: int


@dataclass(frozen=True, kw_only=True)
class Watch(Action):
    """Look whether the endpoint lives. Completed by a life sign at or after `until`, or a death."""

    version: int
    previous: int | None
    since: float
    until: float


@dataclass(frozen=True, kw_only=True)
class RollBack(Action):
    """Serve an earlier version again. Completed by `RolledBack`."""

    version: int
    """The version that died."""
    to: int


@dataclass(frozen=True, kw_only=True)
class Notify(Action):
    """Tell people. Completed by `Notified`."""

    text: str
    level: str
    """`info`, `warning` or `error`."""


CLASSES: Mapping[str, type[Action]] = {
    cls.__name__: cls for cls in (Notify, Promote, RequestApproval, RollBack, StartRun, Watch)
}


def action_document(action: Action) -> dict[str, Any]:
    """Return an action as a JSON document that `action_from` reads."""
    return tagged(action)


def action_from(given: Mapping[str, Any]) -> Action:
    """Return the action of a JSON document; its `type` says which.

    Raises:
        PolicyError: it is no action of a policy.
    """
    return parsed_tagged(CLASSES, given)
