"""Predictions for a whole dataset on Azure: a job that answers as the server does."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from mlops_iac.data_flow import unmade_data, unreadable_data
from mlops_iac.job_rules import variable_problems
from mlops_iac.jobs.batch import OUTPUT, batch_job, batch_work
from mlops_iac.jobs.defining import wait_of
from mlops_iac.outputs import BatchInferenceOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import BatchInference
from mlops_iac.specs.jobs import data_inputs
from mlops_iac_azure import facts, place
from mlops_iac_azure.compute import Use, compute_problems
from mlops_iac_azure.jobs.checks import time_problems
from mlops_iac_azure.jobs.defining import register_job
from mlops_iac_azure.jobs.documents import registered
from mlops_iac_azure.jobs.processing import processing_step
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.schedules import register_schedule, schedule_problems
from mlops_iac_azure.workload import environment_problems, variables


class BatchInferenceAdapter:
    """Maps `BatchInference`; see `docs/mappings/azure/batch_inference.md`."""

    def check(self, spec: BatchInference, scope: Scope) -> Iterable[Problem]:
        """Return what Azure ML would refuse, and data that is not there or has no columns."""
        inputs = data_inputs(spec.data)
        yield from unreadable_data(spec, spec.data, scope.specs)
        yield from unmade_data(spec, spec.run, inputs, scope.specs)
        yield from compute_problems(spec.name, spec.compute, Use.PROCESSING)
        yield from time_problems(spec, spec.timeout)
        yield from variable_problems(spec, inputs)
        yield from environment_problems(spec.name, spec.environment)
        yield from schedule_problems(spec.name, spec.schedule)

    def build(self, spec: BatchInference, context: BuildContext) -> BatchInferenceOutputs:
        """Register the definition, its address and schedule and, with `run: on_change`, its run."""
        from mlops_iac_azure.frame.batch_endpoint import build_batch_endpoint

        job = batch_job(
            spec,
            context,
            _reads(spec, context),
            build=partial(batch_steps, spec, context),
        )
        built = register_job(job, context, wait_of(spec, spec.run, spec.wait, context))
        build_batch_endpoint(spec, context, built)
        if spec.schedule is not None:
            register_schedule(context, spec.schedule, built)
        prefix = facts.address(context, f"{place.DATA}{spec.name}")
        where = built.of_run("run_id").apply(lambda run: run and f"{prefix}/{run}/{OUTPUT}")
        return BatchInferenceOutputs(**built.outputs(), predictions=where)


def batch_steps(spec: BatchInference, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the step that answers; it has the job's name."""
    reads, own = _reads(spec, context), variables(spec.environment, context)
    work = batch_work(spec, reads, own, context, wiring)
    return (processing_step(spec.name, work, context, wiring),)


def _reads(spec: BatchInference, scope: Scope) -> dict[str, Any]:
    """Return the version that a run answers with, as its launcher finds it when it starts."""
    return registered(scope, str(spec.model.name), spec.model.alias, spec.model.version)
