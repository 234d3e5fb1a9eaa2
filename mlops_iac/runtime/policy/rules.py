"""What a user asks of a retraining policy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.errors import PolicyError
from mlops_iac.runtime.policy.documents import document, parsed

AUTOMATIC, MANUAL = "automatic", "manual"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """When to retrain, how often, and who lets the result be served. All times in seconds."""

    on: frozenset[str]
    """Signals whose alarms count, such as `data_drift`."""
    promotion: str
    """`automatic`: what passed its gates is served; `manual`: somebody approves it first."""
    confirm: int = 1
    """Checks in a row that must alarm before a run starts."""
    cooldown_s: float = 0.0
    """Least time between the starts of two runs."""
    max_runs: int
    """Runs that may start in a period, failed ones included."""
    period_s: float
    """Length of the sliding period that runs and budget are counted in."""
    budget_s: float | None = None
    """Machine seconds that the runs of a period may take together; unlimited when `None`."""
    watch_s: float = 0.0
    """How long after a promotion an endpoint that dies is rolled back; 0 does not watch."""

    def __post_init__(self) -> None:
        """Refuse values that no policy can follow.

        Raises:
            PolicyError: says all that is wrong.
        """
        object.__setattr__(self, "on", frozenset(self.on))
        if faults := list(self._faults()):
            raise PolicyError(
                f"the rules cannot be followed: {'; '.join(faults)}", remedy="correct them"
            )

    def _faults(self) -> Iterator[str]:
        if not self.on:
            yield "`on` names no signal"
        if self.promotion not in {AUTOMATIC, MANUAL}:
            yield f"`promotion` is `{self.promotion}`, neither `{AUTOMATIC}` nor `{MANUAL}`"
        for name in ("confirm", "max_runs"):
            if getattr(self, name) < 1:
                yield f"`{name}` is less than 1"
        for name in ("cooldown_s", "watch_s"):
            if not getattr(self, name) >= 0:
                yield f"`{name}` is negative"
        for name in ("period_s", "budget_s"):
            if getattr(self, name) is not None and not getattr(self, name) > 0:
                yield f"`{name}` is not positive"

    def document(self) -> dict[str, Any]:
        """Return the rules as a JSON document."""
        return document(self)

    @classmethod
    def from_document(cls, given: Mapping[str, Any]) -> "Rules":
        """Return the rules that `document` wrote.

        Raises:
            PolicyError: they are not such rules, or cannot be followed.
        """
        return parsed(cls, given)
