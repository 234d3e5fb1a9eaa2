"""What a policy remembers between two looks, and the names of the documents that hold it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_iac.runtime.policy.state import State

STATE, LEASE, EVENTS, DOCUMENT = "state.json", "lease.json", "events/", "policy.json"
"""Memory, lease, records, and what `up` has written of the policy."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What a policy remembers."""

    seq: int = 0
    """Number of the newest record."""
    told: frozenset[str] = frozenset()
    """Checks that it was told."""
    state: Mapping[str, Any] = field(default_factory=lambda: State().document())
    record: Mapping[str, Any] | None = None
    """The newest record: event, decision, reason."""
    mark: str | None = None
    """What the store calls this very content; `None` when there is none yet."""

    @classmethod
    def of(cls, document: Mapping[str, Any], mark: str) -> "Memory":
        """Return the memory that a document of `document()` holds."""
        return cls(
            seq=document["seq"],
            told=frozenset(document["told"]),
            state=document["state"],
            record=document["record"],
            mark=mark,
        )

    def document(self) -> dict[str, Any]:
        """Return it as JSON-like values, less the mark."""
        return {
            "seq": self.seq,
            "told": sorted(self.told),
            "state": self.state,
            "record": self.record,
        }

    @property
    def record_name(self) -> str:
        """Name of the document of the newest record."""
        return f"{EVENTS}{self.seq:08}.json"
