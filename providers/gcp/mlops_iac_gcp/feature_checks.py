"""What Google Cloud refuses in feature groups, and in joining them."""

from collections.abc import Iterator
from typing import Any

from mlops_iac.data_flow import unmade_data, unreadable_data
from mlops_iac.provider import Problem, Scope
from mlops_iac.specs import Dataset, FeatureGroup, TrainingJob
from mlops_iac.specs.dataset import ColumnType
from mlops_iac.specs.jobs import RunPolicy
from mlops_iac_gcp.features.columns import MOMENT
from mlops_iac_gcp.jobs.checks import file_problems
from mlops_iac_gcp.jobs.data import contracts_of


def feature_problems(spec: FeatureGroup, scope: Scope) -> Iterator[Problem]:
    """Yield every problem of a feature group on Google Cloud."""
    inputs = {"data": spec.data}
    yield from unmade_data(spec, RunPolicy.ON_CHANGE, inputs, scope.specs)
    yield from unreadable_data(spec, spec.data, scope.specs)
    yield from file_problems(spec, scope, inputs)
    yield from _type_problems(spec, scope)
    yield from _name_problems(spec)


def joining_problems(job: TrainingJob, scope: Scope) -> Iterator[Problem]:
    """Yield why the groups of a job cannot be joined to its data, as far as it is declared."""
    if job.features:
        yield from file_problems(job, scope, job.sources)
        yield from _taken(job, scope)


def _problem(component: str, code: str, field: str, **said: Any) -> Problem:
    return Problem(code=f"features.{code}", component=component, field=field, **said)


def _type_problems(spec: FeatureGroup, scope: Scope) -> Iterator[Problem]:
    source = scope.specs.get(str(spec.data.name))
    columns = source.columns if isinstance(source, Dataset) else {}
    for name, kind in {**spec.features, spec.event_time: ColumnType.TIMESTAMP}.items():
        found = columns.get(name, kind)
        if found is not kind and (found, kind) != (ColumnType.INTEGER, ColumnType.NUMBER):
            yield _problem(
                spec.name,
                "other-type",
                f"features.{name}" if name in spec.features else "event_time",
                value=kind.value,
                message=f"`{name}` is `{found}` in `{spec.data}`, and `{kind}` here",
                rule="a feature has the type of its column",
                remedy="correct one of them",
            )


def _name_problems(spec: FeatureGroup) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name in (*spec.entities, spec.event_time, *spec.features):
        if name.lower() == MOMENT and name != spec.event_time:
            yield _problem(
                spec.name,
                "reserved-name",
                _field(spec, name),
                value=name,
                message=f"`{name}` is the column in which Vertex AI looks for the event time",
                rule=f"only the event time is called `{MOMENT}`",
                remedy="rename the column",
            )
        elif name.lower() in seen:
            yield _problem(
                spec.name,
                "same-name",
                _field(spec, name),
                value=name,
                message=f"`{name}` and `{seen[name.lower()]}` are one column of the store's table",
                rule="names differ by more than capitals",
                remedy="rename one of them",
            )
        seen.setdefault(name.lower(), name)


def _field(spec: FeatureGroup, name: str) -> str:
    if name in spec.entities:
        return "entities"
    return "event_time" if name == spec.event_time else f"features.{name}"


def _taken(job: TrainingJob, scope: Scope) -> Iterator[Problem]:
    taken = {
        column: f"the data `{dataset.name}`"
        for dataset in contracts_of(job.sources, scope).values()
        for column in dataset.columns
    }
    for name in map(str, job.features):
        group = scope.specs.get(name)
        for feature in group.features if isinstance(group, FeatureGroup) else ():
            if feature in taken:
                yield _problem(
                    job.name,
                    "taken",
                    "features",
                    value=name,
                    message=f"`{feature}` of `{name}` is a column of {taken[feature]} too",
                    rule="features become columns of the data",
                    remedy="rename one of them",
                )
            taken[feature] = f"the group `{name}`"
