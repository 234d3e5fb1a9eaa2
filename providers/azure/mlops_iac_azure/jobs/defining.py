"""A component's pipeline job, the documents that its steps read, and the run of `up`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlops_iac.jobs import defining
from mlops_iac.jobs.defining import Job, register_run
from mlops_iac.provider import BuildContext, Purpose, Scope, content_hash
from mlops_iac.specs import Spec
from mlops_iac.specs.jobs import Wait
from mlops_iac_azure import facts, names, place, sdk
from mlops_iac_azure.experiment_tracker import experiment_of
from mlops_iac_azure.jobs.assets import add_component, add_environment, asset_path
from mlops_iac_azure.jobs.clusters import cluster_id, cluster_of
from mlops_iac_azure.jobs.compiling import pipeline_job
from mlops_iac_azure.jobs.components import component_spec
from mlops_iac_azure.jobs.runs import BUCKET, COMPONENT, KIND, PIPELINE, key_label
from mlops_iac_azure.jobs.runs import KEY as KEY_TAG
from mlops_iac_azure.jobs.steps import Step, machine_of
from mlops_iac_azure.jobs.wiring import Wiring, as_declared, in_definition
from mlops_iac_azure.objects import add_object

JOB_RUN = "mlops-iac:azure:JobRun"
API = "azure.ml"
CREATE_RUN = f"PUT {facts.ML}/jobs"


@dataclass(frozen=True, kw_only=True)
class Definition(defining.Definition):
    """A job with its pipeline job."""

    wiring: Wiring
    steps: Sequence[Step]
    components: Mapping[str, Any]
    """Version of a component, as a resource, by step."""
    environments: Sequence[Any]

    def pipeline_job(self) -> dict[str, Any]:
        """Return what starts a run: the properties of a job, less the run's own tag."""
        spec = self.job.spec
        return pipeline_job(
            self.name,
            self.title,
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


BuiltJob = defining.BuiltJob[Definition]


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
        # What lies in the store as one text; a plan shows it.
        told = [step.document for step in made.steps]
        run = register_run(JOB_RUN, made, wait, stands, requests=_requests(made), documents=told)
    return BuiltJob(
        definition=made,
        resources=[*stands, *job.uploads],
        run=run,
        console=facts.console(context, "jobs"),
    )


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
        name=pipeline_name(context, component),
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
        **made.facts(),
        "workspace": facts.workspace_id(context),
        "pipeline_job": made.pipeline_job(),
    }
    path = place.definition_key(made.job.spec.name)
    yield add_object(context, "definition", path, field, content=starts)


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
