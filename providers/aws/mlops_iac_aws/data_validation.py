"""Contracts on data on AWS: a processing step that runs the runtime's check; `up` waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from mlops_iac import container_contract as contract
from mlops_iac.data_flow import data_needs, is_made_by_up, unreadable_data
from mlops_iac.jobs.defining import Job
from mlops_iac.jobs.keys import run_key
from mlops_iac.jobs.validation import validation_task
from mlops_iac.outputs import DataValidationOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_key import data_versions
from mlops_iac.specs import DataValidation
from mlops_iac.specs.jobs import Wait, data_inputs
from mlops_iac_aws import place, sdk
from mlops_iac_aws.jobs.checks import TASK, input_problems, processing_problems
from mlops_iac_aws.jobs.data import data_uri
from mlops_iac_aws.jobs.defining import register_job
from mlops_iac_aws.jobs.processing import (
    INPUTS,
    REPORT,
    Processing,
    processing_step,
    runtime_command,
)
from mlops_iac_aws.jobs.program import Document, document_of, upload_document
from mlops_iac_aws.jobs.steps import Step
from mlops_iac_aws.jobs.wiring import Wiring


class DataValidationAdapter:
    """Maps `DataValidation`; see `docs/mappings/aws/data_validation.md`."""

    def check(self, spec: DataValidation, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse, and data without columns."""
        yield from unreadable_data(spec, spec.data, scope.specs)
        yield from processing_problems(spec, scope, spec.compute, spec.timeout)
        yield from input_problems(spec, scope, data_inputs(spec.data), own=1)

    def build(self, spec: DataValidation, context: BuildContext) -> DataValidationOutputs:
        """Register the contract, and its check of data that is there after `up`."""
        task = _task(spec, context)
        inputs = data_inputs(spec.data)
        facts = {
            "job": spec.name,
            "task": task.text,
            "data": data_versions(inputs, context.project_dir, context.specs),
        }
        key = run_key(facts, context)
        job = Job(
            spec=spec,
            build=partial(validation_steps, spec, context),
            description=f"{len(spec.columns)} columns of {spec.data}",
            field="columns",
            key=key,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=data_needs([spec.data], context.specs, but=spec.name),
            uploads=[upload_document(task, context, "columns")],
        )
        # What only a pipeline makes is checked by the pipeline.
        is_there = is_made_by_up(spec.data, context.specs)
        built = register_job(job, context, Wait.FINISHED if is_there else None)
        report = f"{place.runs_prefix(context, spec.name)}/{key}/{REPORT}/report.json"
        return DataValidationOutputs(
            **built.outputs(), report=sdk.pulumi.Output.from_input(report if is_there else None)
        )


def validation_steps(
    spec: DataValidation, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the step that checks; it has the contract's name, and fails when it does not hold."""
    task = _task(spec, context)
    ((name, ref),) = data_inputs(spec.data).items()
    work = Processing(
        job=spec.name,
        command=runtime_command("validate"),
        inputs={name: data_uri(ref, context, wiring)},
        mounts={TASK: task.uri},
        environment={contract.TASK: f"{INPUTS}/{TASK}/{task.name}"},
        compute=spec.compute,
        timeout=spec.timeout,
    )
    return (processing_step(spec.name, work, context, wiring),)


def _task(spec: DataValidation, scope: Scope) -> Document:
    return document_of(spec.name, validation_task(spec, scope), scope)
