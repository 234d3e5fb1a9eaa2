"""A policy's memory in the bucket: changed only by who has read the newest of it.

`state.json` is written under the condition that its generation is the one that was read, so two
executors never decide on the same memory. It also holds the newest record; `events/<seq>.json` is
written after it, and again by whoever comes next, so that a crash in between loses no record.
"""

from dataclasses import dataclass
from typing import Any

from mlops_iac.runtime.policy.memory import STATE, Memory
from mlops_iac_gcp import documents, place
from mlops_iac_gcp.session import Place


@dataclass(frozen=True, kw_only=True)
class Store:
    """The objects of one policy."""

    where: Place
    bucket: str
    policy: str

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
            path = self._path(memory.record_name)
            documents.write(self.where, self.bucket, path, memory.record)

    def read(self, name: str) -> tuple[Any, str] | None:
        """Return an object and its mark, or `None`."""
        document, generation = documents.read_generation(self.where, self.bucket, self._path(name))
        return None if document is None else (document, str(generation))

    def write(self, name: str, document: Any, *, mark: str | None) -> bool:
        """Write an object that is as it was read, or not there; false when that is not so."""
        generation = documents.ABSENT if mark is None else int(mark)
        path = self._path(name)
        return documents.write(self.where, self.bucket, path, document, generation=generation)

    def remove(self, name: str) -> None:
        """Remove an object."""
        documents.remove(self.where, self.bucket, self._path(name))

    def _path(self, name: str) -> str:
        return f"{place.policy_prefix(self.policy)}/{name}"
