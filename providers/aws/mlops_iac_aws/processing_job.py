"""Data processing on AWS: a pipeline of one step, whose outputs lie under the run's key."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from mlops_iac import container_contract as contract
from mlops_iac.content import code_problems
from mlops_iac.data_flow import data_needs, unmade_data
from mlops_iac.feature_rules import contracts_of
from mlops_iac.job_rules import job_problem, unused_requirements
from mlops_iac.jobs.defining import Job, wait_of
from mlops_iac.jobs.keys import processing_key
from mlops_iac.outputs import ProcessingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_order import unawaited
from mlops_iac.specs import ProcessingJob
from mlops_iac_aws.checks import environment_problems, environment_variables
from mlops_iac_aws.dataset import CONTRACT_FILE
from mlops_iac_aws.images import image_problems, is_foreign
from mlops_iac_aws.jobs.checks import CODE, TASK, input_problems, processing_problems
from mlops_iac_aws.jobs.data import CONTRACT_SUFFIX, inputs_of, made_uri
from mlops_iac_aws.jobs.defining import register_job
from mlops_iac_aws.jobs.images import register_image
from mlops_iac_aws.jobs.processing import (
    ENVIRONMENT_LIMIT,
    INPUTS,
    OUTPUT_LIMIT,
    Processing,
    processing_step,
    runtime_command,
)
from mlops_iac_aws.jobs.program import code_of, document_of, upload_document, upload_program
from mlops_iac_aws.jobs.steps import Step
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.training_request import is_isolated


class ProcessingJobAdapter:
    """Maps `ProcessingJob`; see `docs/mappings/aws/processing_job.md`."""

    def check(self, spec: ProcessingJob, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse."""
        yield from processing_problems(spec, scope, spec.compute, spec.timeout)
        yield from input_problems(spec, scope, spec.sources, own=2)
        yield from environment_problems(spec.name, spec.environment, ENVIRONMENT_LIMIT)
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        yield from unmade_data(spec, spec.run, spec.sources, scope.specs)
        yield from unawaited(spec, scope.specs)
        yield from _program_problems(spec, scope)

    def build(self, spec: ProcessingJob, context: BuildContext) -> ProcessingJobOutputs:
        """Register code, definition and, with `run: on_change`, the run."""
        parameters = document_of(spec.name, dict(spec.parameters), context)
        key = processing_key(spec, context)
        native = register_image(spec, context)
        job = Job(
            spec=spec,
            build=partial(processing_steps, spec, context),
            description=_description(spec),
            field="script",
            key=key,
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=data_needs(spec.sources.values(), context.specs),
            uploads=[
                *upload_program(spec, context),
                upload_document(parameters, context, "parameters"),
            ],
            native=native,
        )
        built = register_job(job, context, wait_of(spec, spec.run, spec.wait, context))
        versions = {name: f"{key[:16]}/{name}" for name in spec.outputs}
        made = built.of_run("status").apply(lambda status: versions if status == "finished" else {})
        return ProcessingJobOutputs(**built.outputs(), data=made, native=native)


def processing_steps(
    spec: ProcessingJob, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the step of a run; it has the job's name."""
    code = code_of(spec, context)
    parameters = document_of(spec.name, dict(spec.parameters), context)
    data = inputs_of(spec.sources, context, wiring)
    work = Processing(
        job=spec.name,
        command=None if code is None else runtime_command("process"),
        image=spec.image or wiring.image_of(spec.name),
        inputs={name: uri for name, uri in data.items() if name in spec.sources},
        mounts={
            **{name: uri for name, uri in data.items() if name not in spec.sources},
            TASK: parameters.uri,
            **({CODE: code.uri} if code else {}),
        },
        outputs=outputs_of(spec, context, wiring),
        environment={**environment_variables(spec.environment), **_told(spec, context)},
        compute=spec.compute,
        instances=spec.instances,
        timeout=spec.timeout,
        is_isolated=is_isolated(spec, context),
    )
    return (processing_step(spec.name, work, context, wiring),)


def outputs_of(spec: ProcessingJob, scope: Scope, wiring: Wiring) -> dict[str, object]:
    """Return where a run leaves each output."""
    return {name: made_uri(scope, spec.name, wiring.run_key, name) for name in spec.outputs}


def after_processing(spec: ProcessingJob, scope: Scope, wiring: Wiring) -> Wiring:
    """Return the wiring of steps after the job in the same run."""
    return wiring.makes(spec.name, outputs_of(spec, scope, wiring))


def _told(spec: ProcessingJob, context: BuildContext) -> Mapping[str, str]:
    parameters = document_of(spec.name, dict(spec.parameters), context)
    told = {
        contract.HYPERPARAMETERS: f"{INPUTS}/{TASK}/{parameters.name}",
        contract.OUTPUTS: _told_outputs(spec),
        **{
            contract.COLUMNS + contract.input_suffix(name): (
                f"{INPUTS}/{name}{CONTRACT_SUFFIX}/{CONTRACT_FILE}"
            )
            for name in contracts_of(spec.sources, context.specs)
        },
    }
    code = code_of(spec, context)
    if code is None or spec.script is None:
        return told
    return {
        **told,
        contract.CODE: f"{INPUTS}/{CODE}/{code.uri.rpartition('/')[2]}",
        contract.SCRIPT: spec.script.rpartition("/")[2],
    }


def _program_problems(spec: ProcessingJob, scope: Scope) -> Iterator[Problem]:
    if spec.image is not None:
        yield from image_problems(spec.name, "image", spec.image, scope)
        if is_foreign(spec.image):
            yield job_problem(
                spec,
                "image-not-in-ecr",
                "image",
                value=spec.image,
                message="SageMaker pulls images of processing jobs from Amazon ECR only",
                rule="`CreateProcessingJob` has no access to registries inside a network",
                remedy="push the image to Amazon ECR",
            )
    yield from unused_requirements(spec, scope.platform)
    if len(spec.outputs) >= OUTPUT_LIMIT:
        yield job_problem(
            spec,
            "too-many-outputs",
            "outputs",
            value=len(spec.outputs),
            message=f"the job has {len(spec.outputs)} outputs",
            rule=f"SageMaker has {OUTPUT_LIMIT}, one of which is the report",
            remedy="write some of them into one folder",
        )
    if len(_told_outputs(spec)) > ENVIRONMENT_LIMIT:
        yield job_problem(
            spec,
            "outputs-too-long",
            "outputs",
            value=len(_told_outputs(spec)),
            message="the names of the outputs do not fit into one variable",
            rule=f"together up to {ENVIRONMENT_LIMIT} characters",
            remedy="shorten their names",
        )


def _told_outputs(spec: ProcessingJob) -> str:
    return ",".join(f"{name}={form}" for name, form in spec.outputs.items())


def _description(spec: ProcessingJob) -> str:
    compute = spec.compute
    asked = f"{compute.cpu} vcpu, {compute.memory_gb:g} GiB"
    return f"{spec.script or 'its own image'} on at least {asked}"
