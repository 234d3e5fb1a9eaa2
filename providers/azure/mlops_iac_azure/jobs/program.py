"""What travels for a job: its code, its parameters and its image."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mlops_iac.jobs.program import code_of, parameters_field, parameters_of, parameters_path
from mlops_iac.jobs.wiring import IMAGE
from mlops_iac.provider import BuildContext
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac_azure.image_build import job_image
from mlops_iac_azure.objects import add_object

if TYPE_CHECKING:
    import pulumi


def upload_program(spec: TrainingJob | ProcessingJob, context: BuildContext) -> Iterator[Any]:
    """Register the code and the parameters of a job."""
    code = code_of(spec, context)
    if code is not None:
        yield add_object(
            context, "code", code.path, "script", source=code.files, sha256=code.digest
        )
    field = parameters_field(spec)
    yield add_object(context, field, parameters_path(spec), field, content=parameters_of(spec))


def built_image(
    spec: TrainingJob | ProcessingJob, context: BuildContext
) -> "dict[str, pulumi.Output[Any]]":
    """Register the image of a job with requirements; return it as the job's native fact."""
    if spec.requirements is None:
        return {}
    return {IMAGE: job_image(context, context.project_dir / spec.requirements, IMAGE)}
