"""Training jobs, and searches over them: what is defined."""

from typing import Any

from mlops_iac.data_flow import data_needs
from mlops_iac.jobs.defining import Job
from mlops_iac.jobs.keys import run_key, training_key
from mlops_iac.provider import BuildContext
from mlops_iac.run_key import run_facts
from mlops_iac.specs import HyperparameterSearch, TrainingJob
from mlops_iac.wiring import training_job as job_of

_ASKED = {"parameters", "metric", "goal", "strategy", "trials", "parallel"}


def training_job(spec: TrainingJob, context: BuildContext, model: str | None, **own: Any) -> Job:
    """Return a training job; `model` is its model's name in the service.

    `own` are its `build`, `uploads` and `native` facts.
    """
    return Job(
        spec=spec,
        description=training_description(spec),
        field="script" if spec.script else "image",
        key=training_key(spec, context),
        timeout_seconds=training_seconds(spec),
        needs=[
            *training_needs(spec, context),
            *map(str, spec.features),
            *([str(spec.experiment)] if spec.experiment else []),
        ],
        facts={"metric_names": list(spec.metrics), "model": model},
        **own,
    )


def search_job(
    spec: HyperparameterSearch, context: BuildContext, model: str | None, **own: Any
) -> Job:
    """Return a search; `model` is its model's name in the service, `own` its `build`."""
    job = job_of(spec, context.specs)
    decides = {
        "search": spec.name,
        "job": run_facts(job, context.project_dir, context.specs),
        "task": spec.model_dump(mode="json", include=_ASKED),
    }
    return Job(
        spec=spec,
        description=f"{spec.trials} trials of {job.name} by {spec.strategy.value}",
        field="job",
        key=run_key(decides, context),
        timeout_seconds=int(spec.timeout.total_seconds()),
        needs=[job.name, *training_needs(job, context)],
        facts={"model": model},
        **own,
    )


def training_needs(job: TrainingJob, context: BuildContext) -> list[str]:
    """Return what a training, or a search over it, comes after: its data and its model."""
    data = data_needs(job.sources.values(), context.specs)
    return [*data, str(job.model)] if job.model else data


def training_seconds(spec: TrainingJob) -> int:
    """Return how long a run may take, interruptions included."""
    return int((spec.spot.max_wait if spec.spot else spec.timeout).total_seconds())


def training_description(spec: TrainingJob) -> str:
    """Return in words what is trained, and on what."""
    compute = spec.compute
    asked = f"{compute.cpu} vcpu, {compute.memory_gb:g} GiB, {compute.disk_gb} GB of disk"
    if compute.accelerator:
        asked += f", {compute.accelerator.count} x {compute.accelerator.kind.value}"
    return f"{spec.framework.value} on at least {asked}"
