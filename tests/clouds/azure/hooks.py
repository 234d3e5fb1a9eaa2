"""What is run in Azure, and what a test cloud's control plane tells of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.clouds import runs
from tests.clouds.runs import Invocation, RunState
from tests.clouds.servers import Reply

__all__ = ["Invocation", "Reply", "Run", "RunKind", "RunState", "Simulated", "Work"]


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


@dataclass(kw_only=True)
class Run(runs.Run):
    """One thing that was started.

    Its name is the resource's id; a revision's is `<app>/revisions/<name>`, a workflow's run's
    `<workflow>/runs/<name>`. `environment` takes a managed identity (its id, client id or principal
    id), or those of a list separated by commas.
    """

    resource: Callable[[str], Mapping[str, Any] | None]
    """Any resource by its id, as `get` answers it; None when it is not there."""
    child: Callable[[str, Mapping[str, Any]], None]
    """Keep a job that this job started: its name and its `properties`. `get` answers it, lists do
    not; call it again to change it."""


Work = runs.Work[Run]


class Simulated(runs.Simulated[Run]):
    """Nothing is done; every run ends well when it was looked at `looks` times."""

    looked_at = frozenset({RunKind.JOB, RunKind.BUILD, RunKind.WORKFLOW})
