"""Trials of a tuning job whose work is simulated: one for each that the job asks for."""

from typing import Any

from tests.clouds.gcp.calls import Body
from tests.clouds.gcp.hooks import Simulated
from tests.clouds.gcp.store import Record
from tests.clouds.gcp.world import World


def simulate(world: World, record: Record) -> None:
    """Give a tuning job that ended well its trials; the later, the better."""
    wanted = record.collection == "hyperparameterTuningJobs" and "trials" not in record.body
    over = record.body["state"] == "JOB_STATE_SUCCEEDED"
    if wanted and over and isinstance(world.work, Simulated):
        study = record.body["studySpec"]
        count = record.body["maxTrialCount"]
        record.body["trials"] = [_trial(study, number, count) for number in range(1, count + 1)]


def _trial(study: Body, number: int, count: int) -> Body:
    metrics = [
        {"metricId": one["metricId"], "value": _value(one["goal"], number)}
        for one in study["metrics"]
    ]
    parameters = [
        {"parameterId": one["parameterId"], "value": _setting(one, number, count)}
        for one in study["parameters"]
    ]
    measured = {"stepCount": "1", "metrics": metrics}
    told: Body = {"id": str(number), "state": "SUCCEEDED", "finalMeasurement": measured}
    return {**told, "parameters": parameters}


def _value(goal: str, number: int) -> float:
    return float(number) if goal == "MAXIMIZE" else 1.0 / number


def _setting(parameter: Body, number: int, count: int) -> Any:
    for kind in ("doubleValueSpec", "integerValueSpec"):
        if kind in parameter:
            least, most = (float(parameter[kind][end]) for end in ("minValue", "maxValue"))
            return least + (most - least) * (number - 1) / max(count - 1, 1)
    values = next(spec["values"] for name, spec in parameter.items() if name.endswith("ValueSpec"))
    return values[(number - 1) % len(values)]
