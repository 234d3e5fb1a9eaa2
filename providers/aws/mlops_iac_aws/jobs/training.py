"""Steps that train, and that register what was trained."""

from typing import Any

from mlops_iac.provider import BuildContext, Scope
from mlops_iac.specs import RegisteredModel, TrainingJob
from mlops_iac_aws import names, place
from mlops_iac_aws.features.steps import join_steps
from mlops_iac_aws.jobs.program import code_of
from mlops_iac_aws.jobs.steps import Step, StepType, joined, of_step
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.registered_model import APPROVAL_STATUS
from mlops_iac_aws.training_request import Package, package_arguments, training_arguments


def train_steps(spec: TrainingJob, context: BuildContext, wiring: Wiring) -> tuple[Step, ...]:
    """Return the steps of a run; the one that trains is the last and has the job's name."""
    before, wiring = join_steps(spec, context, wiring)
    code = code_of(spec, context)
    arguments = training_arguments(spec, context, wiring, code and code.uri)
    step = Step(name=spec.name, type=StepType.TRAINING, arguments=arguments)
    return (*before, step.following(joining.name for joining in before))


def register_step(
    job: TrainingJob, model: RegisteredModel, scope: Scope, wiring: Wiring, candidate: Any
) -> Step:
    """Return the step that makes what a job trained a version.

    Args:
        job: the training job.
        model: what it becomes a version of.
        scope: where it is built.
        wiring: values from elsewhere.
        candidate: name of the training job, as `trained_by` or `tuned_by` tell it.
    """
    package = Package(
        group=names.model_group(scope, model.name),
        status=APPROVAL_STATUS[model.approval],
        image=wiring.image_of(job.name),
        model_data=joined(left_by(job, scope, candidate), "model.tar.gz"),
        run_key=wiring.run_key,
    )
    return Step(
        name=f"{job.name}-register",
        type=StepType.REGISTER,
        arguments=package_arguments(job, package),
    )


def left_by(job: TrainingJob, scope: Scope, candidate: Any) -> Any:
    """Return the URI under which a training job has left its model and its results."""
    return joined(place.runs_prefix(scope, job.name), candidate, "output")


def trained_by(step: str) -> dict[str, str]:
    """Return the name of the training job that a step was."""
    return of_step(step, "TrainingJobName")


def tuned_by(step: str) -> dict[str, str]:
    """Return the name of the best training job of a step that searched."""
    return of_step(step, "BestTrainingJob.TrainingJobName")
