"""What only deploying or running tells, as a definition refers to it and as a plan shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mlops_iac.late import KEY, RUN
from mlops_iac.outputs import ProcessingJobOutputs, TrainingJobOutputs
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.run_key import requirements_digest
from mlops_iac.specs import ProcessingJob, TrainingJob
from mlops_iac_azure import facts, place
from mlops_iac_azure.foundation import Foundation

IMAGE = "image"
"""Native fact of a job with requirements: the image that was built for it."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Values that a request takes from elsewhere."""

    component: str
    """Whose pipeline it is."""
    bucket: str
    run: str = RUN
    run_key: str = KEY
    runtime_image: Any
    images: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Images of jobs with requirements."""
    identities: Mapping[Purpose, Any]
    """Ids of the managed identities."""
    clients: Mapping[Purpose, Any]
    """Their client ids, by which a library in a container picks one."""
    made: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI of data that a step of the same run makes, by its reference, `clean/rows`."""
    joined: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI that takes the place of an input of the job, by the input's name: a step before has
    joined features to it."""

    def makes(self, job: str, outputs: Mapping[str, str]) -> "Wiring":
        """Return the wiring of steps after one that leaves these outputs in the same run."""
        found = {f"{job}/{name}": uri for name, uri in outputs.items()}
        return replace(self, made={**self.made, **found})

    def knowing(self, made: Mapping[str, str]) -> "Wiring":
        """Return the wiring with more data that steps of the same run make."""
        return replace(self, made={**self.made, **made})

    def of_run(self, run: str, key: str) -> "Wiring":
        """Return the wiring of one run, as a plan shows its requests."""
        return replace(self, run=run, run_key=key)

    def base(self, step: str) -> str:
        """Return the URI under which a step of the run leaves its results."""
        return place.uri(self.bucket, place.step_prefix(self.component, self.run, step))

    def image_of(self, job: str) -> Any:
        """Return the image that a job's script runs in, and its models are loaded in."""
        return self.images.get(job, self.runtime_image)


def in_definition(context: BuildContext, own: Mapping[str, Any]) -> Wiring:
    """Return what the platform has made.

    Args:
        context: the component that is built.
        own: its native facts, when it is a job with requirements.
    """
    platform = context.built_platform
    foundation = Foundation.read(platform.native)
    return Wiring(
        component=context.component,
        bucket=facts.bucket(context),
        runtime_image=runtime_image(context),
        images=_built_images(context, own),
        identities={purpose: foundation.identity(purpose) for purpose in Purpose},
        clients={purpose: _client(foundation, purpose) for purpose in Purpose},
    )


def _client(foundation: Foundation, purpose: Purpose) -> Any:
    """Return the client id of an identity, after all that it may do and runs on."""
    ready = foundation.identity(purpose)
    return foundation.client(purpose).apply(lambda client: ready.apply(lambda _: client))


def as_declared(scope: Scope, component: str) -> Wiring:
    """Return what was declared in the place of what the platform makes.

    Documents are named by it before anything exists.
    """
    jobs = (s for s in scope.specs.values() if isinstance(s, TrainingJob | ProcessingJob))
    return Wiring(
        component=component,
        bucket=facts.bucket(scope),
        runtime_image=scope.platform.runtime_image or "runtime image",
        images={
            job.name: requirements_digest(job, scope.project_dir)
            for job in jobs
            if job.requirements is not None
        },
        identities={purpose: purpose.value for purpose in Purpose},
        clients={purpose: purpose.value for purpose in Purpose},
    )


def runtime_image(context: BuildContext) -> Any:
    """Return the image of the runtime: the platform's own, or the one that is declared."""
    return Foundation.read(context.built_platform.native).runtime_image


def _built_images(context: BuildContext, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the images of jobs with requirements: those of the jobs that are built already."""
    wanted = (
        job.name
        for job in context.specs.values()
        if isinstance(job, TrainingJob | ProcessingJob) and job.requirements is not None
    )
    natives = {name: _native(context, name) for name in wanted}
    if context.component in natives:
        natives[context.component] = own
    return {name: native.get(IMAGE, facts.UNKNOWN) for name, native in natives.items()}


def _native(context: BuildContext, component: str) -> Mapping[str, Any]:
    outputs = context.outputs.get(component)
    return outputs.native if isinstance(outputs, TrainingJobOutputs | ProcessingJobOutputs) else {}
