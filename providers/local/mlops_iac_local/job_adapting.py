"""What the adapters of all job kinds share: where data comes from, and the two resources."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from mlops_iac.content import dataset_version
from mlops_iac.custom import register
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import (
    Cron,
    DataFormat,
    DataRef,
    Dataset,
    DataValidation,
    Every,
    ProcessingJob,
    Spec,
    TrainingJob,
)
from mlops_iac.specs.jobs import RunPolicy, Spot, Wait
from mlops_iac.specs.types import Duration
from mlops_iac_local.adapting import after, datasets, limits, nothing, output
from mlops_iac_local.loop.schedules import trigger_document

RUN_OUTPUTS = (
    "runId", "status", "modelVersion", "metrics", "outputs", "predictions", "report",
    "parameters", "value",
)  # fmt: skip


class JobSpec(Protocol):
    """What every job kind declares."""

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """Name of the component."""
        ...

    @property
    def timeout(self) -> Duration:
        """Longest run."""
        ...


@dataclass(frozen=True)
class BuiltJob:
    """The resources of a job; `run` is `None` when `up` starts none."""

    definition: Any
    run: Any
    key: str

    def outputs(self) -> dict[str, Any]:
        """Return the fields of `JobOutputs`."""
        import pulumi

        return {
            "native_id": self.definition.id,
            "console_url": nothing(),
            "definition": output(self.definition, "definition"),
            "key": pulumi.Output.from_input(self.key),
            "run_id": self.of_run("runId"),
        }

    def of_run(self, name: str, default: Any = None) -> Any:
        """Return an output of the run; `default` when there is no run."""
        import pulumi

        return pulumi.Output.from_input(default) if self.run is None else output(self.run, name)


def register_job(  # noqa: PLR0913
    spec: JobSpec,
    context: BuildContext,
    definition: Mapping[str, Any],
    *,
    field: str,
    needs: Iterable[str],
    wait: Wait | None,
) -> BuiltJob:
    """Register the definition of a job and, with a `wait`, its run.

    Args:
        spec: the declared job; one without `compute` starts other runs.
        context: where it is built.
        definition: `key`, `module` and what else `JobDefinition` takes.
        field: the field of the declaration that names the program.
        needs: the components whose resources come first.
        wait: what `up` waits for; `None` when runs are started elsewhere.
    """
    common = {
        "name": spec.name,
        "kind": spec.kind,
        "limits": limits(getattr(spec, "compute", None)),
        "timeout": spec.timeout.total_seconds(),
        "ignoredData": sorted(dataset.source for dataset in datasets(context.specs)),
        "tags": context.tags,
    }
    made = register(
        "mlops-iac:local:JobDefinition",
        context.name(),
        {**common, **definition},
        outputs=("definition",),
        opts=context.opts(field, **after(context, *needs)),
    )
    key = str(definition["key"])
    if wait is None:
        return BuiltJob(made, None, key)
    run = register(
        "mlops-iac:local:JobRun",
        context.name("run"),
        {"job": spec.name, "kind": spec.kind, "key": key, "wait": wait.value},
        outputs=RUN_OUTPUTS,
        opts=context.opts("run", depends_on=[made]),
    )
    return BuiltJob(made, run, key)


def wait_of(run: RunPolicy, wait: Wait | None) -> Wait | None:
    """Return what `up` waits for; `None` when it starts no run."""
    return (wait or Wait.FINISHED) if run is RunPolicy.ON_CHANGE else None


def bounded(timeout: Duration, spot: Spot | None) -> float:
    """Return the seconds that a run may take; nothing interrupts it here but this bound."""
    seconds = timeout.total_seconds()
    return seconds if spot is None else min(seconds, spot.max_wait.total_seconds())


def data_facts(refs: Mapping[str, DataRef], scope: Scope) -> dict[str, dict[str, str]]:
    """Return the properties of a definition that say where its data comes from."""
    declared = {name: scope.specs.get(str(ref.name)) for name, ref in refs.items()}
    return {
        "inputs": {
            name: dataset_version(dataset, scope.project_dir)
            for name, dataset in declared.items()
            if isinstance(dataset, Dataset)
        },
        "sources": {
            name: str(ref)
            for name, ref in refs.items()
            if isinstance(declared[name], ProcessingJob)
        },
    }


def register_schedule(
    spec: Spec, context: BuildContext, schedule: Cron | Every, *, after: Sequence[Any]
) -> None:
    """Register when the loop starts a run of a component by itself."""
    register(
        "mlops-iac:local:Schedule",
        context.name("schedule"),
        {
            "component": spec.name,
            "kind": spec.kind,
            "action": "run",
            "trigger": trigger_document(schedule),
        },
        outputs=(),
        opts=context.opts("schedule", depends_on=list(after)),
    )


def trainers(model: str, specs: Mapping[str, Spec]) -> list[str]:
    """Return the training jobs that add versions to a model."""
    jobs = (spec for spec in specs.values() if isinstance(spec, TrainingJob))
    return [job.name for job in jobs if job.model == model]


def data_format(ref: DataRef, specs: Mapping[str, Spec]) -> DataFormat | None:
    """Return how the files of data are written; `None` when nothing of that name is declared."""
    source = specs.get(str(ref.name))
    if isinstance(source, Dataset):
        return source.format
    if isinstance(source, ProcessingJob):
        return source.outputs.get(ref.output or "")
    return None


def unreadable_data(spec: Spec, ref: DataRef, scope: Scope) -> Iterator[Problem]:
    """Yield a problem when data is not of a format with columns."""
    if data_format(ref, scope.specs) is DataFormat.FILES:
        yield Problem(
            code="job.no-columns",
            component=spec.name,
            field="data",
            value=str(ref),
            message=f"`{ref}` has the format `files`, and a {spec.kind} reads columns",
            rule="the data is `parquet`, `csv` or `jsonl`",
            remedy=f"set the format of `{ref}`, or name other data",
        )


def data_needs(refs: Iterable[DataRef], specs: Mapping[str, Spec], *, but: str = "") -> list[str]:
    """Return the components that data comes from, and the contracts on it except `but`."""
    read = {str(ref): str(ref.name) for ref in refs}
    contracts = [
        spec.name
        for spec in specs.values()
        if isinstance(spec, DataValidation) and str(spec.data) in read and spec.name != but
    ]
    return [*dict.fromkeys(read.values()), *contracts]


def is_made_by_up(ref: DataRef, specs: Mapping[str, Spec]) -> bool:
    """Whether data is there after `up`: a dataset, or what a job with `run: on_change` makes."""
    source = specs.get(str(ref.name))
    return not (isinstance(source, ProcessingJob) and source.run is RunPolicy.MANUAL)


def unmade_data(
    spec: Spec, run: RunPolicy, refs: Mapping[str, DataRef], scope: Scope
) -> Iterator[Problem]:
    """Yield a problem for each input of a run by `up` that no run by `up` makes."""
    for ref in refs.values() if run is RunPolicy.ON_CHANGE else ():
        if not is_made_by_up(ref, scope.specs):
            yield Problem(
                code="job.unmade-data",
                component=spec.name,
                field="data",
                value=str(ref),
                message=f"`{ref}` is made by a job with `run: manual`, and `{spec.name}` is run "
                "by `up`",
                rule="what `up` runs reads what is there after `up`",
                remedy=f"set `run: on_change` on `{ref.name}`, or `run: manual` on `{spec.name}`",
            )
