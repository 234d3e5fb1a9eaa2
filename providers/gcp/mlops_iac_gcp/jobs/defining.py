"""A component's pipeline, the documents that its runs are started by, and the run of `up`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.jobs import defining
from mlops_iac.jobs.defining import Job, register_run
from mlops_iac.keyed_runs import label
from mlops_iac.late import DIGEST, KEY, RUN, filled
from mlops_iac.provider import BuildContext, Purpose, Scope, content_hash
from mlops_iac.specs.jobs import Wait
from mlops_iac_gcp import facts, names, place
from mlops_iac_gcp.job_request import encryption
from mlops_iac_gcp.jobs.compiling import RUN_KEY, compiled, with_image
from mlops_iac_gcp.jobs.runs import COMPONENT, key_label
from mlops_iac_gcp.jobs.runs import KEY as KEY_LABEL
from mlops_iac_gcp.jobs.steps import Step, machine_of
from mlops_iac_gcp.jobs.wiring import Wiring, as_declared, in_definition
from mlops_iac_gcp.objects import add_object
from mlops_iac_gcp.workload import pruned

JOB_RUN = "mlops-iac:gcp:JobRun"
API = "aiplatform.v1"
CREATE_RUN = "aiplatform.projects.locations.pipelineJobs.create"
_CREATE = "aiplatform.projects.locations.{collection}.create"
_UPLOAD = "aiplatform.projects.locations.models.upload"


@dataclass(frozen=True, kw_only=True)
class Definition(defining.Definition):
    """A job with its compiled pipeline."""

    wiring: Wiring
    steps: Sequence[Step]
    template: str
    """Path in the bucket of the compiled pipeline."""
    pipeline: Mapping[str, Any]

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


BuiltJob = defining.BuiltJob[Definition]


def pipeline_name(scope: Scope, component: str) -> str:
    """Return the name of a component's pipeline: also how the ids of its runs begin."""
    return scope.physical_name(names.PIPELINE, component)


def register_job(job: Job, context: BuildContext, wait: Wait | None) -> BuiltJob:
    """Register a job's pipeline and its documents and, with a `wait`, its run."""
    made = _definition(job, context)
    objects = [*_objects(made)]
    run = None
    if wait is not None:
        run = register_run(JOB_RUN, made, wait, objects, requests=_requests(made))
    return BuiltJob(
        definition=made,
        resources=[*objects, *job.uploads],
        run=run,
        console=facts.console(context, "vertex-ai/pipelines/runs"),
    )


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
        name=name,
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
        **made.facts(),
        "location": facts.location(context),
        "template": made.template,
        "pipeline_job": made.pipeline_job(),
    }
    path = place.definition_key(made.job.spec.name)
    # Its place is always the same: the old content goes before the new one comes.
    yield add_object(context, "definition", path, field, content=starts, delete_before_replace=True)


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
