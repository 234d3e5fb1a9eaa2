"""Training on Google Cloud: a pipeline is the definition, starting it is the run.

Its launcher trains, registers and tells the end on Vertex AI's side, so nobody waits for it; the
run's id is made of its key, so a start that is repeated finds the run that was made.
"""

from collections.abc import Iterable
from functools import partial

from mlops_iac.content import code_problems
from mlops_iac.data_flow import unmade_data
from mlops_iac.job_rules import spot_problems, unused_requirements, variable_problems
from mlops_iac.jobs.defining import wait_of
from mlops_iac.jobs.training import training_job
from mlops_iac.outputs import TrainingJobOutputs
from mlops_iac.provider import BuildContext, Problem, Purpose, Scope
from mlops_iac.specs import TrainingJob
from mlops_iac.wiring import model_of
from mlops_iac_gcp import facts
from mlops_iac_gcp.compute import compute_problems
from mlops_iac_gcp.feature_checks import joining_problems
from mlops_iac_gcp.jobs.checks import metric_problems, time_problems
from mlops_iac_gcp.jobs.defining import register_job
from mlops_iac_gcp.jobs.program import built_image, upload_program
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.training import register_step, train_steps
from mlops_iac_gcp.jobs.wiring import Wiring
from mlops_iac_gcp.workload import environment_problems, grant_secrets


class TrainingJobAdapter:
    """Maps `TrainingJob`; see `docs/mappings/gcp/training_job.md`."""

    def check(self, spec: TrainingJob, scope: Scope) -> Iterable[Problem]:
        """Yield what Vertex AI could not run."""
        yield from compute_problems(spec.name, spec.compute)
        yield from environment_problems(spec.name, spec.environment)
        yield from time_problems(spec, spec.timeout)
        yield from spot_problems(spec)
        yield from variable_problems(spec, spec.sources)
        yield from metric_problems(spec, dict.fromkeys(spec.metrics, "metrics"))
        yield from code_problems(spec, scope.project_dir, scope.specs.values())
        yield from unmade_data(spec, spec.run, spec.sources, scope.specs)
        yield from unused_requirements(spec, scope.platform)
        yield from joining_problems(spec, scope)

    def build(self, spec: TrainingJob, context: BuildContext) -> TrainingJobOutputs:
        """Register code, parameters, definition and, with `run: on_change`, the run."""
        model = model_of(spec, context.specs)
        native = built_image(spec, context)
        job = training_job(
            spec,
            context,
            facts.model_name(context, model.name) if model else None,
            build=partial(_steps, spec, context),
            native=native,
            uploads=[
                *upload_program(spec, context),
                *grant_secrets(context, Purpose.TRAINING, spec.environment),
            ],
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
        steps.append(register_step(spec, model, context, wiring, spec.name))
    return steps
