"""Jobs of Vertex AI that a launcher starts: found by their labels, awaited, cancelled.

Vertex AI names jobs itself, so whoever starts one looks for it first: an answer that was lost, or
a launcher that was killed and started again, makes no second job.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlops_iac.keyed_runs import FAILED, FINISHED, RUNNING, STOPPED, label
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import ApiError, UnreachedError
from mlops_iac_gcp.session import Place

API = "aiplatform.v1"
_PARENT = "projects.locations"
_SERVER_ERRORS = 500
RUN_LABEL, STEP_LABEL = "mlops-iac-run", "mlops-iac-step"
STATES: Mapping[str, str] = {
    "JOB_STATE_SUCCEEDED": FINISHED,
    "JOB_STATE_PARTIALLY_SUCCEEDED": FINISHED,
    "JOB_STATE_FAILED": FAILED,
    "JOB_STATE_EXPIRED": FAILED,
    "JOB_STATE_CANCELLED": STOPPED,
}
"""Of a job that has ended; others run."""
STARTS = 4
"""Tries to start a job of whose start no answer comes."""
FIRST_POLL_SECONDS, LAST_POLL_SECONDS = 2.0, 20.0
MISSES = 20
"""Looks in a row that may get no answer, or a server's error: the job goes on meanwhile."""
Pause = Callable[[float], None]


def status(job: Mapping[str, Any]) -> str:
    """Return whether a job is `running`, `finished`, `failed` or `stopped`."""
    return STATES.get(job.get("state", ""), RUNNING)


def started(
    where: Place, collection: str, body: Mapping[str, Any], *, pause: Pause = time.sleep
) -> dict[str, Any]:
    """Return the job of a run's step: the one that is there, else a new one."""
    for attempt in range(STARTS):
        known = _of_labels(where, collection, body["labels"])
        if known is not None:
            return known
        try:
            return rest.call(
                where, API, f"{_PARENT}.{collection}.create", {"parent": where.parent}, body
            )
        except UnreachedError:
            # It may have been started: look again.
            if attempt == STARTS - 1:
                raise
            pause(rest.FIRST_PAUSE_SECONDS * 2**attempt)
    raise AssertionError  # the last try returns or raises


def awaited(
    where: Place,
    collection: str,
    job: Mapping[str, Any],
    *,
    until: Callable[[], bool],
    pause: Pause = time.sleep,
) -> dict[str, Any]:
    """Wait until a job has ended; once `until` says so, it is cancelled."""
    seconds, cancelled, now, missed = FIRST_POLL_SECONDS, False, dict(job), 0
    while status(now) == RUNNING:
        if until() and not cancelled:
            cancel(where, collection, now["name"])
            cancelled = True
        pause(seconds)
        seconds = min(seconds * 1.5, LAST_POLL_SECONDS)
        now, missed = _looked(where, collection, now, missed)
    return now


def _looked(
    where: Place, collection: str, job: dict[str, Any], missed: int
) -> tuple[dict[str, Any], int]:
    """Return a job as it is now, and how many looks in a row have missed it."""
    try:
        return rest.call(where, API, f"{_PARENT}.{collection}.get", {"name": job["name"]}), 0
    except (ApiError, UnreachedError) as error:
        is_ours = isinstance(error, ApiError) and error.http < _SERVER_ERRORS
        if is_ours or missed == MISSES:
            raise
        return job, missed + 1


def cancel(where: Place, collection: str, name: str) -> None:
    """Ask for the end of a job."""
    rest.call(where, API, f"{_PARENT}.{collection}.cancel", {"name": name}, {})


def of_run(where: Place, collection: str, run: str) -> Iterator[dict[str, Any]]:
    """Yield the jobs of a collection that the steps of a run have started."""
    parameters = {"parent": where.parent, "filter": f'labels.{RUN_LABEL}="{label(run)}"'}
    yield from rest.listed(where, API, f"{_PARENT}.{collection}.list", parameters, collection)


def _of_labels(where: Place, collection: str, labels: Mapping[str, str]) -> dict[str, Any] | None:
    wanted = {name: labels[name] for name in (RUN_LABEL, STEP_LABEL)}
    parameters = {
        "parent": where.parent,
        "filter": " AND ".join(f'labels.{name}="{value}"' for name, value in wanted.items()),
    }
    for item in rest.listed(where, API, f"{_PARENT}.{collection}.list", parameters, collection):
        if wanted.items() <= item.get("labels", {}).items():
            return item
    return None
