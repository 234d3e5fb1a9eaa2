"""Sweep jobs: trials one after the other, each a command with values of its own.

https://learn.microsoft.com/azure/machine-learning/how-to-tune-hyperparameters. Limits: every
algorithm but a grid draws at random by one seed; early termination ends nothing.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work.api import Api, RefusedError
from tests.clouds.azure.work.data import DEFAULT_STORE, Data
from tests.clouds.azure.work.failures import WorkError
from tests.clouds.azure.work.jobs import child
from tests.clouds.azure.work.jobs.command import Command, execute
from tests.clouds.azure.work.jobs.search_space import Values, settings
from tests.clouds.azure.work.mounts import Cache, Mount
from tests.clouds.azure.work.times import stamp
from tests.clouds.runs import CancelledError

_TRIALS = 1000
"""What a sweep has at most, as Azure ML's pages say."""
_RESULT = "run.json"
_SHARED = ("identity", "computeId", "experimentName", "queueSettings")


@dataclass
class Sweep:
    """One sweep job, or one node of a pipeline that is one."""

    run: Run
    name: str
    told: Mapping[str, Any]
    """A sweep job's properties."""
    root: Path
    job: Mapping[str, Any]
    """The job as `get` answers it."""
    interrupting: Callable[[str], threading.Event]
    """By the name of a trial, what takes its machines away."""
    takes_turn: bool = True
    store: str = DEFAULT_STORE
    """Where the outputs of trials lie."""
    scores: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def best(self) -> str:
        """The name of the best trial; empty when none has told its metric."""
        sign = 1 if str(self.told["objective"]["goal"]).lower() == "maximize" else -1
        return max(self.scores, key=lambda one: sign * self.scores[one], default="")


def search(sweep: Sweep) -> dict[str, str]:
    """Do all trials; return the properties that tell the best one.

    Raises:
        WorkError: none has told its metric.
        CancelledError: it was cancelled.
    """
    limits = sweep.told.get("limits") or {}
    limit = min(int(limits.get("maxTotalTrials") or _TRIALS), _TRIALS)
    algorithm = (sweep.told.get("samplingAlgorithm") or {}).get("samplingAlgorithmType", "Random")
    for number, values in enumerate(settings(sweep.told["searchSpace"], algorithm, limit)):
        if sweep.run.stopping.is_set():
            raise CancelledError
        _trial(sweep, number, values)
    if not sweep.best:
        raise WorkError(
            "All trials have failed, or none has logged the primary metric "
            f"'{sweep.told['objective']['primaryMetric']}'."
        )
    _keep_best(sweep)
    return {"best_child_run_id": sweep.best, "score": str(sweep.scores[sweep.best])}


def _trial(sweep: Sweep, number: int, values: Values) -> None:
    name = f"{sweep.name}_{number}"
    told = _told(sweep)
    shown = child.told("Command", sweep.job, f"trial_{number}", told)
    shown["properties"] |= {"hyperparameters": json.dumps(values)}
    sweep.run.child(name, {**shown, "status": "Running", "startTimeUtc": stamp()})
    command = Command(
        run=sweep.run,
        name=name,
        told=told,
        root=sweep.root / f"trial-{number}",
        # The trial of a pipeline's node is a component, whose inputs they are.
        values={
            f"{group}.{key}": value
            for key, value in values.items()
            for group in ("search_space", "inputs")
        },
        interrupting=sweep.interrupting(name),
        takes_turn=sweep.takes_turn,
    )
    try:
        execute(command)
    except CancelledError:
        sweep.run.child(name, {**shown, **child.ending("Canceled")})
        raise
    except WorkError as error:
        sweep.run.child(name, {**shown, **child.ending("Failed", str(error))})
        return
    score = _metric(sweep, command)
    if score is not None:
        sweep.scores[name] = score
    sweep.run.child(name, {**shown, **child.ending("Completed")})


def _told(sweep: Sweep) -> dict[str, Any]:
    """Return a trial as a command job has it."""
    shared = {name: sweep.told.get(name) for name in _SHARED}
    timeout = (sweep.told.get("limits") or {}).get("trialTimeout")
    inputs, outputs = sweep.told.get("inputs") or {}, sweep.told.get("outputs") or {}
    # Each trial has its own places.
    place = f"azureml://datastores/{sweep.store}/paths/azureml/${{{{name}}}}"
    own = {name: {**(one or {}), "uri": f"{place}/{name}/"} for name, one in outputs.items()}
    return {
        **sweep.told["trial"],
        **shared,
        "inputs": inputs,
        "outputs": own,
        "limits": {"timeout": timeout},
    }


def _metric(sweep: Sweep, command: Command) -> float | None:
    """Return the trial's primary metric: what its MLflow run holds, else our result file."""
    name = sweep.told["objective"]["primaryMetric"]
    found = _logged(sweep, command.name)
    if name in found:
        return float(found[name])
    for file in sorted(command.root.rglob(_RESULT), reverse=True):
        told = json.loads(file.read_text())
        if name in told.get("metrics", {}):
            return float(told["metrics"][name])
    return None


def _logged(sweep: Sweep, run_id: str) -> Mapping[str, float]:
    uri = sweep.run.request["workspace"]["properties"].get("mlFlowTrackingUri", "")
    if not uri:
        return {}
    api = Api.of(sweep.run)
    address = f"{uri.replace('azureml://', 'https://', 1)}/api/2.0/mlflow/runs/get"
    answer = api.send("GET", address, audience="https://ml.azure.com", query={"run_id": run_id})
    if not answer.ok:
        raise RefusedError(answer.status_code, answer.text[:500])
    rows = answer.json()["run"].get("data", {}).get("metrics", ())
    return {row["key"]: float(row["value"]) for row in rows}


def _keep_best(sweep: Sweep) -> None:
    """Copy the best trial's outputs to the sweep's own places."""
    data = Data(sweep.run, sweep.run.request["workspace"])
    api, cache = Api.of(sweep.run), Cache(sweep.run.root.parents[0] / "contents")
    for name, told in (sweep.told.get("outputs") or {}).items():
        uri = (told or {}).get("uri")
        own = data.spot(uri) if uri else data.default_output(sweep.name, name)
        folder = sweep.root / "best" / name
        Mount(api, data.default_output(sweep.best, name, sweep.store), folder, cache).pull()
        Mount(api, own, folder, cache).push()
