"""Hyperparameter tuning jobs: their trials are jobs, one after the other.

Limits: no early stopping, no conditional parameters; the default algorithm draws at random as
`RANDOM_SEARCH` does, with one seed, so that a test's trials are the same each time.
"""

import itertools
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds.gcp.hooks import Run, RunState
from tests.clouds.gcp.work.container import Machines
from tests.clouds.gcp.work.failures import WorkError, unknown
from tests.clouds.gcp.work.pools import Job, output_of, run_job, stamp

_DRAWN = frozenset({"ALGORITHM_UNSPECIFIED", "RANDOM_SEARCH"})
_METRICS = "tmp/hypertune/output.metrics"
Values = Mapping[str, Any]


@dataclass
class _Tuning:
    run: Run
    machines: Machines
    trials: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def study(self) -> Mapping[str, Any]:
        return self.run.request["studySpec"]

    def tell(self) -> None:
        self.run.update(trials=[*self.trials])

    def failed(self) -> int:
        return sum(one["state"] == "INFEASIBLE" for one in self.trials)


def tune(run: Run, machines: Machines) -> None:
    """Do a tuning job to its end."""
    tuning = _Tuning(run, machines)
    limit = int(run.request.get("maxFailedTrialCount", 0))
    for number, values in enumerate(settings(run.request), start=1):
        if run.stopping.is_set():
            break
        _trial(tuning, number, values)
        if limit and tuning.failed() >= limit:
            raise WorkError(f"{tuning.failed()} trials have failed; {limit} may.")
    if run.stopping.is_set():
        run.finish(RunState.CANCELLED, "The job was cancelled.")
    elif tuning.failed() == len(tuning.trials):
        raise WorkError("All trials have failed; see the first one's log.")
    else:
        run.finish(RunState.SUCCEEDED)


def _trial(tuning: _Tuning, number: int, values: Values) -> None:
    given = [{"parameterId": name, "value": value} for name, value in values.items()]
    trial: dict[str, Any] = {"id": str(number), "startTime": stamp(), "parameters": given}
    tuning.trials.append({**trial, "state": "ACTIVE"})
    tuning.tell()
    tuning.trials[-1] = {**trial, **_outcome(tuning, number, values), "endTime": stamp()}
    tuning.tell()


def _outcome(tuning: _Tuning, number: int, values: Values) -> dict[str, Any]:
    job = _job(tuning, number, values)
    try:
        ended = run_job(job)
    except WorkError as error:
        return {"state": "INFEASIBLE", "infeasibleReason": str(error)}
    found = _measured(tuning.study, _file(job))
    if not ended.is_success or len(found) < len(tuning.study["metrics"]):
        return {"state": "INFEASIBLE", "infeasibleReason": "The trial has told no metric."}
    metrics = [{"metricId": name, "value": value} for name, value in found.items()]
    return {"state": "SUCCEEDED", "finalMeasurement": {"stepCount": "1", "metrics": metrics}}


def _job(tuning: _Tuning, number: int, values: Values) -> Job:
    spec = tuning.run.request["trialJobSpec"]
    output = output_of(spec)
    return Job(
        run=tuning.run,
        machines=tuning.machines,
        spec=spec,
        root=tuning.run.root / f"trial-{number}",
        output=f"{output}/{number}" if output else "",
        environment={
            "CLOUD_ML_TRIAL_ID": str(number),
            "CLOUD_ML_HP_METRIC_FILE": f"/{_METRICS}",
        },
        arguments=[f"--{name}={_text(value)}" for name, value in values.items()],
    )


def _text(value: Any) -> str:
    """Return a value as an argument has it: a whole number without a fraction."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _file(job: Job) -> Path:
    return next(iter(sorted(job.root.glob(f"*/workerpool0-0/{_METRICS}"), reverse=True)), job.root)


def _measured(study: Mapping[str, Any], file: Path) -> dict[str, float]:
    """Return the last value of each metric, as `cloudml-hypertune` writes them."""
    lines = file.read_text().splitlines() if file.is_file() else []
    told = [json.loads(line) for line in lines if line.strip()]
    wanted = [one["metricId"] for one in study["metrics"]]
    return {name: float(row[name]) for row in told for name in wanted if name in row}


def settings(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the values of each trial.

    Raises:
        WorkError: for what the test cloud does not search.
    """
    study, limit = request["studySpec"], int(request["maxTrialCount"])
    algorithm = study.get("algorithm", "ALGORITHM_UNSPECIFIED")
    for parameter in study["parameters"]:
        if "conditionalParameterSpecs" in parameter:
            raise unknown("conditional parameters")
    if algorithm == "GRID_SEARCH":
        yield from itertools.islice(_grid(study["parameters"]), limit)
    elif algorithm in _DRAWN:
        draw = random.Random(0)
        for _ in range(limit):
            yield {one["parameterId"]: _drawn(draw, one) for one in study["parameters"]}
    else:
        raise unknown(f"the search algorithm `{algorithm}`")


def _grid(parameters: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    names = [one["parameterId"] for one in parameters]
    for values in itertools.product(*(_listed(one) for one in parameters)):
        yield dict(zip(names, values, strict=True))


def _listed(parameter: Mapping[str, Any]) -> Sequence[Any]:
    if spec := parameter.get("integerValueSpec"):
        return [float(one) for one in range(int(spec["minValue"]), int(spec["maxValue"]) + 1)]
    if "doubleValueSpec" in parameter:
        raise WorkError("GRID_SEARCH takes parameters of type INTEGER, CATEGORICAL and DISCRETE.")
    return _choices(parameter)


def _choices(parameter: Mapping[str, Any]) -> Sequence[Any]:
    spec = parameter.get("categoricalValueSpec") or parameter["discreteValueSpec"]
    return spec["values"]


def _drawn(draw: random.Random, parameter: Mapping[str, Any]) -> Any:
    if spec := parameter.get("doubleValueSpec"):
        return _number(draw, parameter, spec)
    if spec := parameter.get("integerValueSpec"):
        return float(round(_number(draw, parameter, spec)))
    return draw.choice(_choices(parameter))


def _number(draw: random.Random, parameter: Mapping[str, Any], spec: Mapping[str, Any]) -> float:
    # Google's JSON leaves zeros out.
    low, high = float(spec.get("minValue", 0)), float(spec.get("maxValue", 0))
    if parameter.get("scaleType") == "UNIT_LOG_SCALE":
        return min(high, max(low, math.exp(draw.uniform(math.log(low), math.log(high)))))
    return draw.uniform(low, high)
