"""Steps of a pipeline job: what each is told, where its container runs, and their order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from mlops_iac.jobs import steps
from mlops_iac.provider import Purpose
from mlops_iac.specs import Compute
from mlops_iac_azure.compute import Use, asked, chosen


class Verb(StrEnum):
    """What a step does; verbs of `python -m mlops_iac_azure.work`."""

    JOB = "job"
    """Runs a program of the runtime and keeps what it leaves."""
    COLLECT = "collect"
    """Keeps what a container of the user's own image has left."""
    CHOOSE = "choose"
    """Finds the best trial of a search."""
    REGISTER = "register"
    """Makes what a step before has trained a version of a model."""
    DEPLOY = "deploy"
    MONITOR = "monitor"
    """Takes traffic, judges it, and tells of the verdict."""
    POLICY = "policy"
    """Lets a retraining policy look, decide and act."""


@dataclass(frozen=True, kw_only=True)
class OwnImage:
    """A container in which nothing of ours runs: it is told everything by variables."""

    command: str
    environment: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path in the store by variable: mounted as files."""
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Output, and folder in it, by variable."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Many containers of one step, each with other values of its parameters."""

    space: Mapping[str, Mapping[str, Any]]
    """Distribution by parameter."""
    sampling: Mapping[str, Any]
    metric: str
    goal: str
    trials: int
    parallel: int
    timeout_seconds: int


@dataclass(frozen=True, kw_only=True)
class Node:
    """Where a step's container runs, and what it sees."""

    purpose: Purpose = Purpose.PIPELINE
    """Whose identity it has."""
    image: Any = None
    """The runtime image when `None`."""
    compute: Compute = field(default_factory=Compute)
    is_spot: bool = False
    instances: int = 1
    processes: int = 1
    """Of each machine, where several train together."""
    is_pytorch: bool = False
    timeout: timedelta = timedelta(days=1)
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Address of each input; the container sees it mounted."""
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path in the store of each folder that the container writes to while it runs."""
    own: OwnImage | None = None
    sweep: Sweep | None = None

    @property
    def machine(self) -> str:
        """Size of its machines."""
        return chosen(self.compute, Use.TRAINING).name


@dataclass(frozen=True, kw_only=True)
class Step(steps.Step):
    """One step."""

    verb: Verb = Verb.JOB
    node: Node = field(default_factory=Node)

    def only_if(self, judge: str) -> "Step":
        """Return the step done only when a judging step has said yes; else it ends at once."""
        told = replace(self, document={**self.document, "only_if": judge}, passed=judge)
        return told.following([judge])


def machine_of(step: Step) -> dict[str, str]:
    """Return in words what machine a step runs on, and what was asked for; nothing for ours."""
    if step.node.purpose is Purpose.PIPELINE:
        return {}
    gpu = step.node.compute.accelerator
    told = {"machine": step.node.machine, "asked": asked(step.node.compute)}
    return {**told, **({"accelerator": gpu.kind.value} if gpu else {})}
