"""Data processing on Azure: a pipeline of one step, whose outputs lie under its key."""

from collections.abc import Iterable
from functools import partial

from mlops_iac.content import code_problems
from mlops_iac.data_flow import unmade_data
from mlops_iac.job_rules import spot_problems, unused_requirements, variable_problems
from mlops_iac.jobs.defining import wait_of
from mlops_iac.jobs.processing import made_data, processing_job, processing_work
from mlops_iac.outputs import ProcessingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_order import unawaited
from mlops_iac.specs import ProcessingJob
from mlops_iac_azure.compute import Use, compute_problems
from mlops_iac_azure.jobs.checks import time_problems
from mlops_iac_azure.jobs.defining import register_job
from mlops_iac_azure.jobs.foreign import PROCESS, foreign_steps
from mlops_iac_azure.jobs.processing import processing_step, program
from mlops_iac_azure.jobs.program import built_image, upload_program
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.wiring import Wiring
from mlops_iac_azure.workload import environment_problems, variables


class ProcessingJobAdapter:
    """Maps `ProcessingJob`; see `docs/mappings/azure/processing_job.md`."""

    def check(self, spec: ProcessingJob, scope: Scope) -> Iterable[Problem]:
        """Return what Azure ML would refuse."""
        yield from compute_problems(spec.name, spec.compute, Use.PROCESSING)
        yield from time_problems(spec, spec.timeout, is_spot=spec.spot is not None)
        yield from spot_problems(spec)
        yield from variable_problems(spec, spec.sources)
        yield from environment_problems(spec.name, spec.environment)
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        yield from unmade_data(spec, spec.run, spec.sources, scope.specs)
        yield from unawaited(spec, scope.specs)
        yield from unused_requirements(spec, scope.platform)

    def build(self, spec: ProcessingJob, context: BuildContext) -> ProcessingJobOutputs:
        """Register code, definition and, with `run: on_change`, the run."""
        native = built_image(spec, context)
        job = processing_job(
            spec,
            context,
            build=partial(processing_steps, spec, context),
            native=native,
            uploads=[*upload_program(spec, context)],
        )
        built = register_job(job, context, wait_of(spec, spec.run, spec.wait, context))
        return ProcessingJobOutputs(**built.outputs(), data=made_data(spec, built), native=native)


def processing_steps(
    spec: ProcessingJob, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the steps of a run; the last one has the job's name."""
    work = processing_work(spec, variables(spec.environment, context), context, wiring)
    if spec.image:
        return foreign_steps(program(spec.name, work, wiring), PROCESS, context, wiring, {})
    return (processing_step(spec.name, work, context, wiring),)
