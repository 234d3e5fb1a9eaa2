"""One executor of a policy at a time: a lease that its holder renews while it works.

Only for thrift, and so that two do not deploy at once. What is decided is safe without it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from mlops_iac.runtime.policy.memory import LEASE

SECONDS = 300.0
"""A holder that has not renewed it for so long is taken for dead."""
_RENEWED_BEFORE = SECONDS / 3


class Documents(Protocol):
    """Small documents of one policy, each written only over what was read."""

    def read(self, name: str) -> tuple[Any, str] | None:
        """Return a document and its mark, or `None`."""
        ...

    def write(self, name: str, document: Any, *, mark: str | None) -> bool:
        """Write a document that is as it was read, or not there; false when that is not so."""
        ...

    def remove(self, name: str) -> None:
        """Remove a document."""
        ...


@dataclass(kw_only=True)
class Lease:
    """The right to work for a policy."""

    store: Documents
    owner: str
    clock: Callable[[], float]
    _until: float = field(default=0.0, init=False)

    def take(self) -> bool:
        """Take the lease; false while somebody else holds it."""
        known = self.store.read(LEASE)
        if known is not None:
            held, mark = known
            if held["owner"] != self.owner and held["until"] > self.clock():
                return False
            return self._write(mark)
        return self._write(None)

    def renew(self) -> None:
        """Hold it longer, when its end comes near; to be called now and then."""
        if self._until - self.clock() < SECONDS - _RENEWED_BEFORE:
            self.take()

    def give_back(self) -> None:
        """Let the next one work at once."""
        known = self.store.read(LEASE)
        if known is not None and known[0]["owner"] == self.owner:
            self.store.remove(LEASE)

    def _write(self, mark: str | None) -> bool:
        until = self.clock() + SECONDS
        is_ours = self.store.write(LEASE, {"owner": self.owner, "until": until}, mark=mark)
        if is_ours:
            self._until = until
        return is_ours
