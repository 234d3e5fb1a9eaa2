"""Steps of a Vertex AI pipeline: what each launcher is told, and the order of the launchers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Verb(StrEnum):
    """What a launcher does; verbs of `python -m mlops_iac_gcp.work`."""

    JOB = "job"
    """Starts a job, waits for it and reads what it leaves."""
    REGISTER = "register"
    """Makes what a step before has trained a version of a model."""
    DEPLOY = "deploy"
    MONITOR = "monitor"
    """Takes traffic to a job that judges it, and tells of the verdict."""
    POLICY = "policy"
    """Lets a retraining policy look, decide and act."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step."""

    name: str
    document: Mapping[str, Any]
    """What the launcher reads from the bucket; may hold marks of `late`, and Outputs."""
    verb: Verb = Verb.JOB
    after: tuple[str, ...] = ()
    """Steps that must have ended well."""
    judges: bool = False
    """Whether it tells by a value of its own whether later steps are done."""
    passed: str | None = None
    """The judging step that must have said yes; always done when `None`."""

    def following(self, names: Iterable[str]) -> "Step":
        """Return the step after these steps too."""
        return replace(self, after=tuple(dict.fromkeys((*self.after, *names))))

    def only_if(self, judge: str) -> "Step":
        """Return the step done only when a judging step has said yes."""
        return replace(self, passed=judge)

    def within(self, seconds: int) -> "Step":
        """Return the step stopped `seconds` after the run has begun at the latest."""
        bound = min(seconds, self.document.get("run_seconds", seconds))
        return replace(self, document={**self.document, "run_seconds": bound})


def machine_of(step: Step) -> dict[str, str]:
    """Return in words what machine a step's job runs on; nothing for a step without a job."""
    body = step.document.get("body", {})
    spec = body.get("jobSpec") or body.get("trialJobSpec")
    if spec is None:
        return {}
    machine = spec["workerPoolSpecs"][0]["machineSpec"]
    told = {"machine": machine["machineType"], "accelerator": machine.get("acceleratorType")}
    return {name: value for name, value in told.items() if value is not None}


def joined(*parts: str) -> str:
    """Return parts of a URI joined by `/`."""
    return "/".join(parts)
