"""Steps of a Vertex AI pipeline: what each launcher is told, and the order of the launchers."""

from dataclasses import dataclass, replace
from enum import StrEnum

from mlops_iac.jobs import steps


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
class Step(steps.Step):
    """One step."""

    verb: Verb = Verb.JOB

    def only_if(self, judge: str) -> "Step":
        """Return the step done only when a judging step has said yes."""
        return replace(self, passed=judge)


def machine_of(step: Step) -> dict[str, str]:
    """Return in words what machine a step's job runs on; nothing for a step without a job."""
    body = step.document.get("body", {})
    spec = body.get("jobSpec") or body.get("trialJobSpec")
    if spec is None:
        return {}
    machine = spec["workerPoolSpecs"][0]["machineSpec"]
    told = {"machine": machine["machineType"], "accelerator": machine.get("acceleratorType")}
    return {name: value for name, value in told.items() if value is not None}
