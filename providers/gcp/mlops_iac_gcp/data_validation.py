"""Contracts on data on Google Cloud: a job that runs the runtime's check; `up` waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from mlops_iac.data_flow import is_made_by_up, unreadable_data
from mlops_iac.job_rules import variable_problems
from mlops_iac.jobs.validation import validation_job, validation_work
from mlops_iac.outputs import DataValidationOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import DataValidation
from mlops_iac.specs.jobs import Wait, data_inputs
from mlops_iac_gcp import facts, place, sdk
from mlops_iac_gcp.compute import compute_problems
from mlops_iac_gcp.jobs.checks import file_problems, time_problems
from mlops_iac_gcp.jobs.defining import register_job
from mlops_iac_gcp.jobs.processing import processing_step
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.wiring import Wiring


class DataValidationAdapter:
    """Maps `DataValidation`; see `docs/mappings/gcp/data_validation.md`."""

    def check(self, spec: DataValidation, scope: Scope) -> Iterable[Problem]:
        """Return what Vertex AI would refuse, and data that has no columns or no files."""
        inputs = data_inputs(spec.data)
        yield from unreadable_data(spec, spec.data, scope.specs)
        yield from compute_problems(spec.name, spec.compute)
        yield from time_problems(spec, spec.timeout)
        yield from variable_problems(spec, inputs)
        yield from file_problems(spec, scope, inputs)

    def build(self, spec: DataValidation, context: BuildContext) -> DataValidationOutputs:
        """Register the contract, and its check of data that is there after `up`."""
        job = validation_job(spec, context, build=partial(validation_steps, spec, context))
        # What only a pipeline makes is checked by the pipeline.
        is_there = is_made_by_up(spec.data, context.specs)
        built = register_job(job, context, Wait.FINISHED if is_there else None)
        folder = place.step_prefix(spec.name, built.definition.run, spec.name)
        report = facts.address(context, f"{folder}/output/report.json")
        return DataValidationOutputs(
            **built.outputs(), report=sdk.pulumi.Output.from_input(report if is_there else None)
        )


def validation_steps(
    spec: DataValidation, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the step that checks; it has the contract's name, and fails when it does not hold."""
    work = validation_work(spec, context, wiring)
    return (processing_step(spec.name, work, context, wiring),)
