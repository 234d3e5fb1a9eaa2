"""One run of a pipeline from its first step to its outcome."""

from datetime import datetime
from typing import Any

from mlops_iac.errors import MlopsError
from mlops_iac.operations import Run
from mlops_iac_local.control import StoppedError
from mlops_iac_local.jobs.definition import definition
from mlops_iac_local.jobs.runs import FAILED, FINISHED, RUNNING, STOPPED
from mlops_iac_local.pipelines import judging
from mlops_iac_local.pipelines.document import (
    NAME,
    PASSED,
    REFUSED,
    SKIPPED,
    WAITING,
    PipelineRecord,
    Progress,
    StepRecord,
)
from mlops_iac_local.pipelines.filling import KIND, fill
from mlops_iac_local.pipelines.ordering import run_in_order
from mlops_iac_local.pipelines.refreshing import store_version
from mlops_iac_local.pipelines.stage import Stage


def run_pipeline(stage: Stage) -> PipelineRecord:
    """Store new data, run the steps, judge the candidate, register what passed."""
    progress = Progress(stage.control.output / NAME, _record(stage))
    try:
        for name, digest in stage.task["data"].items():
            store_version(stage.layout, name, digest)
        graph = {step["name"]: tuple(step["after"]) for step in stage.task["steps"]}
        run_in_order(graph, lambda name: _step(stage, progress, name))
        _conclude(stage, progress)
    except StoppedError as error:
        progress.change(outcome=STOPPED, reason=error.message)
    except MlopsError as error:
        progress.change(outcome=FAILED, reason=error.message)
    return progress.record


def _record(stage: Stage) -> PipelineRecord:
    steps = [
        StepRecord(name=step["name"], kind=step["kind"], after=tuple(step["after"]))
        for step in stage.task["steps"]
    ]
    return PipelineRecord(steps=steps, model=stage.task["model"] or None, data=stage.task["data"])


def _step(stage: Stage, progress: Progress, name: str) -> bool:
    progress.change_step(name, status=RUNNING)
    if name in _groups(stage):
        return _fill(stage, progress, name)
    try:
        made = definition(stage.layout, name)
        request = stage.request(made, stage.task["inputs"][name])
        run, is_adopted = stage.control.perform(made, request)
    except StoppedError as error:
        progress.change_step(name, status=STOPPED, reason=error.message)
        return False
    except Exception as error:  # noqa: BLE001 -- whatever went wrong in a thread is the step's end
        progress.change_step(name, status=FAILED, reason=_words(error))
        return False
    progress.change_step(name, **_facts(run), adopted=is_adopted)
    stage.done |= {name: run} if run.status == FINISHED else {}
    return run.status == FINISHED


def _fill(stage: Stage, progress: Progress, name: str) -> bool:
    (source,) = stage.task["inputs"][name].values()
    try:
        filled = fill(stage.layout, name, stage.made_data(source), stage.control.wait)
    except StoppedError as error:
        progress.change_step(name, status=STOPPED, reason=error.message)
        return False
    except Exception as error:  # noqa: BLE001 -- whatever went wrong in a thread is the step's end
        progress.change_step(name, status=FAILED, reason=_words(error))
        return False
    stage.filled[name] = filled.version
    progress.change_step(
        name,
        status=FINISHED,
        key=filled.version,
        seconds=filled.seconds,
        adopted=filled.was_there,
    )
    return True


def _groups(stage: Stage) -> set[str]:
    return {step["name"] for step in stage.task["steps"] if step["kind"] == KIND}


def _conclude(stage: Stage, progress: Progress) -> None:
    for step in progress.record.steps:
        if step.status == WAITING:
            progress.change_step(step.name, status=SKIPPED)
    if stage.control.stopping.is_set():
        raise StoppedError("it was stopped")
    failed = [step for step in progress.record.steps if step.status != FINISHED]
    if failed:
        first = next(step for step in failed if step.status != SKIPPED)
        raise MlopsError(f"step `{first.name}` {first.status}: {first.reason}")
    candidate = stage.done.get(stage.task["candidate"])
    if candidate is None:
        progress.change(outcome=PASSED)
    else:
        _decide(stage, progress, candidate)


def _decide(stage: Stage, progress: Progress, candidate: Run) -> None:
    verdicts = judging.judge(stage, candidate) if stage.task["gates"] else []
    progress.change(gates=verdicts)
    refusals = [str(verdict["reason"]) for verdict in verdicts if not verdict["passed"]]
    if refusals:
        progress.change(outcome=REFUSED, reason="; ".join(refusals))
        return
    version = judging.register(stage, candidate, verdicts)
    progress.change(outcome=PASSED, version=version.version)


def _facts(run: Run) -> dict[str, Any]:
    return {
        "status": run.status,
        "run_id": run.id,
        "key": run.key,
        "seconds": _seconds(run),
        "reason": run.reason,
    }


def _seconds(run: Run) -> float | None:
    if run.ended is None:
        return None
    took = datetime.fromisoformat(run.ended) - datetime.fromisoformat(run.started)
    return round(took.total_seconds(), 3)


def _words(error: Exception) -> str:
    return error.message if isinstance(error, MlopsError) else f"{type(error).__name__}: {error}"
