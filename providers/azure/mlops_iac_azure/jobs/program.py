"""What travels for a job, and the keys of its runs: hashes of all that decides their outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_iac.content import FileSet, code_files, digest
from mlops_iac.provider import BuildContext, Scope, content_hash
from mlops_iac.run_key import processing_facts, run_facts
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac_azure import facts, place
from mlops_iac_azure.image_build import job_image
from mlops_iac_azure.jobs.wiring import IMAGE
from mlops_iac_azure.objects import add_object

if TYPE_CHECKING:
    import pulumi

KEY_LENGTH = 64
"""Hex digits of a run's key; the run's id takes 16 of them."""


@dataclass(frozen=True, kw_only=True)
class Code:
    """The code of a job: what travels, and where it lies."""

    files: FileSet
    digest: str
    uri: str


def run_key(decides: Mapping[str, Any], scope: Scope) -> str:
    """Return the key of a run, unique in the project."""
    own = {"stack": [scope.project, scope.stack], "runtime_image": scope.platform.runtime_image}
    return content_hash({**decides, **own}, KEY_LENGTH)


def training_key(spec: TrainingJob, scope: Scope) -> str:
    """Return the key of a run of a training job."""
    return run_key(run_facts(spec, scope.project_dir, scope.specs), scope)


def processing_key(spec: ProcessingJob, scope: Scope) -> str:
    """Return the key of a run of a processing job: also part of where its outputs lie."""
    return run_key(processing_facts(spec, scope.project_dir, scope.specs), scope)


def code_of(spec: TrainingJob | ProcessingJob, scope: Scope) -> Code | None:
    """Return the code of a job; `None` for one that is all in its image."""
    if spec.script is None:
        return None
    files = code_files(spec, scope.project_dir, scope.specs.values())
    found = digest(files)
    return Code(
        files=files, digest=found, uri=facts.address(scope, place.code_key(spec.name, found))
    )


def parameters_of(spec: TrainingJob | ProcessingJob) -> dict[str, Any]:
    """Return the parameters of a job's script."""
    return dict(spec.parameters if isinstance(spec, ProcessingJob) else spec.hyperparameters)


def parameters_path(spec: TrainingJob | ProcessingJob) -> str:
    """Return where in the bucket the parameters lie: typed, unlike variables."""
    return place.parameters_key(spec.name, content_hash(parameters_of(spec), 16))


def upload_program(spec: TrainingJob | ProcessingJob, context: BuildContext) -> Iterator[Any]:
    """Register the code and the parameters of a job."""
    code = code_of(spec, context)
    if code is not None:
        key = place.code_key(spec.name, code.digest)
        yield add_object(context, "code", key, "script", source=code.files, sha256=code.digest)
    field = "parameters" if isinstance(spec, ProcessingJob) else "hyperparameters"
    yield add_object(context, field, parameters_path(spec), field, content=parameters_of(spec))


def built_image(
    spec: TrainingJob | ProcessingJob, context: BuildContext
) -> "dict[str, pulumi.Output[Any]]":
    """Register the image of a job with requirements; return it as the job's native fact."""
    if spec.requirements is None:
        return {}
    return {IMAGE: job_image(context, context.project_dir / spec.requirements, IMAGE)}
