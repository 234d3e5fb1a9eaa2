"""Work of every kind that is not training: one step, in which the runtime does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_iac import container_contract as contract
from mlops_iac.data_flow import data_needs
from mlops_iac.jobs.data import inputs_of, outputs_of
from mlops_iac.jobs.defining import BuiltJob, Job
from mlops_iac.jobs.keys import processing_key
from mlops_iac.jobs.program import program_files
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.specs import Compute, ProcessingJob, Spot

if TYPE_CHECKING:
    import pulumi

WiringT = TypeVar("WiringT", bound=Wiring)


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
    """Members of the task that the step puts in: models, as `left_by` and `registered` tell."""
    environment: Mapping[str, Any] = field(default_factory=dict[str, Any])
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    """Path in the store by variable: the variable tells where the container has the file."""
    compute: Compute = field(default_factory=Compute)
    instances: int = 1
    spot: Spot | None = None
    timeout: timedelta = timedelta(hours=1)
    purpose: Purpose = Purpose.TRAINING


def runtime_command(module: str) -> tuple[str, ...]:
    """Return how a part of the runtime is started."""
    return ("python", "-m", f"mlops_iac.runtime.{module}")


def left_by(step: str) -> dict[str, str]:
    """Return how a step is told of the model that a step of the same run has left."""
    return {"step": step}


def processing_work(
    spec: ProcessingJob, variables: Mapping[str, Any], scope: Scope, wiring: Wiring
) -> Processing:
    """Return what a processing job does, with the user's variables."""
    formats = ",".join(f"{name}={form}" for name, form in spec.outputs.items())
    script = {contract.SCRIPT: spec.script.rpartition("/")[2]} if spec.script else {}
    return Processing(
        job=spec.name,
        command=runtime_command("process") if spec.script else (),
        image=spec.image or wiring.image_of(spec.name),
        inputs=inputs_of(spec.sources, scope, wiring),
        environment={**variables, contract.OUTPUTS: formats, **script},
        files=program_files(spec, scope, wiring),
        compute=spec.compute,
        instances=spec.instances,
        spot=spec.spot,
        timeout=spec.timeout,
    )


def processing_job(spec: ProcessingJob, context: BuildContext, **own: Any) -> Job:
    """Return a processing job; `own` are its `build`, `uploads` and `native` facts."""
    return Job(
        spec=spec,
        description=f"{spec.script or 'its own image'}",
        field="script" if spec.script else "image",
        key=processing_key(spec, context),
        timeout_seconds=int(spec.timeout.total_seconds()),
        needs=data_needs(spec.sources.values(), context.specs),
        **own,
    )


def after_processing(spec: ProcessingJob, _: Scope, wiring: WiringT) -> WiringT:
    """Return the wiring of steps after the job in the same run."""
    return wiring.makes(spec.name, outputs_of(spec, wiring))


def made_data(spec: ProcessingJob, built: BuiltJob[Any]) -> "pulumi.Output[dict[str, str]]":
    """Return the version of each output, once the run of `up` has made it."""
    versions = {name: f"{(built.definition.job.key or '')[:16]}/{name}" for name in spec.outputs}
    return built.of_run("status").apply(lambda status: versions if status == "finished" else {})
