"""The trials of a search: runs of the training job, some at a time, until none is left."""

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac.operations import Run
from mlops_iac_local import tracking
from mlops_iac_local.control import Control, StoppedError
from mlops_iac_local.jobs.definition import Definition, definition
from mlops_iac_local.jobs.runs import FAILED, FINISHED, STOPPED
from mlops_iac_local.jobs.starting import Request
from mlops_iac_local.search.document import NAME, Progress, SearchRecord, TrialRecord
from mlops_iac_local.search.space import Values, same, space_of


@dataclass(frozen=True, kw_only=True)
class Trying:
    """What all trials of a search share."""

    control: Control
    job: Definition
    base: Values
    """The job's values for this search: declared, or given for this run of it."""
    inputs: Mapping[str, str]
    """Data of this run of the search that the job's definition does not name."""
    progress: Progress


def run_trials(control: Control) -> SearchRecord:
    """Try values until the trials or the time are used up."""
    task = control.task
    trying = _trying(control)
    space = space_of(task, trying.base)
    # Where nothing is learned, all trials are known at once.
    width = task["parallel"] if task["strategy"] == "bayesian" else task["trials"]
    clock = threading.Timer(task["timeout"], control.stopping.set)
    clock.daemon = True
    clock.start()
    with ThreadPoolExecutor(task["parallel"]) as pool:
        while not control.stopping.is_set() and (
            batch := _batch(space.ask, width, trying.progress, task["trials"])
        ):
            # Told in their order, so that what comes next never depends on which ends first.
            for trial in pool.map(lambda asked: _try(trying, *asked), batch):
                space.tell(trial.number, trial.value)
    clock.cancel()
    _conclude(trying)
    return trying.progress.record


def _trying(control: Control) -> Trying:
    task = control.task
    job = definition(control.layout, task["job"])
    # The search reads what the job reads: what is other in this run is so for every trial.
    given = {
        name: digest
        for name, digest in control.record["inputs"].items()
        if name not in job.sources and job.inputs.get(name) != digest
    }
    record = SearchRecord(metric=task["metric"], goal=task["goal"])
    return Trying(
        control=control,
        job=job,
        base=control.record["parameters"],
        inputs={**given, **_made(control, job)},
        progress=Progress(control.output / NAME, record),
    )


def _made(control: Control, job: Definition) -> dict[str, str]:
    """Return the outputs of other jobs that this search was given instead of what they left."""
    made = definition(control.layout, control.record["component"])
    if control.record["key"] == made.key:
        return {}
    return {name: control.record["inputs"][name] for name in job.sources}


def _batch(ask: Any, width: int, progress: Progress, trials: int) -> list[tuple[int, Values]]:
    first = len(progress.record.trials)
    asked = (ask() for _ in range(min(width, trials - first)))
    return [(first + index, values) for index, values in enumerate(asked) if values is not None]


def _try(trying: Trying, number: int, values: Values) -> TrialRecord:
    if trying.control.stopping.is_set():
        # Its turn never came: no trial.
        return TrialRecord(number=number, parameters=values, state=STOPPED)
    trial = _tried(trying, number, values)
    trying.progress.add(trial)
    return trial


def _tried(trying: Trying, number: int, values: Values) -> TrialRecord:
    control = trying.control
    try:
        run, is_adopted = control.perform(trying.job, _request(trying, values))
    except StoppedError as error:
        return TrialRecord(number=number, parameters=values, state=STOPPED, reason=error.message)
    except Exception as error:  # noqa: BLE001 -- whatever went wrong in a thread is the trial's end
        return TrialRecord(number=number, parameters=values, state=FAILED, reason=_words(error))
    value = run.metrics.get(control.task["metric"]) if run.status == FINISHED else None
    missing = f"the script logged no metric `{control.task['metric']}`"
    if trying.job.experiment is not None:
        _note(trying, run, values)
    return TrialRecord(
        number=number,
        parameters=values,
        state=FAILED if run.status == FINISHED and value is None else run.status,
        value=value,
        seconds=_seconds(run),
        run_id=run.id,
        adopted=is_adopted,
        reason=run.reason or (missing if value is None else None),
    )


def _note(trying: Trying, run: Run, values: Values) -> None:
    control = trying.control
    tracking.log_parameters(control.layout, run.id, {**trying.base, **values})
    if control.record["is_tracked"] and run.parent != control.run_id:
        # A trial of a run that died is shown below the run that counts it.
        tracking.set_parent(control.layout, run.id, control.run_id)


def _request(trying: Trying, values: Values) -> Request:
    record, declared = trying.control.record, trying.job.hyperparameters
    wanted = {**trying.base, **values}
    return Request(
        overrides={
            name: value
            for name, value in wanted.items()
            if name not in declared or not same(declared[name], value)
        },
        inputs=trying.inputs,
        features=record["features"],
        # The loop asks for another run of the search, a person with `--again` for new trials.
        again=record["again"] and record["parent"] is None,
        registers=False,
        parent=trying.control.run_id,
    )


def _conclude(trying: Trying) -> None:
    record = trying.progress.record
    if (best := record.best) is not None:
        record.parameters = {**trying.base, **best.parameters}
        record.value = best.value
    trying.progress.write()


def _seconds(run: Run) -> float | None:
    if run.ended is None:
        return None
    took = datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.started)
    return round(took.total_seconds(), 3)


def _words(error: Exception) -> str:
    return error.message if isinstance(error, MlopsError) else f"{type(error).__name__}: {error}"
