"""What a policy remembers between two events."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mlops_iac.runtime.errors import PolicyError
from mlops_iac.runtime.policy.actions import (
    Action,
    Notify,
    Promote,
    RequestApproval,
    RollBack,
    StartRun,
    Watch,
    action_document,
    action_from,
)
from mlops_iac.runtime.policy.documents import document, parsed

VERSION = 1
"""Of the document; a reader of another version refuses it."""
SEEN, NOTICES, WITHDRAWN = 100, 20, 20
"""How many ids, undelivered notices and rolled-back versions are remembered, the newest."""


class Phase(StrEnum):
    """Where a policy is."""

    IDLE = "idle"
    RETRAINING = "retraining"
    AWAITING_APPROVAL = "awaiting_approval"
    PROMOTING = "promoting"
    WATCHING = "watching"
    ROLLING_BACK = "rolling_back"


_PHASES: Mapping[type[Action], Phase] = {
    StartRun: Phase.RETRAINING,
    RequestApproval: Phase.AWAITING_APPROVAL,
    Promote: Phase.PROMOTING,
    Watch: Phase.WATCHING,
    RollBack: Phase.ROLLING_BACK,
}


@dataclass(frozen=True, kw_only=True)
class Start:
    """A run that was started, for cooldown, count and budget."""

    action_id: str
    at: float
    seconds: float | None = None
    """Machine seconds; `None` while it runs."""


@dataclass(frozen=True, kw_only=True)
class State:
    """A policy's memory. The phase is what its one open action makes it: no two can disagree."""

    now: float = 0.0
    """The latest moment it has known; it never goes back."""
    cycle: int = 0
    """Retrainings so far; part of every action's id."""
    action: Action | None = None
    """What is under way; nothing in `idle`."""
    notices: tuple[Notify, ...] = ()
    """What people have not been told yet."""
    starts: tuple[Start, ...] = ()
    """Runs that still count for cooldown, period or budget, oldest first."""
    last_seconds: float = 0.0
    """What the last run took: the estimate for the next."""
    streak: int = 0
    """Checks in a row that raised an alarm."""
    checked_at: float = 0.0
    """The newest check that counted."""
    settled_at: float = 0.0
    """When the last retraining came to its end, whatever it was."""
    withdrawn: tuple[int, ...] = ()
    """Versions that were rolled back: they are not promoted again."""
    seen: tuple[str, ...] = ()
    """Ids of the events that counted. Older ones are harmless by their time or their action."""
    reason: str = "nothing has happened yet"
    """Why it is as it is."""

    @property
    def phase(self) -> Phase:
        """Where the policy is."""
        return Phase.IDLE if self.action is None else _PHASES[type(self.action)]

    @property
    def open_actions(self) -> tuple[Action, ...]:
        """All that was decided and is not known to be completed."""
        return (*(() if self.action is None else (self.action,)), *self.notices)

    def document(self) -> dict[str, Any]:
        """Return the state as a JSON document."""
        return {
            "version": VERSION,
            "phase": self.phase.value,
            **document(self),
            "action": None if self.action is None else action_document(self.action),
        }

    @classmethod
    def from_document(cls, given: Mapping[str, Any]) -> "State":
        """Return the state that `document` wrote.

        Raises:
            PolicyError: it is of another version, or no such state.
        """
        if given.get("version") != VERSION:
            raise PolicyError(
                f"the state has version `{given.get('version')}`, known is `{VERSION}`",
                remedy="use the release of `mlops-iac` that wrote it",
            )
        action = given.get("action")
        # A field that is not known here is refused by `parsed`.
        own = {name: value for name, value in given.items() if name not in {"version", "phase"}}
        made = {
            **own,
            "action": None if action is None else action_from(action),
            "notices": tuple(parsed(Notify, item) for item in given.get("notices", ())),
            "starts": tuple(parsed(Start, item) for item in given.get("starts", ())),
        }
        return parsed(cls, made)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What an event led to."""

    state: State
    """To be saved before anything is done."""
    actions: tuple[Action, ...]
    """To be done now, in this order; those that stay open come again with the next `Tick`."""
    reason: str
    """Why, in words."""
    counted: bool
    """Whether the event changed anything; a repeated or late one does not."""

    def document(self) -> dict[str, Any]:
        """Return the decision as a JSON document."""
        return {
            "state": self.state.document(),
            "actions": [action_document(action) for action in self.actions],
            "reason": self.reason,
            "counted": self.counted,
        }
