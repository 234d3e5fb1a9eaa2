"""A policy's memory: changed only by who has read the newest of it.

`state.json` is written under the condition that its content is the one that was read, so two
executors never decide on the same memory. It also holds the newest record; `events/<seq>.json` is
written after it, and again by whoever comes next, so that a crash in between loses no record.
"""

from dataclasses import dataclass
from typing import Any

from mlops_iac.loop.kept import Kept
from mlops_iac.runtime.policy.memory import STATE, Memory


@dataclass(frozen=True, kw_only=True)
class Store:
    """The documents of one policy."""

    kept: Kept
    prefix: str
    """The policy's own folder, without a `/` at its end."""

    def load(self) -> Memory:
        """Return the newest memory."""
        known = self.read(STATE)
        return Memory() if known is None else Memory.of(*known)

    def save(self, memory: Memory) -> bool:
        """Write a memory that follows the one of its mark; false when somebody was quicker."""
        return self.write(STATE, memory.document(), mark=memory.mark)

    def record(self, memory: Memory) -> None:
        """Write the newest record of a memory beside the others; again is the same."""
        if memory.record is not None:
            self.kept.write(self._path(memory.record_name), memory.record)

    def read(self, name: str) -> tuple[Any, str] | None:
        """Return a document and its mark, or `None`."""
        return self.kept.marked(self._path(name))

    def write(self, name: str, document: Any, *, mark: str | None) -> bool:
        """Write a document that is as it was read, or not there; false when that is not so."""
        return self.kept.replace(self._path(name), document, mark=mark)

    def remove(self, name: str) -> None:
        """Remove a document."""
        self.kept.remove(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self.prefix}/{name}"
