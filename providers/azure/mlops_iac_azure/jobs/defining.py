"""A component's pipeline job, the documents that its steps read, and the run of `up`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac import custom
from mlops_iac.provider import BuildContext, Purpose, Scope, content_hash
from mlops_iac.run_order import read_by_up
from mlops_iac.specs import Spec
from mlops_iac.specs.jobs import RunPolicy, Wait
from mlops_iac_azure import facts, names, place, sdk
from mlops_iac_azure.experiment_tracker import experiment_of
from mlops_iac_azure.jobs.assets import add_component, add_environment, asset_path
from mlops_iac_azure.jobs.clusters import cluster_id, cluster_of
from mlops_iac_azure.jobs.compiling import pipeline_job
from mlops_iac_azure.jobs.components import component_spec
from mlops_iac_azure.jobs.runs import BUCKET, COMPONENT, KIND, PIPELINE, key_label, run_id
from mlops_iac_azure.jobs.runs import KEY as KEY_TAG
from mlops_iac_azure.jobs.steps import Step, machine_of
from mlops_iac_azure.jobs.wiring import Wiring, as_declared, in_definition
from mlops_iac_azure.objects import add_object

JOB_RUN = "mlops-iac:azure:JobRun"
RUN_OUTPUTS = ("run_id", "status", "model_version", "metrics", "parameters", "value")
API = "azure.ml"
CREATE_RUN = f"PUT {facts.ML}/jobs"
Build = Callable[[Wiring], Sequence[Step]]
"""Makes the steps of a component with values from elsewhere."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is defined."""

    spec: Spec
    build: Build
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
    steps: Sequence[Step]
    documents: Mapping[str, str]
    """Path in the store of what each step is told."""
    components: Mapping[str, Any]
    """Version of a component, as a resource, by step."""
    environments: Sequence[Any]

    @property
    def name(self) -> str:
        """Name of the pipeline."""
        return pipeline_name(self.context, self.job.spec.name)

    @property
    def run(self) -> str:
        """Id of the run by `up`."""
        return run_id(self.name, self.job.key or "")

    @property
    def run_key(self) -> str:
        """The key that every run is told; empty where its id is its key."""
        return "" if self.job.is_kept_by_execution else self.job.key or ""

    def pipeline_job(self) -> dict[str, Any]:
        """Return what starts a run: the properties of a job, less the run's own tag."""
        spec = self.job.spec
        return pipeline_job(
            self.name,
            f"{spec.kind} {spec.name}: {self.job.description}",
            self.steps,
            {step.name: self._told(step) for step in self.steps},
            key=self.run_key,
            client=self.wiring.clients[Purpose.TRAINING],
            experimentName=experiment_of(spec, self.context),
            tags=run_tags(self.context, spec, self.name),
        )

    def _told(self, step: Step) -> dict[str, Any]:
        context, purpose = self.context, step.node.purpose
        return {
            "document": facts.address(context, self.documents[step.name]),
            "component": asset_path(self.components[step.name]),
            "compute": cluster_id(cluster_of(step.node), context),
            "client": self.wiring.clients[purpose],
        }


@dataclass(frozen=True, kw_only=True)
class BuiltJob:
    """The resources of a job."""

    definition: Definition
    resources: Sequence[Any]
    """What stands before a run."""
    run: sdk.pulumi.CustomResource | None
    """`None` when `up` starts none."""

    def outputs(self) -> dict[str, Any]:
        """Return the fields of `JobOutputs`."""
        context, spec = self.definition.context, self.definition.job.spec
        where = facts.address(context, place.definition_key(spec.name))
        known = sdk.pulumi.Output.from_input
        return {
            "native_id": known(where),
            "console_url": known(facts.console(context, "jobs")),
            "definition": known(where),
            "key": known(self.definition.job.key or ""),
            "run_id": self.of_run("run_id"),
        }

    def of_run(self, name: str, default: Any = None) -> sdk.pulumi.Output[Any]:
        """Return an output of the run; `default` when there is none."""
        return (
            sdk.pulumi.Output.from_input(default) if self.run is None else getattr(self.run, name)
        )


def pipeline_name(scope: Scope, component: str) -> str:
    """Return the name of a component's pipeline: also how the ids of its runs begin."""
    return facts.asset(scope, component)


def run_tags(scope: Scope, spec: Spec, pipeline: str) -> dict[str, str]:
    """Return the tags of every run of a component, however it is started."""
    own = {COMPONENT: spec.name, KIND: spec.kind, BUCKET: facts.bucket(scope)}
    return {**scope.tags, **own, f"{PIPELINE}{pipeline}": "run"}


def register_job(job: Job, context: BuildContext, wait: Wait | None) -> BuiltJob:
    """Register a job's pipeline and its documents and, with a `wait`, its run."""
    made = _definition(job, context)
    objects = [*_objects(made)]
    stands = [*made.environments, *made.components.values(), *objects]
    run = None
    if wait is not None:
        run = _run(made, wait, [*stands, *job.uploads, *after(context, job.needs)])
    return BuiltJob(definition=made, resources=[*stands, *job.uploads], run=run)


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


def _definition(job: Job, context: BuildContext) -> Definition:
    """Build a job's steps; their documents are named by what is declared, which a plan knows."""
    component = job.spec.name
    documents = {
        step.name: place.job_key(component, step.name, content_hash(step.document, 16))
        for step in job.build(as_declared(context, component))
    }
    wiring = in_definition(context, job.native)
    steps = job.build(wiring)
    environments = _environments(job, context, wiring, steps)
    made = Definition(
        job=job,
        context=context,
        wiring=wiring,
        steps=steps,
        documents=documents,
        components={},
        environments=list(dict.fromkeys(environments.values())),
    )
    components = {step.name: _component(made, step, environments[step.name]) for step in steps}
    return dataclasses.replace(made, components=components)


def _environments(
    job: Job, context: BuildContext, wiring: Wiring, steps: Sequence[Step]
) -> dict[str, Any]:
    """Register the environment of each image, once; return it by step."""
    made: list[tuple[Any, Any]] = []
    found: dict[str, Any] = {}
    for step in steps:
        image = step.node.image or wiring.runtime_image
        known = next((resource for of, resource in made if of is image), None)
        if known is None:
            suffix = "environment" if not made else f"environment-{step.name}"
            name = facts.asset(context, job.spec.name, *(step.name for _ in made[:1]))
            known = add_environment(context, suffix, name, image, job.field)
            made.append((image, known))
        found[step.name] = known
    return found


def _component(made: Definition, step: Step, environment: Any) -> Any:
    name = made.context.physical_name(names.COMPONENT, made.job.spec.name, step.name)
    path = sdk.pulumi.Output.concat("azureml:", asset_path(environment))
    spec = component_spec(name, step, path, has_key=bool(made.run_key))
    title = f"step {step.name} of {made.job.spec.kind} {made.job.spec.name}"
    return add_component(made.context, f"{step.name}-component", spec, title, made.job.field)


def _objects(made: Definition) -> Iterator[Any]:
    """Register what steps are told, and what starts a run without an engine."""
    context, field = made.context, made.job.field
    for step in made.steps:
        yield add_object(
            context,
            f"{step.name}-step",
            made.documents[step.name],
            field,
            content=step.document,
            about=machine_of(step),
        )
    starts = {
        **_facts(made),
        "key": made.job.key,
        "workspace": facts.workspace_id(context),
        "pipeline_job": made.pipeline_job(),
        "timeout_seconds": made.job.timeout_seconds,
    }
    path = place.definition_key(made.job.spec.name)
    yield add_object(context, "definition", path, field, content=starts)


def _run(made: Definition, wait: Wait, depends_on: Sequence[Any]) -> sdk.pulumi.CustomResource:
    return custom.register(
        JOB_RUN,
        made.context.name("run"),
        {
            **_facts(made),
            "key": made.job.key,
            "wait": wait.value,
            "timeout_seconds": made.job.timeout_seconds,
            "requests": _requests(made),
            # What lies in the store as one text; a plan shows it.
            "documents": [step.document for step in made.steps],
        },
        outputs=RUN_OUTPUTS,
        opts=made.context.opts("run", depends_on=depends_on),
    )


def _facts(made: Definition) -> dict[str, Any]:
    return {
        "job": made.job.spec.name,
        "kind": made.job.spec.kind,
        "pipeline": made.name,
        "bucket": made.wiring.bucket,
        **(made.job.facts or {}),
    }


def _requests(made: Definition) -> list[dict[str, Any]]:
    """Return the start, and what steps of the run then ask of Azure ML."""
    asked = [_start(made, made.run)]
    for step in made.steps:
        body = step.document.get("body")
        if body is not None:
            version = body["model"]["body"]
            parameters = {"name": step.document["model"]["name"].rpartition("/")[2]}
            asked.append(_request("models/versions", made.context, parameters, version))
    return asked


def _start(made: Definition, run: str) -> dict[str, Any]:
    """Return the request that starts a run; the same id twice is the same run."""
    job = made.pipeline_job()
    tags = {**job["tags"], KEY_TAG: key_label(made.job.key or run)}
    return _request("jobs", made.context, {"id": run}, {"properties": {**job, "tags": tags}})


def _request(
    collection: str, scope: Scope, parameters: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    where = {"resourceGroupName": facts.group(scope), "workspaceName": facts.workspace(scope)}
    return {
        "api": API,
        "operation": f"PUT {facts.ML}/{collection}",
        "params": {**where, **parameters},
        "body": body,
    }
