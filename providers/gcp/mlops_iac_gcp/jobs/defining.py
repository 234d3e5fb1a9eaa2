"""A component's pipeline, the documents that its runs are started by, and the run of `up`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac import custom
from mlops_iac.late import DIGEST, KEY, RUN, filled
from mlops_iac.provider import BuildContext, Purpose, Scope, content_hash
from mlops_iac.run_order import read_by_up
from mlops_iac.specs import Spec
from mlops_iac.specs.jobs import RunPolicy, Wait
from mlops_iac_gcp import facts, names, place, sdk
from mlops_iac_gcp.job_request import encryption
from mlops_iac_gcp.jobs.compiling import RUN_KEY, compiled, with_image
from mlops_iac_gcp.jobs.runs import COMPONENT, key_label, label, run_id
from mlops_iac_gcp.jobs.runs import KEY as KEY_LABEL
from mlops_iac_gcp.jobs.steps import Step, machine_of
from mlops_iac_gcp.jobs.wiring import Wiring, as_declared, in_definition
from mlops_iac_gcp.objects import add_object
from mlops_iac_gcp.workload import pruned

JOB_RUN = "mlops-iac:gcp:JobRun"
RUN_OUTPUTS = ("run_id", "status", "model_version", "metrics", "parameters", "value")
API = "aiplatform.v1"
CREATE_RUN = "aiplatform.projects.locations.pipelineJobs.create"
_CREATE = "aiplatform.projects.locations.{collection}.create"
_UPLOAD = "aiplatform.projects.locations.models.upload"
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
    """A job with its compiled pipeline."""

    job: Job
    context: BuildContext
    wiring: Wiring
    steps: Sequence[Step]
    documents: Mapping[str, str]
    """Path in the bucket of what each launcher is told."""
    template: str
    """Path in the bucket of the compiled pipeline."""
    pipeline: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Name of the pipeline."""
        return pipeline_name(self.context, self.job.spec.name)

    @property
    def run(self) -> str:
        """Id of the run by `up`."""
        return run_id(self.name, self.job.key or "")

    def pipeline_job(self) -> dict[str, Any]:
        """Return what starts a run, less the compiled pipeline and the run's own labels."""
        attachment = self.wiring.network_attachment
        return pruned(
            {
                "displayName": self.name,
                "labels": {**facts.labels(self.context), COMPONENT: label(self.job.spec.name)},
                "runtimeConfig": {
                    "gcsOutputDirectory": f"{facts.address(self.context, place.RUNS)}tasks",
                    "failurePolicy": "PIPELINE_FAILURE_POLICY_FAIL_FAST",
                    "parameterValues": {RUN_KEY: self.run_key},
                },
                "serviceAccount": self.wiring.identities[Purpose.PIPELINE],
                "encryptionSpec": encryption(self.wiring),
                "pscInterfaceConfig": None
                if attachment is None
                else {"networkAttachment": attachment},
            }
        )

    @property
    def run_key(self) -> str:
        """The key that every run is told; empty where its id is its key."""
        return "" if self.job.is_kept_by_execution else self.job.key or ""


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
            "console_url": known(facts.console(context, "vertex-ai/pipelines/runs")),
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
    return scope.physical_name(names.PIPELINE, component)


def register_job(job: Job, context: BuildContext, wait: Wait | None) -> BuiltJob:
    """Register a job's pipeline and its documents and, with a `wait`, its run."""
    made = _definition(job, context)
    objects = [*_objects(made)]
    run = None
    if wait is not None:
        run = _run(made, wait, [*objects, *job.uploads, *after(context, job.needs)])
    return BuiltJob(definition=made, resources=[*objects, *job.uploads], run=run)


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
    """Compile a job; its documents are named by what is declared, which a plan knows."""
    name, component = pipeline_name(context, job.spec.name), job.spec.name
    declared = as_declared(context, component)
    documents = {
        step.name: place.job_key(component, step.name, content_hash(step.document, 16))
        for step in job.build(declared)
    }
    wiring = in_definition(context, job.native)
    steps = job.build(wiring)
    told = {step: facts.address(context, path) for step, path in documents.items()}
    title = f"{job.spec.kind} {component}: {job.description}"
    pipeline = compiled(name, title, steps, told)
    digest = content_hash(with_image(pipeline, declared.runtime_image), 16)
    return Definition(
        job=job,
        context=context,
        wiring=wiring,
        steps=steps,
        documents=documents,
        template=place.template_key(component, digest),
        pipeline=with_image(pipeline, wiring.runtime_image),
    )


def _objects(made: Definition) -> Iterator[Any]:
    """Register what launchers are told, the pipeline, and what starts it without an engine."""
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
    yield add_object(context, "pipeline", made.template, field, content=made.pipeline)
    starts = {
        **_facts(made),
        "key": made.job.key,
        "location": facts.location(context),
        "template": made.template,
        "pipeline_job": made.pipeline_job(),
        "timeout_seconds": made.job.timeout_seconds,
    }
    path = place.definition_key(made.job.spec.name)
    # Its place is always the same: the old content goes before the new one comes.
    yield add_object(context, "definition", path, field, content=starts, delete_before_replace=True)


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
    """Return the start, and what the launchers then ask of Vertex AI."""
    run, key = made.run, made.run_key or made.run
    known = {RUN: run, KEY: key, DIGEST: facts.UNKNOWN}
    asked = [_start(made, run)]
    for step in made.steps:
        document = filled(step.document, known)
        if "body" in document:
            collection = document.get("collection")
            operation = _CREATE.format(collection=collection) if collection else _UPLOAD
            asked.append(_request(operation, made.context, document["body"]))
    return asked


def _start(made: Definition, run: str) -> dict[str, Any]:
    """Return the request that starts a run; the same id twice is refused."""
    job = made.pipeline_job()
    labels = {**job["labels"], KEY_LABEL: key_label(made.job.key or run)}
    request = _request(CREATE_RUN, made.context, {**job, "labels": labels})
    request["body"]["pipelineSpec"] = made.pipeline
    request["params"]["pipelineJobId"] = run
    return request


def _request(operation: str, scope: Scope, body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "api": API,
        "operation": operation,
        "params": {"parent": facts.location(scope)},
        "body": body,
    }
