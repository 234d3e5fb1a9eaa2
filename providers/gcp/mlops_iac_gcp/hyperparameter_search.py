"""Hyperparameter search on Google Cloud: Vertex AI's tuning job, and the best trial's version."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from mlops_iac.data_flow import unmade_data
from mlops_iac.job_rules import job_problem
from mlops_iac.jobs.defining import wait_of
from mlops_iac.jobs.training import search_job
from mlops_iac.outputs import HyperparameterSearchOutputs
from mlops_iac.provider import BuildContext, Problem, Scope
from mlops_iac.specs import HyperparameterSearch, TrainingJob
from mlops_iac.wiring import model_of, training_job
from mlops_iac_gcp import facts
from mlops_iac_gcp.jobs.checks import metric_problems
from mlops_iac_gcp.jobs.defining import register_job
from mlops_iac_gcp.jobs.searching import search_steps
from mlops_iac_gcp.jobs.steps import Step
from mlops_iac_gcp.jobs.training import register_step
from mlops_iac_gcp.jobs.wiring import Wiring

LONGEST = timedelta(days=30)
"""How long a launcher may wait: a week for each trial that follows another would be no bound."""


class HyperparameterSearchAdapter:
    """Maps `HyperparameterSearch`; see `docs/mappings/gcp/hyperparameter_search.md`."""

    def check(self, spec: HyperparameterSearch, scope: Scope) -> Iterable[Problem]:
        """Return what Vertex AI would refuse, and what it would leave out."""
        job = scope.specs.get(str(spec.job))
        if isinstance(job, TrainingJob):
            yield from unmade_data(spec, spec.run, job.sources, scope.specs)
            yield from _program_problems(spec, job)
        yield from metric_problems(spec, {spec.metric: "metric"})
        yield from _setting_problems(spec)

    def build(
        self, spec: HyperparameterSearch, context: BuildContext
    ) -> HyperparameterSearchOutputs:
        """Register the definition and, with `run: on_change`, the run."""
        model = model_of(training_job(spec, context.specs), context.specs)
        made = search_job(
            spec,
            context,
            facts.model_name(context, model.name) if model else None,
            build=partial(_steps, spec, context),
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
        steps.append(register_step(job, model, context, wiring, spec.name))
    return steps


def _program_problems(spec: HyperparameterSearch, job: TrainingJob) -> Iterator[Problem]:
    if job.image is not None:
        yield job_problem(
            spec,
            "search-without-script",
            "job",
            value=job.image,
            message=f"nobody would hand the parameters of a trial to the image of `{job.name}`",
            rule="Vertex AI gives them as arguments, the runtime's launcher makes them parameters",
            remedy="search a job with a `script`",
        )


def _setting_problems(spec: HyperparameterSearch) -> Iterator[Problem]:
    if spec.seed:
        yield job_problem(
            spec,
            "seed",
            "seed",
            value=spec.seed,
            message="Vertex AI draws its own random numbers",
            rule="discovery aiplatform.v1, StudySpec: no seed",
            remedy="leave out `seed`; or use `strategy: grid`, which draws none",
        )
    if not timedelta(seconds=1) <= spec.timeout <= LONGEST:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=str(spec.timeout),
            message=f"a search of {spec.timeout} is not awaited",
            rule="1 second to 30 days",
            remedy="set `timeout` between `1s` and `30d`",
        )
    for name in spec.parameters:
        if any(letter.isspace() for letter in name):
            yield job_problem(
                spec,
                "parameter-name",
                f"parameters.{name}",
                value=name,
                message=f"`{name}` cannot be the name of a parameter",
                rule="no spaces: discovery aiplatform.v1, StudySpecParameterSpec.parameterId",
                remedy="rename the parameter",
            )
