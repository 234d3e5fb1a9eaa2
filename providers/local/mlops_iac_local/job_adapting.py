"""What the adapters of all job kinds share: where data comes from, and the two resources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from mlops_iac.content import dataset_version
from mlops_iac.custom import register
from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import (
    Cron,
    DataRef,
    Dataset,
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
