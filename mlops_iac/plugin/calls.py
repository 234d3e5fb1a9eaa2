"""What a handler gets to work with, for one engine call."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Event
from typing import Any

from mlops_iac.custom import Cancelled, Properties
from mlops_iac.errors import MlopsError
from mlops_iac.plugin.journal import Journal
from mlops_iac.plugin.redaction import Redactor


class CallTimeoutError(MlopsError):
    """An operation outlasted the time that the program allows it."""

    code = "plugin.timeout"


@dataclass(kw_only=True)
class HostCall:
    """Implements `mlops_iac.custom.Call`; lives in a worker thread."""

    urn: str
    name: str
    token: str
    config: Mapping[str, Any]
    timeout: float
    cancelled: Event
    tell: Callable[[str, str], None]
    """Takes a URN and a message to the engine's display."""
    book: Journal
    redactor: Redactor
    began: tuple[str, Properties] | None = None
    """Id and state of a resource that exists although the call has not ended."""
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.timeout if self.timeout else float("inf")
        # Read before this call writes its own: only the intents of earlier calls are news.
        self._earlier = self.book.read()

    @cached_property
    def _limit(self) -> str:
        return f"`{self.name}` took longer than the {self.timeout:g} s that the program allows"

    def check_cancelled(self) -> None:
        """Raise `Cancelled` on the user's request, `CallTimeoutError` when time is up."""
        self.wait(0)

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, less when the user stops the operation or the time is up."""
        left = self._deadline - time.monotonic()
        if self.cancelled.wait(max(0.0, min(seconds, left))):
            raise Cancelled
        if left < seconds or left <= 0:
            raise CallTimeoutError(self._limit, remedy="raise `custom_timeouts`, or `timeout`")

    def log(self, message: str) -> None:
        """Show `message` as the resource's present status."""
        self.tell(self.urn, self.redactor.text(message))

    def journal(self, operation: str, **facts: Any) -> None:
        """Write down an outside call before it is made; secrets among `facts` are hidden."""
        self.check_cancelled()
        self.book.write(operation, self.name, self.token, self.redactor.data(facts))

    def intents(self) -> Sequence[Mapping[str, Any]]:
        """Return what earlier calls wrote whose result the engine never recorded."""
        return self._earlier

    def exists(self, resource_id: str, state: Properties) -> None:
        """Note that the resource exists now, so that a failure from here on leaves it in state."""
        self.began = (resource_id, state)
