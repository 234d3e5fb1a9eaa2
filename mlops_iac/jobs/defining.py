"""What a component's runs are defined by, and the run of `up`."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mlops_iac import custom
from mlops_iac.jobs.steps import Step
from mlops_iac.jobs.wiring import Wiring
from mlops_iac.keyed_runs import run_id
from mlops_iac.provider import BuildContext
from mlops_iac.run_order import read_by_up
from mlops_iac.specs import Spec
from mlops_iac.specs.jobs import RunPolicy, Wait
from mlops_iac.store_paths import definition_key

if TYPE_CHECKING:
    import pulumi

RUN_OUTPUTS = ("run_id", "status", "model_version", "metrics", "parameters", "value")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is defined."""

    spec: Spec
    build: Callable[[Any], Sequence[Any]]
    """Makes the steps of the component with values from elsewhere: of wiring."""
    description: str
    field: str
    """Field of the declaration that names the program."""
    key: str | None
    """Key of a run by `up`; `None` where `up` starts none."""
    timeout_seconds: int
    is_kept_by_execution: bool = False
    """Whether what a run makes is kept by its id, and not by its key."""
    needs: Sequence[str] = ()
    """Components whose resources come first."""
    uploads: Sequence[Any] = ()
    native: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    """Native facts of the component: the image of its requirements."""
    facts: Mapping[str, Any] | None = None
    """What else its runs are read by: `metric_names`, `model`, `reads`."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A job with its pipeline."""

    job: Job
    context: BuildContext
    wiring: Wiring
    name: str
    """Name of the pipeline."""
    steps: Sequence[Step]
    documents: Mapping[str, str]
    """Path in the store of what each step is told."""

    @property
    def run(self) -> str:
        """Id of the run by `up`."""
        return run_id(self.name, self.job.key or "")

    @property
    def run_key(self) -> str:
        """The key that every run is told; empty where its id is its key."""
        return "" if self.job.is_kept_by_execution else self.job.key or ""

    @property
    def title(self) -> str:
        """What people read of it."""
        return f"{self.job.spec.kind} {self.job.spec.name}: {self.job.description}"

    @property
    def address(self) -> str:
        """Where it lies what starts a run without an engine."""
        return self.wiring.address(definition_key(self.job.spec.name))

    def facts(self) -> dict[str, Any]:
        """Return what its runs are found, bounded and read by."""
        return {
            "job": self.job.spec.name,
            "kind": self.job.spec.kind,
            "pipeline": self.name,
            "bucket": self.wiring.bucket,
            "key": self.job.key,
            "timeout_seconds": self.job.timeout_seconds,
            **(self.job.facts or {}),
        }


DefinitionT = TypeVar("DefinitionT", bound=Definition)


@dataclass(frozen=True, kw_only=True)
class BuiltJob(Generic[DefinitionT]):
    """The resources of a job."""

    definition: DefinitionT
    resources: Sequence[Any]
    """What stands before a run."""
    run: "pulumi.Resource | None"
    """`None` when `up` starts none."""
    console: str

    def outputs(self) -> "dict[str, pulumi.Output[Any]]":
        """Return the fields of `JobOutputs`."""
        from pulumi import Output

        return {
            "native_id": Output.from_input(self.definition.address),
            "console_url": Output.from_input(self.console),
            "definition": Output.from_input(self.definition.address),
            "key": Output.from_input(self.definition.job.key or ""),
            "run_id": self.of_run("run_id"),
        }

    def of_run(self, name: str, default: Any = None) -> "pulumi.Output[Any]":
        """Return an output of the run; `default` when there is none."""
        from pulumi import Output

        return Output.from_input(default) if self.run is None else getattr(self.run, name)


def register_run(
    token: str, made: Definition, wait: Wait, depends_on: Sequence[Any], **asked: Any
) -> "pulumi.Resource":
    """Register the run of `up`.

    Args:
        token: type of the resource.
        made: what is run.
        wait: what `up` waits for.
        depends_on: what comes first.
        asked: `requests` of the service, and what else a plan shows.
    """
    return custom.register(
        token,
        made.context.name("run"),
        {**made.facts(), "wait": wait.value, **asked},
        outputs=RUN_OUTPUTS,
        opts=made.context.opts(
            "run", depends_on=[*depends_on, *made.job.uploads, *after(made.context, made.job.needs)]
        ),
    )


def after(context: BuildContext, components: Sequence[str]) -> list[Any]:
    """Return the components of these names that are built already."""
    known = dict.fromkeys(components)
    return [context.components[name] for name in known if name in context.components]


def wait_of(spec: Spec, run: RunPolicy, wait: Wait | None, context: BuildContext) -> Wait | None:
    """Return what `up` waits for; `None` when it starts no run.

    The end, where another component that `up` runs reads what this one makes.
    """
    if run is not RunPolicy.ON_CHANGE:
        return None
    return wait or (Wait.FINISHED if read_by_up(spec, context.specs) else Wait.SUBMITTED)
