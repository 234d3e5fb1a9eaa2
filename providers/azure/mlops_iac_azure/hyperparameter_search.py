"""Hyperparameter search on Azure: Azure ML's sweep, and the best trial's version."""

import re
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
from mlops_iac.specs.hyperparameter_search import IntegerRange, Strategy
from mlops_iac.specs.types import duration_text
from mlops_iac.wiring import model_of, training_job
from mlops_iac_azure import facts
from mlops_iac_azure.jobs.checks import LONGEST_RUN, metric_problems
from mlops_iac_azure.jobs.components import RESERVED, searched
from mlops_iac_azure.jobs.defining import register_job
from mlops_iac_azure.jobs.searching import search_steps
from mlops_iac_azure.jobs.steps import Step
from mlops_iac_azure.jobs.training import register_step
from mlops_iac_azure.jobs.wiring import Wiring

LONGEST = LONGEST_RUN
_INPUT = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
LONGEST_GRID = 1000
"""Numbers of a range that a grid lists."""


class HyperparameterSearchAdapter:
    """Maps `HyperparameterSearch`; see `docs/mappings/azure/hyperparameter_search.md`."""

    def check(self, spec: HyperparameterSearch, scope: Scope) -> Iterable[Problem]:
        """Return what Azure ML would refuse, and what it would leave out."""
        job = scope.specs.get(str(spec.job))
        if isinstance(job, TrainingJob):
            yield from unmade_data(spec, spec.run, job.sources, scope.specs)
            yield from _program_problems(spec, job)
        yield from metric_problems(spec, {spec.metric: "metric"})
        yield from _setting_problems(spec)
        yield from _sampling_problems(spec)

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
            rule="Azure ML gives them as words of a command, the runtime makes them parameters",
            remedy="search a job with a `script`",
        )
    if job.instances > 1:
        yield job_problem(
            spec,
            "search-of-many-machines",
            "job",
            value=job.instances,
            message=f"a trial of `{job.name}` would be one machine of {job.instances}",
            rule="a sweep inside a pipeline runs each trial on one machine",
            remedy=f"set `instances: 1` on `{job.name}`, with more `compute`",
        )


def _setting_problems(spec: HyperparameterSearch) -> Iterator[Problem]:
    if spec.seed and spec.strategy is Strategy.BAYESIAN:
        yield job_problem(
            spec,
            "seed",
            "seed",
            value=spec.seed,
            message="Bayesian sampling draws its own random numbers",
            rule="azure-ai-ml, BayesianSamplingAlgorithm: no seed",
            remedy="leave out `seed`; or use `strategy: random`, which takes one",
        )
    if not timedelta(seconds=1) <= spec.timeout <= LONGEST:
        yield job_problem(
            spec,
            "timeout",
            "timeout",
            value=duration_text(spec.timeout),
            message=f"Azure ML runs no search for {duration_text(spec.timeout)}",
            rule="1 second to 21 days",
            remedy="set `timeout` between `1s` and `21d`",
        )
    taken: set[str] = set()
    for name in spec.parameters:
        word = searched(name)
        if not _INPUT.fullmatch(word) or word.startswith(RESERVED) or word in taken:
            yield job_problem(
                spec,
                "parameter-name",
                f"parameters.{name}",
                value=name,
                message=f"`{name}` cannot be the name of a parameter that is searched",
                rule="letters, digits and `.-_`, no two alike but for `.`, `-` and `_`; it does not"
                f" begin with {' or '.join(f'`{each}`' for each in RESERVED)}",
                remedy="rename the parameter",
            )
        taken.add(word)


def _sampling_problems(spec: HyperparameterSearch) -> Iterator[Problem]:
    if spec.strategy is not Strategy.GRID:
        return
    for name, parameter in spec.parameters.items():
        if isinstance(parameter, IntegerRange) and parameter.max - parameter.min >= LONGEST_GRID:
            yield job_problem(
                spec,
                "grid-too-long",
                f"parameters.{name}",
                value=parameter.max - parameter.min + 1,
                message=f"a grid would list {parameter.max - parameter.min + 1} numbers",
                rule=f"a grid is of words that are listed, at most {LONGEST_GRID} here",
                remedy="narrow the range, name `choices`, or use another `strategy`",
            )
