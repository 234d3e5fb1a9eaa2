"""`FeatureGroup` on this machine: a history that training joins, and a view in Feast's store."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mlops_iac.custom import register
from mlops_iac.data_flow import data_needs, unmade_data
from mlops_iac.outputs import FeatureGroupOutputs, ProcessingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_key import data_version
from mlops_iac.specs import Dataset, FeatureGroup, ProcessingJob, Spec, TrainingJob
from mlops_iac.specs.dataset import ColumnType, DataFormat
from mlops_iac.specs.jobs import RunPolicy
from mlops_iac_local.adapting import after, nothing, output

_LOST_BY_FEAST = frozenset({"entity_row_id", "event_expire_timestamp", "rn"})
"""Columns that Feast's historical join makes itself (`feast/infra/offline_stores/ibis.py`)."""
_LOST_ENDING = "_y"
"""That join drops every column that ends so."""


class FeatureGroupAdapter:
    """Maps `FeatureGroup`."""

    def check(self, spec: FeatureGroup, scope: Scope) -> Iterable[Problem]:
        """Find data without columns, types that contradict each other, and names that get lost."""
        yield from unmade_data(spec, RunPolicy.ON_CHANGE, {"data": spec.data}, scope.specs)
        if data_format(spec, scope.specs) is DataFormat.FILES:
            yield Problem(
                code="features.no-columns",
                component=spec.name,
                field="data",
                value=str(spec.data),
                message=f"`{spec.data}` is files of no known format",
                rule="features are columns of Parquet, CSV or JSON lines",
                remedy="name data of another `format`",
            )
        yield from _type_problems(spec, scope.specs)
        yield from _name_problems(spec)

    def build(self, spec: FeatureGroup, context: BuildContext) -> FeatureGroupOutputs:
        """Register the history, and the view in Feast, which no training waits for."""
        group = register(
            "mlops-iac:local:FeatureGroup",
            context.name(),
            _definition(spec, context),
            outputs=("version", "offlineStore", "rows"),
            opts=context.opts(
                "data",
                **after(context, *data_needs([spec.data], context.specs)),
                **context.protected(),
            ),
        )
        view = register(
            "mlops-iac:local:FeatureView",
            context.name("view"),
            {
                "group": spec.name,
                "version": output(group, "version"),
                "online": spec.online,
                "description": spec.description,
                "tags": context.tags,
            },
            outputs=("onlineStore",),
            opts=context.opts("online", depends_on=[group]),
        )
        return FeatureGroupOutputs(
            native_id=group.id,
            console_url=nothing(),
            group_name=group.id,
            version=output(group, "version"),
            offline_store=output(group, "offlineStore"),
            online_store=output(view, "onlineStore"),
        )


def data_format(spec: FeatureGroup, specs: Mapping[str, Spec]) -> DataFormat | None:
    """Return the format of a group's data; `None` when nothing of that name is declared."""
    source = specs.get(str(spec.data.name))
    if isinstance(source, Dataset):
        return source.format
    if isinstance(source, ProcessingJob):
        return source.outputs.get(str(spec.data.output))
    return None


def feature_versions(job: TrainingJob, context: BuildContext) -> dict[str, Any]:
    """Return the version of each group of a job, as the definition of its runs names it."""
    built = {str(name): context.outputs.get(str(name)) for name in job.features}
    return {
        name: outputs.version
        for name, outputs in built.items()
        if isinstance(outputs, FeatureGroupOutputs)
    }


def joined_problems(job: TrainingJob, scope: Scope) -> Iterator[Problem]:
    """Yield why the groups of a job cannot be joined to its data, as far as it is declared."""
    taken = {
        column: f"the data `{source.name}`"
        for ref in job.sources.values()
        if isinstance(source := scope.specs.get(str(ref.name)), Dataset)
        for column in source.columns
    }
    for name in map(str, job.features):
        group = scope.specs.get(name)
        if not isinstance(group, FeatureGroup):
            continue
        for feature in group.features:
            if feature in taken:
                yield Problem(
                    code="features.taken",
                    component=job.name,
                    field="features",
                    value=name,
                    message=f"`{feature}` of `{name}` is a column of {taken[feature]} too",
                    rule="features become columns of the data",
                    remedy="rename one of them",
                )
            taken[feature] = f"the group `{name}`"


def _definition(spec: FeatureGroup, context: BuildContext) -> dict[str, Any]:
    return {
        "name": spec.name,
        "data": _digest(spec, context),
        "format": data_format(spec, context.specs),
        "entities": list(spec.entities),
        "eventTime": spec.event_time,
        "features": {name: kind.value for name, kind in spec.features.items()},
        "ttl": None if spec.ttl is None else int(spec.ttl.total_seconds()),
        "offline": spec.offline,
        "online": spec.online,
        "description": spec.description,
        "tags": context.tags,
    }


def _digest(spec: FeatureGroup, context: BuildContext) -> Any:
    made, name = context.outputs.get(str(spec.data.name)), str(spec.data.output)
    if isinstance(made, ProcessingJobOutputs):
        # What a job makes is known when it has run.
        return made.data.apply(lambda data: data[name])
    return data_version(spec.data, context.project_dir, context.specs)


def _type_problems(spec: FeatureGroup, specs: Mapping[str, Spec]) -> Iterator[Problem]:
    source = specs.get(str(spec.data.name))
    columns = source.columns if isinstance(source, Dataset) else {}
    wanted = {**spec.features, spec.event_time: ColumnType.TIMESTAMP}
    for name, kind in wanted.items():
        found = columns.get(name, kind)
        if found is not kind and (found, kind) != (ColumnType.INTEGER, ColumnType.NUMBER):
            yield Problem(
                code="features.other-type",
                component=spec.name,
                field=f"features.{name}" if name in spec.features else "event_time",
                value=kind.value,
                message=f"`{name}` is `{found}` in `{spec.data}`, and `{kind}` here",
                rule="a feature has the type of its column",
                remedy="correct one of them",
            )


def _name_problems(spec: FeatureGroup) -> Iterator[Problem]:
    for name in (*spec.entities, *spec.features):
        if name in _LOST_BY_FEAST or name.endswith(_LOST_ENDING):
            yield Problem(
                code="features.lost-name",
                component=spec.name,
                field="features" if name in spec.features else "entities",
                value=name,
                message=f"Feast loses a column that is called `{name}`",
                rule=f"no name ends with `{_LOST_ENDING}`, or is one of "
                + ", ".join(f"`{word}`" for word in sorted(_LOST_BY_FEAST)),
                remedy="rename the column",
            )
