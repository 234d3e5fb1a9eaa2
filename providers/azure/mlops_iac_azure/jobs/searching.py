"""Steps that search hyperparameters: Azure ML's sweep of a training, and the best of its trials.

A trial's values reach it as words of its command, so what is searched is told in words that a
shell leaves alone; what each means stands in the step's document.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.provider import BuildContext
from mlops_iac.specs import HyperparameterSearch, TrainingJob
from mlops_iac.specs.hyperparameter_search import (
    Choice,
    Goal,
    IntegerRange,
    NumberRange,
    Parameter,
    Strategy,
)
from mlops_iac.wiring import training_job
from mlops_iac_azure.experiment_tracker import tracked
from mlops_iac_azure.features.steps import join_steps
from mlops_iac_azure.job_request import Program, node_of, program_document
from mlops_iac_azure.jobs.documents import job_document, step_document
from mlops_iac_azure.jobs.steps import Step, Sweep, Verb
from mlops_iac_azure.jobs.training import program
from mlops_iac_azure.jobs.wiring import Wiring

SAMPLING: Mapping[Strategy, str] = {
    Strategy.BAYESIAN: "bayesian",
    Strategy.RANDOM: "random",
    Strategy.GRID: "grid",
}
GOALS: Mapping[Goal, str] = {Goal.MAXIMIZE: "maximize", Goal.MINIMIZE: "minimize"}
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def search_steps(
    spec: HyperparameterSearch, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the steps of a search; the one that finds the best is the last and has its name."""
    job = training_job(spec, context.specs)
    before, wiring = join_steps(job, context, wiring)
    name = trials_name(spec)
    trial = _trial(spec, job, context, wiring)
    meanings = {n: meaning(p) for n, p in spec.parameters.items()}
    search = {"of": spec.name, "metric": spec.metric, "parameters": meanings}
    asked = program_document(trial)
    document = {**job_document(name, asked, context, wiring, search=search), **tracked(job)}
    node = replace(node_of(trial), sweep=_sweep(spec))
    sweep = Step(name=name, document=document, node=node)
    chosen = {
        **step_document(spec.name, context, wiring),
        "trials": name,
        "metric": spec.metric,
        "goal": spec.goal.value,
        "hyperparameters": dict(job.hyperparameters),
    }
    best = Step(name=spec.name, document=chosen, verb=Verb.CHOOSE, after=(name,))
    return (*before, sweep.following(joining.name for joining in before), best)


def trials_name(spec: HyperparameterSearch) -> str:
    """Return the name of the step whose containers are the trials."""
    return f"{spec.name}-trials"


def words(choice: Choice) -> dict[str, Any]:
    """Return the values of a choice by the word that stands for each in a trial's command."""
    told = [each if isinstance(each, str) else str(each) for each in choice.choices]
    if len(set(told)) < len(told) or not all(_WORD.fullmatch(word) for word in told):
        told = [str(number) for number, _ in enumerate(choice.choices)]
    return dict(zip(told, choice.choices, strict=True))


def meaning(parameter: Parameter) -> dict[str, Any]:
    """Return how a trial reads the word that it is given for a parameter."""
    if isinstance(parameter, Choice):
        return {"words": words(parameter)}
    return {"integer": isinstance(parameter, IntegerRange), "log": parameter.log}


def distribution(parameter: Parameter, strategy: Strategy) -> dict[str, Any]:
    """Return what Azure ML draws the words of a parameter from.

    Logarithms are drawn evenly, as Bayesian sampling knows no other scale; the trial makes
    numbers of them. A grid is of words alone, so it lists whole numbers.
    """
    if isinstance(parameter, Choice):
        return {"type": "choice", "values": [*words(parameter)]}
    if strategy is Strategy.GRID and isinstance(parameter, IntegerRange):
        return {"type": "choice", "values": [*map(str, range(parameter.min, parameter.max + 1))]}
    if parameter.log:
        return _uniform(math.log(parameter.min), math.log(parameter.max))
    if isinstance(parameter, NumberRange):
        return _uniform(parameter.min, parameter.max)
    return {"type": "quniform", "min_value": parameter.min, "max_value": parameter.max, "q": 1}


def _uniform(least: float, most: float) -> dict[str, Any]:
    return {"type": "uniform", "min_value": least, "max_value": most}


def _sweep(spec: HyperparameterSearch) -> Sweep:
    sampling: dict[str, Any] = {"type": SAMPLING[spec.strategy]}
    if spec.strategy is Strategy.RANDOM:
        sampling |= {"rule": "random", "seed": spec.seed}
    return Sweep(
        space={name: distribution(p, spec.strategy) for name, p in spec.parameters.items()},
        sampling=sampling,
        metric=spec.metric,
        goal=GOALS[spec.goal],
        trials=spec.trials,
        parallel=min(spec.parallel, spec.trials),
        timeout_seconds=int(spec.timeout.total_seconds()),
    )


def _trial(
    spec: HyperparameterSearch, job: TrainingJob, context: BuildContext, wiring: Wiring
) -> Program:
    """Return what a trial runs: the job, which tells the metric of the search too."""
    trained = program(job, trials_name(spec), context, wiring, resumes=False)
    told = ",".join(dict.fromkeys((*job.metrics, spec.metric)))
    return replace(trained, environment={**trained.environment, contract.METRICS: told})
