"""What Azure refuses in feature groups, and in joining them."""

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
from mlops_iac_azure.features.entities import MOST_PROPERTIES, RESERVED


def feature_problems(spec: FeatureGroup, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a feature group on Azure."""
    yield from unmade_data(spec, RunPolicy.ON_CHANGE, {"data": spec.data}, scope.specs)
    yield from unreadable_data(spec, spec.data, scope.specs)
    yield from type_problems(spec, scope.specs)
    yield from same_name_problems(spec)
    if spec.online:
        yield from _reserved_problems(spec)
        yield from _count_problems(spec)


def joining_problems(job: TrainingJob, scope: Scope) -> Iterator[Problem]:
    """Yield why the groups of a job cannot be joined to its data, as far as it is declared."""
    if job.features:
        yield from taken_problems(job, scope.specs)


def _reserved_problems(spec: FeatureGroup) -> Iterator[Problem]:
    for name in names_of(spec):
        if name.lower() in RESERVED:
            yield feature_problem(
                spec.name,
                "reserved-name",
                field_of(spec, name),
                value=name,
                message=f"`{name}` is a property that each row of Table Storage has already",
                rule="not " + ", ".join(f"`{word}`" for word in sorted(RESERVED)),
                remedy="rename the column",
            )


def _count_problems(spec: FeatureGroup) -> Iterator[Problem]:
    count = len(names_of(spec))
    if count > MOST_PROPERTIES:
        yield feature_problem(
            spec.name,
            "too-many",
            "features",
            value=count,
            message=f"a row of Table Storage has no place for {count} columns",
            rule=f"at most {MOST_PROPERTIES} entities, features and event time together",
            remedy="divide the group in two, or set `online: false`",
        )
