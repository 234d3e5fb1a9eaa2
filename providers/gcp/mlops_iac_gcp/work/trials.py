"""The trials of a search, as Vertex AI tells them."""

from collections.abc import Mapping
from typing import Any

from mlops_iac.runtime.hyperparameters import decode_value

_DONE = "SUCCEEDED"


def best(job: Mapping[str, Any], search: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the trial with the best metric; `None` when none has ended with one."""
    known = [
        trial
        for trial in job.get("trials", ())
        if trial.get("state") == _DONE and value(trial, search["metric"]) is not None
    ]
    sign = 1.0 if search["goal"] == "maximize" else -1.0
    # Of equals the first counts.
    return max(known, key=lambda each: sign * _number(each, search["metric"]), default=None)


def value(trial: Mapping[str, Any], metric: str) -> float | None:
    """Return what a trial has come to; `None` when it tells nothing."""
    told = trial.get("finalMeasurement", {}).get("metrics", ())
    found = next((each for each in told if each.get("metricId") == metric), None)
    # A value of zero is left out of Google's JSON.
    return None if found is None else float(found.get("value", 0.0))


def parameters(trial: Mapping[str, Any], search: Mapping[str, Any]) -> dict[str, Any]:
    """Return the hyperparameters that a trial was given, with their types."""
    return {
        each["parameterId"]: _typed(each["parameterId"], each.get("value"), search)
        for each in trial.get("parameters", ())
    }


def _typed(name: str, told: Any, search: Mapping[str, Any]) -> Any:
    if isinstance(told, str):
        return decode_value(told)
    return int(told) if name in search["integers"] else told


def _number(trial: Mapping[str, Any], metric: str) -> float:
    found = value(trial, metric)
    return 0.0 if found is None else found
