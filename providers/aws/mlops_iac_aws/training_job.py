"""Training on AWS: a SageMaker pipeline is the definition, starting it is the run.

A pipeline trains and registers on the service's side, so nobody waits for it; its start takes a
token of ours, so a start that is repeated after a crash finds the run that it made.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from mlops_iac.jobs.defining import Job, wait_of
from mlops_iac.jobs.keys import training_key
from mlops_iac.jobs.training import training_description, training_needs, training_seconds
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import TrainingJob
from mlops_iac.wiring import model_of
from mlops_iac_aws import names
from mlops_iac_aws.jobs.defining import register_job
from mlops_iac_aws.jobs.images import register_image
from mlops_iac_aws.jobs.program import upload_program
from mlops_iac_aws.jobs.steps import Step
from mlops_iac_aws.jobs.training import register_step, train_steps, trained_by
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.training_checks import training_problems


class TrainingJobAdapter:
    """Maps `TrainingJob`; see `docs/mappings/aws/training_job.md`."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse."""
        return training_problems(spec, scope)

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register code, definition and, with `run: on_change`, the run."""
        model = model_of(spec, context.specs)
        native = register_image(spec, context)
        job = Job(
            spec=spec,
            build=partial(_steps, spec, context),
            description=training_description(spec),
            field="script",
            key=training_key(spec, context),
            timeout_seconds=training_seconds(spec),
            needs=[
                *training_needs(spec, context),
                *map(str, spec.features),
                *([str(spec.experiment)] if spec.experiment else []),
            ],
            uploads=upload_program(spec, context),
            native=native,
            facts={
                "metric_names": list(spec.metrics),
                "model_group": names.model_group(context, model.name) if model else None,
            },
        )
        built = register_job(job, context, wait_of(spec, spec.run, spec.wait, context))
        return TrainingJobOutputs(
            **built.outputs(),
            model_version=built.of_run("model_version"),
            metrics=built.of_run("metrics", {}),
            native=native,
        )


def _steps(spec: TrainingJob, context: BuildContext, wiring: Wiring) -> list[Step]:
    steps = [*train_steps(spec, context, wiring)]
    model = model_of(spec, context.specs)
    if model is not None:
        candidate: Any = trained_by(spec.name)
        steps.append(register_step(spec, model, context, wiring, candidate))
    return steps
