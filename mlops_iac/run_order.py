"""Who reads what a job makes while `up` runs them all."""

from collections.abc import Iterator, Mapping

from mlops_iac.errors import Problem
from mlops_iac.specs import (
    DataRef,
    DataValidation,
    FeatureGroup,
    HyperparameterSearch,
    ProcessingJob,
    Spec,
    TrainingJob,
)
from mlops_iac.specs.batch_inference import BatchInference
from mlops_iac.specs.jobs import RunPolicy, Wait, data_inputs

_ALWAYS = (DataValidation, FeatureGroup)
"""Kinds that `up` runs whenever their data is there."""


def read_by_up(spec: Spec, specs: Mapping[str, Spec]) -> bool:
    """Whether a component that `up` runs reads what a job makes."""
    return isinstance(spec, ProcessingJob) and any(_readers(spec.name, specs))


def unawaited(spec: ProcessingJob, specs: Mapping[str, Spec]) -> Iterator[Problem]:
    """Yield a problem when `up` would run readers of data that it has not waited for."""
    if spec.wait is Wait.SUBMITTED and spec.run is RunPolicy.ON_CHANGE:
        for reader in _readers(spec.name, specs):
            yield Problem(
                code="job.unawaited-data",
                component=spec.name,
                field="wait",
                value=spec.wait.value,
                message=f"`up` runs `{reader}`, which reads what `{spec.name}` makes",
                rule="data is there before what reads it is run",
                remedy="leave out `wait`, or set `wait: finished`; or run both by a Pipeline",
            )


def _readers(job: str, specs: Mapping[str, Spec]) -> Iterator[str]:
    for other in specs.values():
        is_run = isinstance(other, _ALWAYS) or getattr(other, "run", None) is RunPolicy.ON_CHANGE
        if is_run and any(str(ref.name) == job for ref in data_of(other, specs)):
            yield other.name


def data_of(spec: Spec, specs: Mapping[str, Spec]) -> tuple[DataRef, ...]:
    """Return the data that a job reads."""
    if isinstance(spec, HyperparameterSearch):
        return data_of(specs[str(spec.job)], specs)
    if isinstance(spec, TrainingJob | ProcessingJob):
        return tuple(spec.sources.values())
    if isinstance(spec, DataValidation | BatchInference | FeatureGroup):
        return tuple(data_inputs(spec.data).values())
    return ()
