"""The step that searches hyperparameters: SageMaker's own tuning of a training job."""

import json
from collections.abc import Mapping
from math import prod
from typing import Any

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
from mlops_iac_aws.features.steps import join_steps
from mlops_iac_aws.jobs.program import code_of
from mlops_iac_aws.jobs.steps import Step, StepType
from mlops_iac_aws.jobs.wiring import Wiring
from mlops_iac_aws.requests import tag_list
from mlops_iac_aws.training_request import hyperparameters, metric_definition, training_arguments

STRATEGIES: Mapping[Strategy, str] = {
    Strategy.BAYESIAN: "Bayesian",
    Strategy.RANDOM: "Random",
    Strategy.GRID: "Grid",
}
GOALS: Mapping[Goal, str] = {Goal.MAXIMIZE: "Maximize", Goal.MINIMIZE: "Minimize"}
_TRAINING_ONLY = frozenset({"AlgorithmSpecification", "HyperParameters", "Tags"})
"""Members of a training job's request that a trial's definition has elsewhere."""


def search_steps(
    spec: HyperparameterSearch, context: BuildContext, wiring: Wiring
) -> tuple[Step, ...]:
    """Return the steps of a search; the one that searches is the last and has its name."""
    job = training_job(spec, context.specs)
    joins, wired = join_steps(job, context, wiring)
    arguments = {
        "HyperParameterTuningJobConfig": _configuration(spec),
        "TrainingJobDefinition": _trial(spec, job, context, wired),
        "Tags": tag_list(context.tags),
    }
    step = Step(name=spec.name, type=StepType.TUNING, arguments=arguments)
    return (*joins, step.following(each.name for each in joins))


def combinations(spec: HyperparameterSearch) -> int:
    """Return how many points the grid of a search has."""
    return prod(len(points(parameter)) for parameter in spec.parameters.values())


def points(parameter: Parameter) -> list[Any]:
    """Return the values of a parameter of a grid; none for a range of numbers."""
    if isinstance(parameter, Choice):
        return list(parameter.choices)
    return (
        list(range(parameter.min, parameter.max + 1)) if isinstance(parameter, IntegerRange) else []
    )


def _configuration(spec: HyperparameterSearch) -> dict[str, Any]:
    return {
        "Strategy": STRATEGIES[spec.strategy],
        "HyperParameterTuningJobObjective": {
            "Type": GOALS[spec.goal],
            "MetricName": spec.metric,
        },
        "ResourceLimits": {
            # SageMaker takes a grid's exact number or none; planning has bounded it.
            "MaxNumberOfTrainingJobs": combinations(spec)
            if spec.strategy is Strategy.GRID
            else spec.trials,
            "MaxParallelTrainingJobs": spec.parallel,
            "MaxRuntimeInSeconds": int(spec.timeout.total_seconds()),
        },
        "ParameterRanges": _ranges(spec),
        "TrainingJobEarlyStoppingType": "Off",
        "RandomSeed": spec.seed,
    }


def _ranges(spec: HyperparameterSearch) -> dict[str, Any]:
    integers: list[Any] = []
    numbers: list[Any] = []
    choices: list[Any] = []
    for name, parameter in spec.parameters.items():
        if isinstance(parameter, NumberRange):
            numbers.append(_range(name, parameter))
        elif isinstance(parameter, IntegerRange) and spec.strategy is not Strategy.GRID:
            integers.append(_range(name, parameter))
        else:
            # Texts as the runtime reads them: JSON, so that a number stays a number.
            values = [json.dumps(value) for value in points(parameter)]
            choices.append({"Name": name, "Values": values})
    return {
        "IntegerParameterRanges": integers,
        "ContinuousParameterRanges": numbers,
        "CategoricalParameterRanges": choices,
    }


def _range(name: str, parameter: NumberRange | IntegerRange) -> dict[str, str]:
    return {
        "Name": name,
        "MinValue": str(parameter.min),
        "MaxValue": str(parameter.max),
        "ScalingType": "Logarithmic" if parameter.log else "Linear",
    }


def _trial(
    spec: HyperparameterSearch, job: TrainingJob, context: BuildContext, wiring: Wiring
) -> dict[str, Any]:
    code = code_of(job, context)
    trained = training_arguments(job, context, wiring, code and code.uri)
    algorithm = trained["AlgorithmSpecification"]
    names = dict.fromkeys((*job.metrics, spec.metric))
    static = {n: v for n, v in hyperparameters(job).items() if n not in spec.parameters}
    return {
        **{name: value for name, value in trained.items() if name not in _TRAINING_ONLY},
        "AlgorithmSpecification": {
            "TrainingImage": algorithm["TrainingImage"],
            "TrainingInputMode": algorithm["TrainingInputMode"],
            "MetricDefinitions": [metric_definition(name) for name in names],
        },
        **({"StaticHyperParameters": static} if static else {}),
    }
