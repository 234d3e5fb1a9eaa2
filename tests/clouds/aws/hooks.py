"""What happens when the control plane starts a job, a pipeline, an endpoint or a build.

The control plane owns every record: names, states, what Describe answers, events. A `Work` only
does the work and reports on its `Run`. `Instant` ends everything at once, as moto does.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class RunKind(StrEnum):
    """What is run; `request` holds what is told here."""

    TRAINING = "TrainingJob"
    """The request of CreateTrainingJob."""
    PROCESSING = "ProcessingJob"
    """The request of CreateProcessingJob."""
    TRANSFORM = "TransformJob"
    """The request of CreateTransformJob."""
    TUNING = "HyperParameterTuningJob"
    """The request of CreateHyperParameterTuningJob."""
    PIPELINE = "PipelineExecution"
    """The request of StartPipelineExecution, plus `PipelineDefinition` (text) and `RoleArn`."""
    ENDPOINT = "EndpointDeployment"
    """`EndpointName`, `EndpointConfig` (as described, with live counts and weights), and
    `Models` by name, each as DescribeModel answers; `InferenceComponentName` when it is one's."""
    MONITORING = "MonitoringExecution"
    """`MonitoringSchedule` and `JobDefinition`, both as described, `JobDefinitionType`,
    `ScheduledTime`, `StartTime`, `EndTime` (aware datetimes)."""
    BUILD = "Build"
    """The request of StartBuild, plus `Project` as BatchGetProjects answers."""


class RunState(StrEnum):
    """How a run stands; each service's own words are made from it."""

    RUNNING = "running"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass
class Run:
    """One thing that was started, and the way to report on it. Safe in threads."""

    kind: RunKind
    name: str
    """Unique within its kind: the name of a job or endpoint, the id of an execution or build."""
    arn: str
    region: str
    request: Mapping[str, Any]
    root: Path
    """A folder of this run alone, made when first used."""
    client: Callable[[str], Any]
    """boto3 clients of this very cloud, by service, in the run's region."""
    environment: Mapping[str, str]
    """Variables that point a process at this cloud."""
    report: Callable[["Run", RunState, Mapping[str, Any]], None]
    """The control plane's ear; use `update` and `finish`."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the run was told to stop (StopTrainingJob..., a deletion, the end of the cloud)."""
    ended: threading.Event = field(default_factory=threading.Event)
    """Set once `finish` was called."""

    def update(self, **members: Any) -> None:
        """Add to what Describe answers, by the names of the service's own members.

        For a pipeline execution `Steps` is the whole list that ListPipelineExecutionSteps answers.
        """
        self.report(self, RunState.RUNNING, members)

    def finish(self, state: RunState, reason: str = "", **members: Any) -> None:
        """End the run, once; further calls change nothing. `reason` becomes FailureReason."""
        if not self.ended.is_set():
            told = {**members, **({"FailureReason": reason} if reason else {})}
            self.report(self, state, told)
            self.ended.set()


@dataclass(frozen=True)
class Invocation:
    """A call of a running endpoint."""

    endpoint: str
    region: str
    variant: str
    """The production variant that takes the call, chosen by weight or by TargetVariant."""
    body: bytes
    headers: Mapping[str, str]
    """As received, by names in lower case."""
    is_async: bool = False


@dataclass(frozen=True)
class Answer:
    """What an endpoint answers."""

    status: int
    body: bytes
    headers: Mapping[str, str]


class Work(Protocol):
    """Does the work. Every method returns promptly; long work goes on in threads or processes."""

    def start(self, run: Run) -> None:
        """Begin; report by `run.update`, end by `run.finish`.

        An endpoint's run ends when its containers answer (succeeded) or do not come up (failed);
        they go on serving until `retire`. What raises here fails the run with its words.
        """
        ...

    def retire(self, run: Run) -> None:
        """End the containers of an endpoint's deployment that was replaced, undone or deleted."""
        ...

    def invoke(self, run: Run, invocation: Invocation) -> Answer:
        """Answer a call by the endpoint's deployment in service."""
        ...

    def interrupt(self, training_job: str) -> None:
        """Take the machines of a training job away, as a spot interruption does."""
        ...

    def close(self) -> None:
        """End everything that still runs."""
        ...


class Instant:
    """Everything succeeds at once and nothing is done."""

    def start(self, run: Run) -> None:
        """Succeed."""
        run.finish(RunState.SUCCEEDED)

    def retire(self, run: Run) -> None:
        """There is nothing to end."""

    def invoke(self, run: Run, invocation: Invocation) -> Answer:
        """Answer with the call's own body."""
        del run
        return Answer(200, invocation.body, {"Content-Type": "application/octet-stream"})

    def interrupt(self, training_job: str) -> None:
        """There is nothing to interrupt."""

    def close(self) -> None:
        """There is nothing to end."""
