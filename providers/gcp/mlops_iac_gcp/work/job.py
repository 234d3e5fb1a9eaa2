"""`python -m mlops_iac_gcp.work job`: starts the job of a step, or adopts it, and waits for it."""

import signal
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from mlops_iac import container_contract as contract
from mlops_iac.keyed_runs import FINISHED, label
from mlops_iac_gcp import documents, place, rest
from mlops_iac_gcp.errors import GcpError
from mlops_iac_gcp.jobs import launching
from mlops_iac_gcp.jobs.launching import RUN_LABEL
from mlops_iac_gcp.work import experiments, trials
from mlops_iac_gcp.work.launch import RESULT, Launch, read, reporting, say
from mlops_iac_gcp.work.models import located

YES, NO = "true", "false"
"""What a judging step says: the pipeline's conditions compare with it."""


class StepFailedError(GcpError):
    """A job has not done what it was to do."""

    code = "gcp.step-failed"


def main(arguments: Sequence[str]) -> int:
    """Do a step; return the exit code."""
    launch = read(arguments)
    with reporting(launch) as told:
        told.update(done(launch))
    if launch.passed is not None:
        _say_verdict(launch)
    return 0


def done(launch: Launch) -> dict[str, Any]:
    """Start or adopt the job of a step, wait for its end; return what it has come to.

    Raises:
        StepFailedError: it has failed, or was stopped.
    """
    collection = launch.document["collection"]
    body = _body(launch)
    job = launching.started(launch.where, collection, body, pause=launch.pause)
    say(f"{launch.step}: {job['name']}")
    with _cancelled_with_us(launch, collection, job["name"]):
        ended = launching.awaited(
            launch.where, collection, job, until=_deadline(launch), pause=launch.pause
        )
    if "search" in launch.document:
        return {"vertex": ended["name"], **_searched(launch, ended)}
    state = experiments.COMPLETE if launching.status(ended) == FINISHED else experiments.FAILED
    result = launch.read(f"{launch.base}/output/{RESULT}") or {}
    experiments.record(launch, state, result.get("metrics", {}))
    return {"vertex": ended["name"], **_result(launch, ended, result)}


def _body(launch: Launch) -> dict[str, Any]:
    """Return the job's request with what only the run tells."""
    body = dict(launch.document["body"])
    body["labels"] = {**body["labels"], RUN_LABEL: label(launch.run)}
    task = launch.document.get("task")
    if task is None:
        return body
    models = launch.document.get("models", {})
    whole = {**task, **{name: located(launch, wish) for name, wish in models.items()}}
    path = place.task_key(launch.document["component"], launch.run, launch.step)
    documents.write(launch.where, launch.bucket, path, whole)
    return {**body, "jobSpec": _told(body["jobSpec"], f"/gcs/{launch.bucket}/{path}")}


def _told(spec: Mapping[str, Any], task: str) -> dict[str, Any]:
    """Return a job whose containers are told where their task lies."""
    row = {"name": contract.TASK, "value": task}

    def pool(each: Mapping[str, Any]) -> dict[str, Any]:
        container = each["containerSpec"]
        return {**each, "containerSpec": {**container, "env": [*container["env"], row]}}

    return {**spec, "workerPoolSpecs": [pool(each) for each in spec["workerPoolSpecs"]]}


def _deadline(launch: Launch) -> Callable[[], bool]:
    """Return what says that the time is over: the run's, or the search's."""
    limits = [
        *([_run_started(launch) + limit] if (limit := launch.document.get("run_seconds")) else ()),
        *([time.time() + search["seconds"]] if (search := launch.document.get("search")) else ()),
    ]
    return lambda: any(time.time() > each for each in limits)


def _run_started(launch: Launch) -> float:
    api, name = "aiplatform.v1", "projects.locations.pipelineJobs.get"
    told = rest.call(launch.where, api, name, {"name": launch.run_name})
    return datetime.fromisoformat(told["createTime"]).timestamp()


@contextmanager
def _cancelled_with_us(launch: Launch, collection: str, name: str) -> Generator[None]:
    """Cancel the job when the pipeline's run is cancelled: Vertex AI then ends this process."""

    def cancel(*_: object) -> None:
        launching.cancel(launch.where, collection, name)
        raise StepFailedError(f"`{launch.step}` was stopped", remedy="run it again")

    before = signal.signal(signal.SIGTERM, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _result(launch: Launch, ended: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    if launching.status(ended) != FINISHED:
        raise _failed(launch, ended, result.get("error"))
    return {"left": launch.base, "metrics": result.get("metrics", {})}


def _searched(launch: Launch, ended: Mapping[str, Any]) -> dict[str, Any]:
    """Return the best trial: a search that was stopped for its time ends with what it found."""
    search = launch.document["search"]
    best = trials.best(ended, search)
    if best is None:
        raise _failed(launch, ended, "no trial has ended well")
    base = f"{launch.base}/{best['id']}"
    result = launch.read(f"{base}/output/{RESULT}") or {}
    return {
        "left": base,
        "metrics": result.get("metrics", {}),
        "parameters": {**search["hyperparameters"], **trials.parameters(best, search)},
        "value": trials.value(best, search["metric"]),
    }


def _failed(launch: Launch, ended: Mapping[str, Any], reason: str | None) -> StepFailedError:
    said = reason or ended.get("error", {}).get("message") or launching.status(ended)
    name = ended["name"].rpartition("/")[2]
    return StepFailedError(
        f"{said}", remedy=f"`{launch.step}` is job `{name}` of Vertex AI; its log tells more"
    )


def _say_verdict(launch: Launch) -> None:
    assert launch.passed is not None  # noqa: S101  asked for by the caller
    verdict = launch.read(f"{launch.base}/output/{launch.document['verdict']}") or {}
    launch.passed.parent.mkdir(parents=True, exist_ok=True)
    launch.passed.write_text(YES if verdict.get("passed") is True else NO, encoding="utf-8")
