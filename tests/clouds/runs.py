"""What happens when a control plane starts a job, a pipeline, a deployment or a build.

The control plane owns every record: names, states, what `get` answers, operations. A `Work` only
does the work and reports on its `Run`. `Simulated` does nothing and ends well after some looks.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from tests.clouds.servers import Reply

R = TypeVar("R", bound="Run")
R_contra = TypeVar("R_contra", bound="Run", contravariant=True)


class RunState(StrEnum):
    """How a run stands; each service's own words are made from it."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CancelledError(Exception):
    """The work was told to stop."""


@dataclass(kw_only=True)
class Run:
    """One thing that was started, and the way to report on it. Safe in threads."""

    kind: StrEnum
    """One of the cloud's own."""
    name: str
    """The resource's full name or id, or one below it for what is no resource."""
    request: Mapping[str, Any]
    root: Path
    """A folder of this run alone, made when first used."""
    environment: Callable[[str], Mapping[str, str]]
    """Variables that point a process at this cloud, as an identity there."""
    report: Callable[[RunState, Mapping[str, Any]], None]
    """The control plane's ear; use `update` and `finish`."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the run was told to stop (`cancel`, a deletion, the end of the cloud)."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set once `finish` was called."""
    state: RunState = RunState.RUNNING
    reason: str = ""

    @property
    def id(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    def update(self, **members: Any) -> None:
        """Change what `get` answers, by the service's own names of members."""
        self.report(RunState.RUNNING, members)

    def finish(self, state: RunState, reason: str = "", **members: Any) -> None:
        """End the run, once; further calls change nothing. `reason` becomes the error's message."""
        if not self.ended.is_set():
            self.state, self.reason = state, reason
            self.report(state, members)
            self.ended.set()


@dataclass(frozen=True)
class Invocation:
    """A call of what a run serves."""

    method: str
    """The service's own, as `rawPredict`, or the verb of HTTP."""
    path: str
    """Below the deployment's address, with its query, as `/score`."""
    body: bytes
    headers: Mapping[str, str]
    """As received, by names in lower case."""


class Work(Protocol[R_contra]):
    """Does the work. Every method returns promptly; long work goes on in threads or processes."""

    def start(self, run: R_contra) -> None:
        """Begin; report by `run.update`, end by `run.finish`.

        The run of what serves ends when its containers answer (succeeded) or do not come up
        (failed); they go on serving until `retire`. What raises here fails the run.
        """
        ...

    def look(self, run: R_contra) -> None:
        """Learn that somebody asked how the run stands."""
        ...

    def retire(self, run: R_contra) -> None:
        """End the containers of what serves no more."""
        ...

    def invoke(self, run: R_contra, invocation: Invocation) -> Reply:
        """Answer a call of what serves; the control plane has chosen which."""
        ...

    def interrupt(self, name: str) -> None:
        """Take the machines of a job away, as a spot interruption does."""
        ...

    def close(self) -> None:
        """End everything that still runs."""
        ...


class Simulated(Generic[R]):
    """Nothing is done; every run ends well when it was looked at `looks` times."""

    looked_at: frozenset[StrEnum] = frozenset()
    """Kinds whose state is read from their resource; the others end with an operation."""

    def __init__(self, looks: int = 2) -> None:
        self.looks = looks
        self._left: dict[str, int] = {}

    def start(self, run: R) -> None:
        """Wait to be looked at."""
        self._left[run.name] = self.looks
        if run.kind not in self.looked_at:
            run.finish(RunState.SUCCEEDED)

    def look(self, run: R) -> None:
        """Succeed at the last look."""
        left = self._left[run.name] = self._left.get(run.name, 0) - 1
        if left <= 0 and not run.ended.is_set():
            run.finish(RunState.CANCELLED if run.stopping.is_set() else RunState.SUCCEEDED)

    def retire(self, run: R) -> None:
        """There is nothing to end."""

    def invoke(self, run: R, invocation: Invocation) -> Reply:
        """Answer with the call's own body."""
        del run
        return Reply(200, invocation.body, {"Content-Type": "application/json"})

    def interrupt(self, name: str) -> None:
        """There is nothing to interrupt."""

    def close(self) -> None:
        """There is nothing to end."""
