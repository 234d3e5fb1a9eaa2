"""What Google Cloud refuses in feature groups, and in joining them."""

from collections.abc import Iterator

from mlops_iac.data_flow import unmade_data, unreadable_data
from mlops_iac.feature_rules import (
    feature_problem,
    field_of,
    names_of,
    same_name_problems,
    taken_problems,
    type_problems,
)
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import FeatureGroup, TrainingJob
from mlops_iac.specs.jobs import RunPolicy
from mlops_iac_gcp.features.columns import MOMENT
from mlops_iac_gcp.jobs.checks import file_problems


def feature_problems(spec: FeatureGroup, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a feature group on Google Cloud."""
    inputs = {"data": spec.data}
    yield from unmade_data(spec, RunPolicy.ON_CHANGE, inputs, scope.specs)
    yield from unreadable_data(spec, spec.data, scope.specs)
    yield from file_problems(spec, scope, inputs)
    yield from type_problems(spec, scope.specs)
    yield from _reserved_problems(spec)
    yield from same_name_problems(spec)


def joining_problems(job: TrainingJob, scope: Scope) -> Iterator[Problem]:
    """Yield why the groups of a job cannot be joined to its data, as far as it is declared."""
    if job.features:
        yield from file_problems(job, scope, job.sources)
        yield from taken_problems(job, scope.specs)


def _reserved_problems(spec: FeatureGroup) -> Iterator[Problem]:
    for name in names_of(spec):
        if name.lower() == MOMENT and name != spec.event_time:
            yield feature_problem(
                spec.name,
                "reserved-name",
                field_of(spec, name),
                value=name,
                message=f"`{name}` is the column in which Vertex AI looks for the event time",
                rule=f"only the event time is called `{MOMENT}`",
                remedy="rename the column",
            )
