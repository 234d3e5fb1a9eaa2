"""What only deploying or running tells, as a definition refers to it and as a plan shows it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from mlops_iac import store_paths
from mlops_iac.late import KEY, RUN
from mlops_iac.outputs import ProcessingJobOutputs, TrainingJobOutputs
from mlops_iac.provider import BuildContext, Purpose, Scope
from mlops_iac.run_key import requirements_digest
from mlops_iac.specs import Dataset, ProcessingJob, TrainingJob

IMAGE = "image"
"""Native fact of a job with requirements: the image that was built for it."""


@dataclass(frozen=True, kw_only=True)
class Wiring(ABC):
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
    """The identity of each purpose, as the provider names it."""
    made: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI of data that a step of the same run makes, by its reference, `clean/rows`."""
    joined: Mapping[str, str] = field(default_factory=dict[str, str])
    """URI that takes the place of an input of the job, by the input's name: a step before has
    joined features to it."""

    @abstractmethod
    def address(self, path: str) -> str:
        """Return the URI of what lies in the store."""

    @abstractmethod
    def manifest(self, dataset: Dataset, scope: Scope) -> str:
        """Return where in the store it lies what is declared of a dataset."""

    def addresses(self, paths: Mapping[str, str]) -> dict[str, str]:
        """Return the URI of each path."""
        return {name: self.address(path) for name, path in paths.items()}

    def makes(self, job: str, outputs: Mapping[str, str]) -> Self:
        """Return the wiring of steps after one that leaves these outputs in the same run."""
        return self.knowing({f"{job}/{name}": uri for name, uri in outputs.items()})

    def knowing(self, made: Mapping[str, str]) -> Self:
        """Return the wiring with more data that steps of the same run make."""
        return replace(self, made={**self.made, **made})

    def base(self, step: str) -> str:
        """Return the URI under which a step of the run leaves its results."""
        return self.address(store_paths.step_prefix(self.component, self.run, step))

    def image_of(self, job: str) -> Any:
        """Return the image that a job's script runs in, and its models are loaded in."""
        return self.images.get(job, self.runtime_image)


def declared_images(scope: Scope) -> dict[str, Any]:
    """Return what was declared in the place of the images of jobs with requirements."""
    return {job.name: requirements_digest(job, scope.project_dir) for job in _with_own(scope)}


def built_images(context: BuildContext, own: Mapping[str, Any], unknown: Any) -> dict[str, Any]:
    """Return the images of jobs with requirements.

    Args:
        context: the component that is built.
        own: its native facts.
        unknown: stands for the image of a job that is not built yet.
    """
    natives = {job.name: _native(context, job.name) for job in _with_own(context)}
    if context.component in natives:
        natives[context.component] = own
    return {name: native.get(IMAGE, unknown) for name, native in natives.items()}


def _with_own(scope: Scope) -> Iterator[TrainingJob | ProcessingJob]:
    for spec in scope.specs.values():
        if isinstance(spec, TrainingJob | ProcessingJob) and spec.requirements is not None:
            yield spec


def _native(context: BuildContext, component: str) -> Mapping[str, Any]:
    outputs = context.outputs.get(component)
    return outputs.native if isinstance(outputs, TrainingJobOutputs | ProcessingJobOutputs) else {}
