"""Hyperparameter tuning jobs: their trials are training jobs, one after the other.

Limits: no early stopping, no warm start; `Bayesian` and `Hyperband` draw at random as `Random`
does. The seed is `RandomSeed`, else 0, so that a test's trials are the same each time.
"""

import itertools
import math
import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.aws.hooks import Run, RunKind, RunState
from tests.clouds.aws.work.failures import JobError

_DRAWN = frozenset({"Random", "Bayesian", "Hyperband"})
_FALLBACK_TRIALS = 20
_COPIED = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "OutputDataConfig", "ResourceConfig",
    "StoppingCondition", "VpcConfig", "EnableNetworkIsolation", "EnableManagedSpotTraining",
    "EnableInterContainerTrafficEncryption", "CheckpointConfig", "Environment", "RetryStrategy",
)  # fmt: skip
"""Members of a trial's definition that CreateTrainingJob has as well."""

FindRun = Callable[[RunKind, str], Run]


@dataclass
class _Tuning:
    run: Run
    trials: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def objective(self) -> Mapping[str, str]:
        config = self.run.request["HyperParameterTuningJobConfig"]
        return config["HyperParameterTuningJobObjective"]

    def tell(self) -> None:
        """Report the trials so far, and the best of them."""
        states = [trial["TrainingJobStatus"] for trial in self.trials]
        scored = sum("FinalHyperParameterTuningJobObjectiveMetric" in one for one in self.trials)
        told: dict[str, Any] = {
            "Trials": [*self.trials],
            "TrainingJobStatusCounters": {
                "Completed": states.count("Completed"),
                "InProgress": states.count("InProgress"),
                "RetryableError": 0,
                "NonRetryableError": states.count("Failed"),
                "Stopped": states.count("Stopped"),
            },
            "ObjectiveStatusCounters": {
                "Succeeded": scored,
                "Pending": states.count("InProgress"),
                "Failed": len(self.trials) - scored - states.count("InProgress"),
            },
        }
        best = self.best()
        self.run.update(**told, **({"BestTrainingJob": best} if best else {}))

    def best(self) -> dict[str, Any] | None:
        """Return the trial with the best value of the objective."""
        name = "FinalHyperParameterTuningJobObjectiveMetric"
        scored = [trial for trial in self.trials if name in trial]
        pick = max if self.objective["Type"] == "Maximize" else min
        return pick(scored, key=lambda trial: trial[name]["Value"]) if scored else None


def tune(run: Run, find: FindRun) -> None:
    """Do a tuning job to its end."""
    tuning = _Tuning(run)
    for number, values in enumerate(combinations(run.request), start=1):
        if run.stopping.is_set():
            break
        _trial(tuning, number, values, find)
    if run.stopping.is_set():
        run.finish(RunState.STOPPED)
    elif tuning.best() is None:
        run.finish(RunState.FAILED, "All training jobs failed. Please check the trials' reasons.")
    else:
        run.finish(RunState.SUCCEEDED)


def _trial(tuning: _Tuning, number: int, values: Mapping[str, str], find: FindRun) -> None:
    run, sagemaker = tuning.run, tuning.run.client("sagemaker")
    name = f"{run.name[:40]}-{number:03d}-{secrets.token_hex(4)}"
    definition = run.request["TrainingJobDefinition"]
    static = definition.get("StaticHyperParameters") or {}
    arn = sagemaker.create_training_job(
        TrainingJobName=name,
        HyperParameters={**static, **values},
        **{key: definition[key] for key in _COPIED if key in definition},
    )["TrainingJobArn"]
    trial = {"TrainingJobName": name, "TrainingJobArn": arn, "TunedHyperParameters": dict(values)}
    tuning.trials.append({**trial, "TrainingJobStatus": "InProgress"})
    tuning.tell()
    _await(run, find(RunKind.TRAINING, name), name)
    found = sagemaker.describe_training_job(TrainingJobName=name)
    tuning.trials[-1] = {**trial, **_summary(found), **_score(tuning.objective, found)}
    tuning.tell()


def _await(run: Run, trial: Run, name: str) -> None:
    is_stopped = False
    while not trial.ended.wait(0.05):
        if run.stopping.is_set() and not is_stopped:
            run.client("sagemaker").stop_training_job(TrainingJobName=name)
            is_stopped = True


def _summary(found: Mapping[str, Any]) -> dict[str, Any]:
    names = ("CreationTime", "TrainingStartTime", "TrainingEndTime", "TrainingJobStatus",
             "FailureReason")  # fmt: skip
    return {name: found[name] for name in names if name in found}


def _score(objective: Mapping[str, str], found: Mapping[str, Any]) -> dict[str, Any]:
    metrics = {item["MetricName"]: item["Value"] for item in found.get("FinalMetricDataList", [])}
    name = objective["MetricName"]
    if found["TrainingJobStatus"] != "Completed" or name not in metrics:
        return {"ObjectiveStatus": "Failed"}
    score = {"Type": objective["Type"], "MetricName": name, "Value": metrics[name]}
    return {
        "ObjectiveStatus": "Succeeded",
        "FinalHyperParameterTuningJobObjectiveMetric": score,
    }


def combinations(request: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the values of each trial, as strings."""
    config = request["HyperParameterTuningJobConfig"]
    ranges = config.get("ParameterRanges") or {}
    limit = config["ResourceLimits"].get("MaxNumberOfTrainingJobs", _FALLBACK_TRIALS)
    if config["Strategy"] == "Grid":
        yield from itertools.islice(_grid(ranges), limit)
    elif config["Strategy"] in _DRAWN:
        draw = random.Random(config.get("RandomSeed", 0))
        for _ in range(limit):
            yield {name: pick(draw) for name, pick in _pickers(ranges)}
    else:
        raise JobError(f"ValidationException: no strategy `{config['Strategy']}`")


def _grid(ranges: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[dict[str, str]]:
    numeric = [
        *ranges.get("IntegerParameterRanges", []),
        *ranges.get("ContinuousParameterRanges", []),
    ]
    if numeric:
        raise JobError("ValidationException: Grid takes categorical parameters only")
    categories = ranges.get("CategoricalParameterRanges", [])
    names = [item["Name"] for item in categories]
    for values in itertools.product(*(item["Values"] for item in categories)):
        yield dict(zip(names, values, strict=True))


def _pickers(
    ranges: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Iterator[tuple[str, Callable[[random.Random], str]]]:
    for item in ranges.get("IntegerParameterRanges", []):
        yield item["Name"], lambda draw, item=item: str(round(_number(draw, item)))
    for item in ranges.get("ContinuousParameterRanges", []):
        yield item["Name"], lambda draw, item=item: repr(_number(draw, item))
    for item in ranges.get("CategoricalParameterRanges", []):
        yield item["Name"], lambda draw, item=item: str(draw.choice(item["Values"]))


def _number(draw: random.Random, item: Mapping[str, Any]) -> float:
    low, high = float(item["MinValue"]), float(item["MaxValue"])
    if item.get("ScalingType") == "Logarithmic":
        return min(high, max(low, math.exp(draw.uniform(math.log(low), math.log(high)))))
    return draw.uniform(low, high)
