"""Data processing on Google Cloud: a pipeline of one step, whose outputs lie under its key."""

from collections.abc import Iterable, Mapping
from functools import partial

from mlops_iac import container_contract as contract
from mlops_iac.content import code_problems
from mlops_iac.data_flow import data_needs, unmade_data
from mlops_iac.job_rules import spot_problems, unused_requirements, variable_problems
from mlops_iac.outputs import ProcessingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.run_order import unawaited
from mlops_iac.specs import ProcessingJob
from mlops_iac_gcp import facts, place
from mlops_iac_gcp.compute import compute_problems
from mlops_iac_gcp.jobs.checks import time_problems
from mlops_iac_gcp.jobs.data import contract_uris, inputs_of, made_uri
from mlops_iac_gcp.jobs.defining import Job, register_job, wait_of
from mlops_iac_gcp.jobs.processing import Processing, processing_step, runtime_command
from mlops_iac_gcp.jobs.program import (
    built_image,
    code_of,
    parameters_path,
    processing_key,
    upload_program,
)
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.workload import environment_problems, grant_secrets, variables


class ProcessingJobAdapter:
    """Maps `ProcessingJob`; see `docs/mappings/gcp/processing_job.md`."""

    def check(self, spec: ProcessingJob, scope: Scope) -> Iterable[Problem]:
        """Return what Vertex AI would refuse."""
        yield from compute_problems(spec.name, spec.compute)
        yield from time_problems(spec, spec.timeout)
        yield from spot_problems(spec)
        yield from variable_problems(spec, spec.sources)
        yield from environment_problems(spec.name, spec.environment)
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        yield from unmade_data(spec, spec.run, spec.sources, scope.specs)
        yield from unawaited(spec, scope.specs)
        yield from unused_requirements(spec, scope.platform)

    def build(self, spec: ProcessingJob, context: BuildContext) -> ProcessingJobOutputs:
        """Register code, definition and, with `run: on_change`, the run."""
        key = processing_key(spec, context)
        native = built_image(spec, context)
        job = Job(
            spec=spec,
            native=native,
            build=partial(processing_steps, spec, context),
            description=f"{spec.script or 'its own image'}",
            field="script" if spec.script else "image",
            key=key,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=data_needs(spec.sources.values(), context.specs),
            uploads=[
                *upload_program(spec, context),
                *grant_secrets(context, Purpose.TRAINING, spec.environment),
            ],
        )
        built = register_job(job, context, wait_of(spec, spec.run, spec.wait, context))
        versions = {name: f"{key[:16]}/{name}" for name in spec.outputs}
        made = built.of_run("status").apply(lambda status: versions if status == "finished" else {})
        return ProcessingJobOutputs(**built.outputs(), data=made, native=native)


def processing_steps(
    spec: ProcessingJob, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the step of a run; it has the job's name."""
    work = Processing(
        job=spec.name,
        command=runtime_command("process") if spec.script else (),
        image=spec.image or wiring.image_of(spec.name),
        inputs=inputs_of(spec.sources, context, wiring),
        environment={**variables(spec.environment, context), **_told(spec, context, wiring)},
        compute=spec.compute,
        instances=spec.instances,
        spot=spec.spot,
        timeout=spec.timeout,
    )
    return (processing_step(spec.name, work, context, wiring),)


def outputs_of(spec: ProcessingJob, scope: Scope, wiring: Wiring) -> dict[str, str]:
    """Return where a run leaves each output."""
    return {name: made_uri(scope, spec.name, wiring.run_key, name) for name in spec.outputs}


def after_processing(spec: ProcessingJob, scope: Scope, wiring: Wiring) -> Wiring:
    """Return the wiring of steps after the job in the same run."""
    return wiring.makes(spec.name, outputs_of(spec, scope, wiring))


def _told(spec: ProcessingJob, scope: Scope, wiring: Wiring) -> Mapping[str, str]:
    told = {
        contract.HYPERPARAMETERS: facts.mounted(scope, parameters_path(spec)),
        contract.OUTPUTS: ",".join(f"{name}={form}" for name, form in spec.outputs.items()),
        **{
            contract.COLUMNS + contract.input_suffix(name): place.mounted(uri)
            for name, uri in contract_uris(spec.sources, scope, wiring).items()
        },
    }
    code = code_of(spec, scope)
    if code is None or spec.script is None:
        return told
    return {
        **told,
        contract.CODE: place.mounted(code.uri),
        contract.SCRIPT: spec.script.rpartition("/")[2],
    }
