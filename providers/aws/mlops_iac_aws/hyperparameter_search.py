"""Hyperparameter search on AWS: a pipeline of one tuning step, and the best trial's version."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from mlops_iac.data_flow import unmade_data
from mlops_iac.job_rules import job_problem
from mlops_iac.jobs.defining import Job, wait_of
from mlops_iac.jobs.keys import run_key
from mlops_iac.jobs.training import training_needs
from mlops_iac.outputs import HyperparameterSearchOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.run_key import run_facts
from mlops_iac.specs import HyperparameterSearch, TrainingJob
from mlops_iac.specs.hyperparameter_search import Strategy
from mlops_iac.wiring import model_of, training_job
from mlops_iac_aws import names
from mlops_iac_aws.images import is_foreign
from mlops_iac_aws.jobs.defining import register_job
from mlops_iac_aws.jobs.searching import combinations, points, search_steps
from mlops_iac_aws.jobs.steps import Step
from mlops_iac_aws.jobs.training import register_step, tuned_by
from mlops_iac_aws.jobs.wiring import Wiring

SHORTEST, LONGEST = timedelta(seconds=120), timedelta(seconds=15_768_000)
CHOICES_LIMIT = 30
ENVIRONMENT_NAMES_LIMIT = 48
"""botocore sagemaker `CreateHyperParameterTuningJob`."""
OWN_VARIABLES = 10
"""Variables that a training job is told at most, beside one for each contract."""


class HyperparameterSearchAdapter:
    """Maps `HyperparameterSearch`; see `docs/mappings/aws/hyperparameter_search.md`."""

    def check(self, spec: HyperparameterSearch, scope: Scope) -> Iterable[Problem]:
        """Return what SageMaker would refuse."""
        job = scope.specs.get(str(spec.job))
        if isinstance(job, TrainingJob):
            yield from unmade_data(spec, spec.run, job.sources, scope.specs)
            yield from _job_problems(spec, job)
        yield from _time_problems(spec)
        yield from _grid_problems(spec)

    def build(
        self, spec: HyperparameterSearch, context: BuildContext
    ) -> HyperparameterSearchOutputs:
        """Register the definition and, with `run: on_change`, the run."""
        job = training_job(spec, context.specs)
        model = model_of(job, context.specs)
        asked = {"parameters", "metric", "goal", "strategy", "trials", "parallel", "seed"}
        facts = {
            "search": spec.name,
            "job": run_facts(job, context.project_dir, context.specs),
            "task": spec.model_dump(mode="json", include=asked),
        }
        made = Job(
            spec=spec,
            build=partial(_steps, spec, context),
            description=f"{spec.trials} trials of {job.name} by {spec.strategy.value}",
            field="job",
            key=run_key(facts, context),
            timeout_seconds=int(spec.timeout.total_seconds()),
            needs=[job.name, *training_needs(job, context)],
            facts={
                "hyperparameters": dict(job.hyperparameters),
                "model_group": names.model_group(context, model.name) if model else None,
            },
        )
        built = register_job(made, context, wait_of(spec, spec.run, spec.wait, context))
        return HyperparameterSearchOutputs(
            **built.outputs(),
            parameters=built.of_run("parameters", {}),
            value=built.of_run("value"),
            model_version=built.of_run("model_version"),
        )


def _steps(spec: HyperparameterSearch, context: BuildContext, wiring: Wiring) -> list[Step]:
    job = training_job(spec, context.specs)
    steps = [*search_steps(spec, context, wiring)]
    model = model_of(job, context.specs)
    if model is not None:
        steps.append(register_step(job, model, context, wiring, tuned_by(spec.name)))
    return steps


def _job_problems(spec: HyperparameterSearch, job: TrainingJob) -> Iterator[Problem]:
    if job.image is not None and is_foreign(job.image):
        yield job_problem(
            spec,
            "image-not-in-ecr",
            "job",
            value=job.image,
            message=f"SageMaker pulls the image of trials of `{job.name}` from Amazon ECR only",
            rule="a tuning job has no access to registries inside a network",
            remedy="push the image to Amazon ECR",
        )
    count = len(job.environment) + len(job.sources) + OWN_VARIABLES
    if count > ENVIRONMENT_NAMES_LIMIT:
        yield job_problem(
            spec,
            "too-many-variables",
            "job",
            value=len(job.environment),
            message=f"`{job.name}` has up to {count} environment variables with the runtime's own",
            rule=f"SageMaker takes {ENVIRONMENT_NAMES_LIMIT} for a trial",
            remedy="put some of them into a file beside the script",
        )


def _time_problems(spec: HyperparameterSearch) -> Iterator[Problem]:
    if not SHORTEST <= spec.timeout <= LONGEST:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=str(spec.timeout),
            message=f"SageMaker bounds no search by {spec.timeout}",
            rule="2 minutes to 182 days",
            remedy="set `timeout` between `2m` and `182d`",
        )


def _grid_problems(spec: HyperparameterSearch) -> Iterator[Problem]:
    if spec.strategy is not Strategy.GRID:
        return
    if combinations(spec) > spec.trials:
        yield job_problem(
            spec,
            "grid-too-large",
            "trials",
            value=spec.trials,
            message=f"the grid has {combinations(spec)} points",
            rule="SageMaker tries every point of a grid",
            remedy=f"set `trials: {combinations(spec)}`, or take values out",
        )
    for name, parameter in spec.parameters.items():
        if len(points(parameter)) > CHOICES_LIMIT:
            yield job_problem(
                spec,
                "grid-too-fine",
                f"parameters.{name}",
                value=len(points(parameter)),
                message=f"`{name}` has {len(points(parameter))} values",
                rule=f"a parameter of SageMaker's grid has {CHOICES_LIMIT}",
                remedy="narrow the range, or name some values as `choices`",
            )
