"""What is wrong with feature groups, and with joining them, on every target with such stores."""

from collections.abc import Iterator, Mapping
from typing import Any

from mlops_iac.data_flow import data_format
from mlops_iac.errors import Problem
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac.specs import DataRef, Dataset, FeatureGroup, Spec, TrainingJob
from mlops_iac.specs.dataset import ColumnType

Specs = Mapping[str, Spec]


def feature_problem(component: str, code: str, field: str, **said: Any) -> Problem:
    """Return a problem of a feature group, or of joining one."""
    return Problem(code=f"features.{code}", component=component, field=field, **said)


def contracts_of(refs: Mapping[str, DataRef], specs: Specs) -> dict[str, Dataset]:
    """Return the inputs whose columns are declared."""
    datasets = {name: specs.get(str(ref.name)) for name, ref in refs.items()}
    return {n: item for n, item in datasets.items() if isinstance(item, Dataset) and item.columns}


def feature_set(spec: FeatureGroup, specs: Specs) -> FeatureSet:
    """Return what a group's values are."""
    return FeatureSet(
        name=spec.name,
        format=str(data_format(spec.data, specs)),
        entities=list(spec.entities),
        event_time=spec.event_time,
        # In the order of their names, as a join puts them behind the data on every target.
        features={name: kind.value for name, kind in sorted(spec.features.items())},
        ttl=None if spec.ttl is None else int(spec.ttl.total_seconds()),
        offline=spec.offline,
        online=spec.online,
    )


def type_problems(spec: FeatureGroup, specs: Specs) -> Iterator[Problem]:
    """Yield the features that are of another type than their columns."""
    source = specs.get(str(spec.data.name))
    columns = source.columns if isinstance(source, Dataset) else {}
    for name, kind in {**spec.features, spec.event_time: ColumnType.TIMESTAMP}.items():
        found = columns.get(name, kind)
        if found is not kind and (found, kind) != (ColumnType.INTEGER, ColumnType.NUMBER):
            yield feature_problem(
                spec.name,
                "other-type",
                field_of(spec, name),
                value=kind.value,
                message=f"`{name}` is `{found}` in `{spec.data}`, and `{kind}` here",
                rule="a feature has the type of its column",
                remedy="correct one of them",
            )


def same_name_problems(spec: FeatureGroup) -> Iterator[Problem]:
    """Yield the names that differ by capitals only: stores take them for one column."""
    seen: dict[str, str] = {}
    for name in names_of(spec):
        if name.lower() in seen:
            yield feature_problem(
                spec.name,
                "same-name",
                field_of(spec, name),
                value=name,
                message=f"`{name}` and `{seen[name.lower()]}` are one column of the store's table",
                rule="names differ by more than capitals",
                remedy="rename one of them",
            )
        seen.setdefault(name.lower(), name)


def taken_problems(job: TrainingJob, specs: Specs) -> Iterator[Problem]:
    """Yield the features of a job that are columns of its data, or of another group, too."""
    taken = {
        column: f"the data `{dataset.name}`"
        for dataset in contracts_of(job.sources, specs).values()
        for column in dataset.columns
    }
    for name in map(str, job.features):
        group = specs.get(name)
        for feature in group.features if isinstance(group, FeatureGroup) else ():
            if feature in taken:
                yield feature_problem(
                    job.name,
                    "taken",
                    "features",
                    value=name,
                    message=f"`{feature}` of `{name}` is a column of {taken[feature]} too",
                    rule="features become columns of the data",
                    remedy="rename one of them",
                )
            taken[feature] = f"the group `{name}`"


def names_of(spec: FeatureGroup) -> tuple[str, ...]:
    """Return the names of all columns of a group."""
    return (*spec.entities, spec.event_time, *spec.features)


def field_of(spec: FeatureGroup, name: str) -> str:
    """Return the field of the declaration that names a column."""
    if name in spec.entities:
        return "entities"
    return "event_time" if name == spec.event_time else f"features.{name}"
