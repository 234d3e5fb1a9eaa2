"""Images of jobs with requirements: the runtime image, and the packages that a job names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mlops_iac.outputs import ProcessingJobOutputs, TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_key import requirements_digest
from mlops_iac.specs import ProcessingJob, Spec, TrainingJob
from mlops_iac.wiring import producers
from mlops_iac_aws import sdk
from mlops_iac_aws.image_build import job_image

NOTHING: Mapping[str, Any] = MappingProxyType({})
"""Native facts of a component that has none."""
_IMAGE = "image"


def image_parameter(job: str) -> str:
    """Return the parameter of a pipeline that holds the image of a job with requirements.

    EventBridge takes letters, digits, and single `-` between them.
    """
    return f"Image-{job}"


def image_jobs(specs: Mapping[str, Spec]) -> list[str]:
    """Return the jobs that have an image built for their requirements."""
    return [
        name
        for name, spec in specs.items()
        if isinstance(spec, TrainingJob | ProcessingJob) and spec.requirements is not None
    ]


def register_image(
    spec: TrainingJob | ProcessingJob, context: BuildContext
) -> dict[str, sdk.pulumi.Output[Any]]:
    """Register the image of a job with requirements; return it as the job's native fact."""
    if spec.requirements is None:
        return {}
    path = context.project_dir / spec.requirements
    return {_IMAGE: job_image(context, path, spec.name)}


def built_images(
    context: BuildContext, own: Mapping[str, sdk.pulumi.Output[Any]] = NOTHING
) -> dict[str, sdk.pulumi.Output[Any]]:
    """Return the images of jobs that are built already, by job.

    Args:
        context: the component that is built.
        own: its native facts, when it is such a job.
    """
    natives = {
        name: outputs.native
        for name, outputs in context.outputs.items()
        if isinstance(outputs, TrainingJobOutputs | ProcessingJobOutputs)
    }
    natives[context.component] = own
    return {name: native[_IMAGE] for name, native in natives.items() if _IMAGE in native}


def trainer_of(model: str, scope: Scope) -> str | None:
    """Return a job that trains `model`: in its image versions of the model can be loaded."""
    return next((job.name for job in producers(model, scope.specs.values())), None)


def mixed_images(spec: Spec, field: str, model: str, scope: Scope) -> Iterator[Problem]:
    """Yield a problem when `spec` loads versions of a model that need different packages."""
    jobs = producers(model, scope.specs.values())
    needed = {requirements_digest(job, scope.project_dir) for job in jobs}
    if len(needed) > 1:
        yield Problem(
            code="image.mixed-requirements",
            component=spec.name,
            field=field,
            value=model,
            message=f"versions of `{model}` need different packages: "
            f"{', '.join(f'`{job.name}`' for job in jobs)} train it with different `requirements`",
            rule=f"`{spec.name}` loads versions of the model in one image; an endpoint serves each "
            "in its own",
            remedy="give the jobs the same `requirements`, or each a model of its own",
        )
