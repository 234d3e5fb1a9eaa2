"""Jobs of every kind that is not training: one step, in which the runtime does some work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import Compute, Spot
from mlops_iac_azure import place
from mlops_iac_azure.job_request import Program, node_of, program_document, runtime_command
from mlops_iac_azure.jobs.documents import job_document
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring

__all__ = ["Processing", "processing_step", "program", "runtime_command"]


@dataclass(frozen=True, kw_only=True)
class Processing:
    """What one job is."""

    job: str
    """The component; its outputs lie under its name."""
    command: Sequence[str] = ()
    """What is started; the image's own program when empty."""
    image: Any = None
    """The runtime image when `None`."""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI of each input; the container is told where it is mounted."""
    task: Mapping[str, Any] | None = None
    """What a job without a script of the user's does; the runtime reads it as `MLOPS_TASK`."""
    models: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Members of the task that the step puts in: models, as `documents` tells of them."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path in the store by variable: the variable tells where the container has the file."""
    compute: Compute = field(default_factory=Compute)
    instances: int = 1
    spot: Spot | None = None
    timeout: timedelta = timedelta(hours=1)
    purpose: Purpose = Purpose.TRAINING


def processing_step(name: str, work: Processing, scope: Scope, wiring: Wiring) -> Step:
    """Return the step that does some work; outputs of data lie under the run's key."""
    made = program(name, work, wiring)
    told = {"task": work.task, "models": dict(work.models) or None}
    document = job_document(name, program_document(made), scope, wiring, **told)
    step = Step(name=name, document=document, node=node_of(made))
    # A node's own bound counts while it runs; the step bounds the whole.
    return step.within(int(work.spot.max_wait.total_seconds())) if work.spot else step


def program(step: str, work: Processing, wiring: Wiring) -> Program:
    """Return what the container of some work runs."""
    return Program(
        step=step,
        command=work.command,
        image=work.image or wiring.runtime_image,
        inputs=work.inputs,
        environment=work.environment,
        files=work.files,
        data=f"{place.DATA}{work.job}/{wiring.run_key}",
        compute=work.compute,
        instances=work.instances,
        spot=work.spot,
        timeout=work.timeout,
        purpose=work.purpose,
    )
