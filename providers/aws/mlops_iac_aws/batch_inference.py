"""Predictions for a whole dataset on AWS: a processing step that answers as the server does."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.data_flow import data_needs, unmade_data, unreadable_data
from mlops_iac.jobs.batch import OUTPUT, batch_task
from mlops_iac.jobs.defining import Job, wait_of
from mlops_iac.jobs.keys import run_key
from mlops_iac.outputs import BatchInferenceOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_key import data_versions, plain_environment
from mlops_iac.specs import BatchInference, RegisteredModel
from mlops_iac.specs.jobs import data_inputs
from mlops_iac_aws import names, place
from mlops_iac_aws.checks import environment_problems, environment_variables, has_secrets
from mlops_iac_aws.events import SCHEDULER_PRINCIPAL, starter_role
from mlops_iac_aws.jobs.checks import MODEL, TASK, input_problems, processing_problems
from mlops_iac_aws.jobs.data import data_uri, made_uri, within
from mlops_iac_aws.jobs.defining import register_job
from mlops_iac_aws.jobs.images import mixed_images, trainer_of
from mlops_iac_aws.jobs.processing import (
    ENVIRONMENT_LIMIT,
    INPUTS,
    Processing,
    processing_step,
    runtime_command,
)
from mlops_iac_aws.jobs.program import Document, document_of, upload_document
from mlops_iac_aws.jobs.steps import Step
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.layout import alias_prefix
from mlops_iac_aws.schedules import register_schedule, schedule_problems


class BatchInferenceAdapter:
    """Maps `BatchInference`; see `docs/mappings/aws/batch_inference.md`."""

    def check(self, spec: BatchInference, scope: Scope) -> Iterable[Problem]:
        """Return what AWS would refuse, and data that is not there or has no columns."""
        inputs = data_inputs(spec.data)
        yield from unreadable_data(spec, spec.data, scope.specs)
        yield from unmade_data(spec, spec.run, inputs, scope.specs)
        yield from processing_problems(spec, scope, spec.compute, spec.timeout)
        yield from input_problems(spec, scope, inputs, own=2)
        yield from environment_problems(spec.name, spec.environment, ENVIRONMENT_LIMIT)
        yield from schedule_problems(spec.name, spec.schedule)
        yield from mixed_images(spec, "model", str(spec.model.name), scope)

    def build(self, spec: BatchInference, context: BuildContext) -> BatchInferenceOutputs:
        """Register the definition, its schedule and, with `run: on_change`, its run."""
        model, task = str(spec.model.name), _task(spec, context)
        inputs = data_inputs(spec.data)
        facts = {
            "job": spec.name,
            "task": task.text,
            "model": str(spec.model),
            "data": data_versions(inputs, context.project_dir, context.specs),
            "environment": plain_environment(spec.environment),
        }
        key = run_key(facts, context)
        job = Job(
            spec=spec,
            build=partial(batch_steps, spec, context),
            description=f"{spec.model} for {spec.data}",
            field="model",
            key=key,
            is_kept_by_execution=True,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=[*data_needs([spec.data], context.specs), model],
            uploads=[upload_document(task, context, "keep")],
            facts={"reads": _reads(spec, context)},
        )
        built = register_job(job, context, wait_of(spec, spec.run, spec.wait, context))
        if spec.schedule is not None:
            role = starter_role(context, [spec.name], by=[SCHEDULER_PRINCIPAL])
            register_schedule(context, spec.schedule, built.pipeline, built.parameters, role)
        prefix = place.data_prefix(context, spec.name)
        where = built.of_run("run_id").apply(lambda run: run and f"{prefix}/{run}/{OUTPUT}")
        return BatchInferenceOutputs(**built.outputs(), predictions=where)


def batch_steps(spec: BatchInference, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the step that answers; it has the job's name."""
    task = _task(spec, context)
    ((name, ref),) = data_inputs(spec.data).items()
    model = context.specs.get(str(spec.model.name))
    trusts = isinstance(model, RegisteredModel) and model.trust_pickle
    copy = f"{place.artifact_root(context)}/{_copy(spec)}"
    work = Processing(
        job=spec.name,
        command=runtime_command("batch"),
        image=wiring.image_of(trainer_of(str(spec.model.name), context)),
        inputs={
            name: data_uri(ref, context, wiring),
            MODEL: within(copy.rstrip("/")),
        },
        mounts={TASK: task.uri},
        outputs={OUTPUT: made_uri(context, spec.name, wiring.run_key, OUTPUT)},
        environment={
            **environment_variables(spec.environment),
            contract.TASK: f"{INPUTS}/{TASK}/{task.name}",
            contract.TRUST_PICKLE: contract.flag(value=trusts),
        },
        compute=spec.compute,
        timeout=spec.timeout,
        is_isolated=not has_secrets(spec.environment),
    )
    return (processing_step(spec.name, work, context, wiring),)


def _task(spec: BatchInference, scope: Scope) -> Document:
    return document_of(spec.name, {**batch_task(spec, scope), "model": MODEL}, scope)


def _copy(spec: BatchInference) -> str:
    return alias_prefix(str(spec.model.name), str(spec.model.version or spec.model.alias))


def _reads(spec: BatchInference, scope: Scope) -> dict[str, Any]:
    """Return what a run by `up` waits for: the copy of the version that it answers with."""
    return {
        "bucket": names.bucket(scope),
        "model": str(spec.model.name),
        "group": names.model_group(scope, str(spec.model.name)),
        "name": str(spec.model.version or spec.model.alias),
        "version": spec.model.version,
    }
