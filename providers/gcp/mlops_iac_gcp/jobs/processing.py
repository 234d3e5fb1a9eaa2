"""Jobs of every kind that is not training: one step, in which the runtime does some work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import Purpose, Scope
from mlops_iac.specs import Compute, Spot
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.job_request import Program, custom_job, runtime_command
from mlops_iac_gcp.jobs.documents import job_document
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.wiring import Wiring

__all__ = ["Processing", "processing_step", "runtime_command"]


@dataclass(frozen=True, kw_only=True)
class Processing:
    """What one job is."""

    job: str
    """The component; its outputs lie under its name."""
    command: Sequence[str] = ()
    """What is started; the image's own entry point when empty."""
    image: Any = None
    """The runtime image when `None`."""
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI of each input; the container is told where it is mounted."""
    task: Mapping[str, Any] | None = None
    """What a job without a script of the user's does; the runtime reads it as `MLOPS_TASK`."""
    models: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Members of the task that the launcher puts in: models, as `documents` tells of them."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    compute: Compute = field(default_factory=Compute)
    instances: int = 1
    spot: Spot | None = None
    timeout: timedelta = timedelta(hours=1)
    purpose: Purpose = Purpose.TRAINING


def processing_step(name: str, work: Processing, scope: Scope, wiring: Wiring) -> Step:
    """Return the step that does some work; outputs of data lie under the run's key."""
    data = facts.address(scope, f"{place.DATA}{work.job}/{wiring.run_key}")
    program = Program(
        step=name,
        command=work.command,
        image=work.image or wiring.runtime_image,
        inputs=work.inputs,
        environment={contract.DATA_DIR: place.mounted(data), **work.environment},
        compute=work.compute,
        instances=work.instances,
        spot=work.spot,
        timeout=work.timeout,
        purpose=work.purpose,
    )
    body = custom_job(program, scope, wiring)
    document = job_document(
        name, body, scope, wiring, task=work.task, models=dict(work.models) or None
    )
    step = Step(name=name, document=document)
    # Vertex AI bounds the running alone; the launcher bounds the whole.
    return step.within(int(work.spot.max_wait.total_seconds())) if work.spot else step
