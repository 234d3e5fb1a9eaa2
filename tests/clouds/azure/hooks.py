"""What happens when the control plane starts a job, a deployment, an app, a workflow or a build.

The control plane owns every record: names, states, what `get` answers, operations. A `Work` only
does the work and reports on its `Run`. `Simulated` does nothing and ends well after some looks.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from tests.clouds.servers import Reply


class RunKind(StrEnum):
    """What is run; a run's `request` holds what is told here. Resources are as `get` answers."""

    JOB = "jobs"
    """`job`: the job (command, sweep or pipeline), `workspace`: the workspace."""
    DEPLOYMENT = "onlineDeployments"
    """`deployment`, `endpoint` and `workspace`."""
    APP = "containerApps"
    """`app`: the Container App with its newest template, `revision`: its name."""
    WORKFLOW = "workflows"
    """`workflow`: the Logic App, `trigger`: `headers` and `body` of the call that set it off."""
    BUILD = "builds"
    """`registry`, and `request`: the body of `scheduleRun`."""


class RunState(StrEnum):
    """How a run stands; each service's own words are made from it."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass
class Run:
    """One thing that was started, and the way to report on it. Safe in threads."""

    kind: RunKind
    name: str
    """The resource's id; a revision's is `<app>/revisions/<name>`, a workflow's run's
    `<workflow>/runs/<name>`."""
    request: Mapping[str, Any]
    root: Path
    """A folder of this run alone, made when first used."""
    environment: Callable[[str], Mapping[str, str]]
    """Variables that point a process at this cloud as a managed identity (its id, client id or
    principal id), or as those of a list separated by commas."""
    resource: Callable[[str], Mapping[str, Any] | None]
    """Any resource by its id, as `get` answers it; None when it is not there."""
    child: Callable[[str, Mapping[str, Any]], None]
    """Keep a job that this job started: its name and its `properties`. `get` answers it, lists do
    not; call it again to change it."""
    report: Callable[["Run", RunState, Mapping[str, Any]], None]
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
        """Change what `get` answers, by the names of `properties`' own members."""
        self.report(self, RunState.RUNNING, members)

    def finish(self, state: RunState, reason: str = "", **members: Any) -> None:
        """End the run, once; further calls change nothing. `reason` becomes the error's message."""
        if not self.ended.is_set():
            self.state, self.reason = state, reason
            self.report(self, state, members)
            self.ended.set()


@dataclass(frozen=True)
class Invocation:
    """A call of a running deployment or app."""

    verb: str
    """Of HTTP."""
    path: str
    """Below the deployment's or app's address, with its query, as `/score`."""
    body: bytes
    headers: Mapping[str, str]
    """As received, by names in lower case."""


class Work(Protocol):
    """Does the work. Every method returns promptly; long work goes on in threads or processes."""

    def start(self, run: Run) -> None:
        """Begin; report by `run.update`, end by `run.finish`.

        A deployment's or revision's run ends when its containers answer (succeeded) or do not come
        up (failed); they go on serving until `retire`. What raises here fails the run.
        """
        ...

    def look(self, run: Run) -> None:
        """Learn that somebody asked how the run stands."""
        ...

    def retire(self, run: Run) -> None:
        """End the containers of a deployment or revision that is no more."""
        ...

    def invoke(self, run: Run, invocation: Invocation) -> Reply:
        """Answer a call by a deployment or revision; the control plane has chosen which."""
        ...

    def interrupt(self, name: str) -> None:
        """Take the machines of a job away, as a low-priority node's eviction does."""
        ...

    def close(self) -> None:
        """End everything that still runs."""
        ...


class Simulated:
    """Nothing is done; every run ends well when it was looked at `looks` times."""

    def __init__(self, looks: int = 2) -> None:
        self.looks = looks
        self._left: dict[str, int] = {}

    def start(self, run: Run) -> None:
        """Wait to be looked at."""
        self._left[run.name] = self.looks
        if run.kind not in _LOOKED_AT:
            run.finish(RunState.SUCCEEDED)

    def look(self, run: Run) -> None:
        """Succeed at the last look."""
        left = self._left[run.name] = self._left.get(run.name, 0) - 1
        if left <= 0 and not run.ended.is_set():
            run.finish(RunState.CANCELLED if run.stopping.is_set() else RunState.SUCCEEDED)

    def retire(self, run: Run) -> None:
        """There is nothing to end."""

    def invoke(self, run: Run, invocation: Invocation) -> Reply:
        """Answer with the call's own body."""
        del run
        return Reply(200, invocation.body, {"Content-Type": "application/json"})

    def interrupt(self, name: str) -> None:
        """There is nothing to interrupt."""

    def close(self) -> None:
        """There is nothing to end."""


# Those whose state is read from their resource; the others end with an operation.
_LOOKED_AT = frozenset({RunKind.JOB, RunKind.BUILD, RunKind.WORKFLOW})
