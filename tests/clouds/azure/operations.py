"""Long-running operations: they take several looks, and their effect comes with the last.

An operation moves on when it is asked for, and when its resource is, so that a caller who lost its
address sees the effect too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.clouds.azure.calls import Body, CloudError
from tests.clouds.azure.hooks import Run, RunState


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Begun:
    """What a resource needs besides itself before it is there."""

    run: Run | None = None
    """Work that must end well first."""
    then: Callable[[], None] = _nothing
    """What is done when it is there."""
    undo: Callable[[], None] = _nothing
    """What is done when it has failed."""


@dataclass
class Operation:
    """Something that is being done."""

    id: str
    target: str
    """The key of the resource that it makes, changes or deletes."""
    effect: Callable[[], Body | None]
    """What its last look does; it answers the result, None when there is nothing left."""
    looks: int
    """How many more it takes."""
    begun: str = ""
    undo: Callable[[], None] = field(default=_nothing)
    """What is to be done when it fails."""
    run: Run | None = None
    """Work that must end first."""
    watch: Callable[[Run], None] = field(default=lambda _: None)
    """Tells the work that somebody looks."""
    status: str = "InProgress"
    error: CloudError | None = None
    result: Body | None = None

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.status != "InProgress"

    def look(self) -> None:
        """Move on; end with the last look."""
        if self.done:
            return
        self.looks -= 1
        if self.run is not None and not self.run.ended.is_set():
            self.watch(self.run)
        if self.looks <= 0 and (self.run is None or self.run.ended.is_set()):
            self.end()

    def end(self) -> None:
        """Do it."""
        try:
            self._refuse_failed_run()
            self.result = self.effect()
            self.status = "Succeeded"
        except CloudError as error:
            self.fail(error)

    def _refuse_failed_run(self) -> None:
        if self.run is not None and self.run.state is not RunState.SUCCEEDED:
            reason = self.run.reason or "The work failed."
            raise CloudError(400, "ResourceOperationFailure", reason)

    def fail(self, error: CloudError) -> None:
        """End without the effect."""
        self.error, self.status = error, "Failed"
        self.undo()

    def body(self) -> Body:
        """Return it as `Azure-AsyncOperation` is answered."""
        told: Body = {"id": self.id, "name": self.id.rpartition("/")[2], "status": self.status}
        told |= {"startTime": self.begun} if self.begun else {}
        return {**told, "error": self.error.told()} if self.error else told


class Operations:
    """All operations, oldest first."""

    def __init__(self) -> None:
        self._all: dict[str, Operation] = {}

    def add(self, operation: Operation) -> Operation:
        """Keep one."""
        self._all[operation.id.lower()] = operation
        return operation

    def get(self, id_: str) -> Operation | None:
        """Return one."""
        return self._all.get(id_.lower())

    def pending(self, target: str) -> list[Operation]:
        """Return those that still change a resource."""
        key = target.lower()
        return [one for one in list(self._all.values()) if one.target == key and not one.done]

    def tick(self, target: str) -> None:
        """Move on what changes a resource."""
        for one in self.pending(target):
            one.look()
