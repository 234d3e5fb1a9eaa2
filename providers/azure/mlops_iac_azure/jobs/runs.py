"""Runs: pipeline jobs of a component, whose ids are made of its key, so that one is made once.

Stands on REST alone: custom resources, run-time verbs and the loop start and read runs with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from mlops_iac import keyed_runs
from mlops_iac.keyed_runs import FAILED, FINISHED, RUNNING, STOPPED, Outcome, run_id
from mlops_iac_azure import documents, place, rest
from mlops_iac_azure.errors import ApiError
from mlops_iac_azure.faults import found, is_taken
from mlops_iac_azure.session import Place

SKIPPED = "skipped"
"""Of a step that a gate has not let through; its run ends well."""
STATUSES: Mapping[str, str] = {
    "Completed": FINISHED,
    "Failed": FAILED,
    "NotResponding": FAILED,
    "Canceled": STOPPED,
}
"""Of a job that has ended, as `mlops_iac.operations.Run` names them; others run."""
COMPONENT, KIND, KEY = "mlops-iac-component", "mlops-iac-kind", "mlops-iac-key"
BUCKET = "mlops-iac-store"
"""Tags of a run."""
PIPELINE = "mlops-iac-runs-of-"
"""Beginning of a tag's name that ends with a pipeline's: jobs are listed by the names of tags."""
_KEY_LENGTH = 256
_CANCELLING = frozenset({"CancelRequested"})


@dataclass(frozen=True, kw_only=True)
class Execution(keyed_runs.Execution):
    """One run: a pipeline job."""

    is_ending: bool = False
    """Whether it is being stopped."""


def key_label(key: str) -> str:
    """Return a key as far as a tag takes it."""
    return key[:_KEY_LENGTH]


def start(where: Place, definition: Mapping[str, Any], key: str, *, again: int = 0) -> Execution:
    """Start a run of a component, or adopt the one of that id.

    Args:
        where: the workspace.
        definition: the document at `place.definition_key(component)`.
        key: the run's key.
        again: number of the repetition; 0 is the run that the key has by itself.
    """
    run = run_id(definition["pipeline"], key, again)
    return start_body(where, {"properties": definition["pipeline_job"]}, run, key)


def start_body(where: Place, body: Mapping[str, Any], run: str, key: str) -> Execution:
    """Start a run by the body of its request, or adopt the one of that id."""
    known = run_of_id(where, run)
    if known is not None:
        return known
    properties = body["properties"]
    tags = {**(properties.get("tags") or {}), KEY: key_label(key)}
    wanted = {"properties": {**properties, "tags": tags}}
    try:
        # The id is ours: a second call of the same id makes no second run.
        made = rest.call(where, "PUT", job_id(where, run), wanted, doing=f"start {run}")
    except ApiError as error:
        if not is_taken(error):
            raise
        return execution(where, job_id(where, run))
    return _execution(made)


def job_id(where: Place, run: str) -> str:
    """Return the id of a run's job."""
    return where.in_workspace("jobs", run)


def execution(where: Place, name: str) -> Execution:
    """Return a run as it is now."""
    return _execution(rest.call(where, "GET", name))


def run_of_key(where: Place, pipeline: str, key: str) -> Execution | None:
    """Return the newest run of a key; `None` when there was none."""
    return next(runs_of_key(where, pipeline, key), None)


def runs_of_key(where: Place, pipeline: str, key: str) -> Iterator[Execution]:
    """Yield the runs of a key, newest first: more than one when some were asked for anew."""
    told = key_label(key)
    return (each for each in executions(where, pipeline) if each.key == told)


def of_this_life(where: Place, bucket: str, known: Iterable[Execution]) -> list[Execution]:
    """Return those runs that began after their stack's store was made.

    What earlier ones had made, before the stack was destroyed and made anew, has gone with its
    store; a workspace that others share still tells of the runs themselves.
    """
    told = list(known)
    if not told:
        return []
    begun = documents.bucket_created(where, bucket)
    return [each for each in told if datetime.fromisoformat(each.started) >= begun]


def run_of_id(where: Place, run: str) -> Execution | None:
    """Return the run of an id; `None` when there is none."""
    told = found(rest.call, where, "GET", job_id(where, run))
    return None if told is None else _execution(told)


def executions(where: Place, pipeline: str) -> Iterator[Execution]:
    """Yield the runs of a pipeline, newest first."""
    tag = f"{PIPELINE}{pipeline}"
    query = {"jobType": "Pipeline", "tag": tag, "listViewType": "All"}
    told = rest.listed(where, f"{where.workspace_id}/jobs", query=query)
    mine = [_execution(item) for item in told if tag in (item["properties"].get("tags") or {})]
    yield from sorted(mine, key=lambda each: each.started, reverse=True)


def stop(where: Place, run: Execution) -> None:
    """Stop a run; one that has ended, or is being stopped, stays as it is."""
    if run.status == RUNNING and not run.is_ending:
        rest.call(where, "POST", f"{run.name}/cancel", {}, repeatable=True)


def finish(
    where: Place,
    run: Execution,
    *,
    wait: Callable[[float], None],
    tell: Callable[[str], None],
    seconds: float,
) -> Execution:
    """Wait until a run has ended, and tell how its steps go; after `seconds` it is stopped."""
    return keyed_runs.finish(
        run,
        look=lambda known: execution(where, known.name),
        states=partial(_states, where),
        stop=partial(stop, where),
        wait=wait,
        tell=tell,
        seconds=seconds,
    )


def failure(where: Place, bucket: str, run: Execution) -> str:
    """Return why a run failed: the reasons of its steps, else Azure ML's own."""
    told = reports(where, bucket, run)
    failed = [f"{name}: {step['error']}" for name, step in told.items() if step.get("error")]
    return "; ".join(failed) or run.reason or _silent(where, bucket, run)


def outcome(where: Place, bucket: str, run: Execution) -> Outcome:
    """Return what a run made, as its steps have told."""
    return keyed_runs.outcome(run, reports(where, bucket, run))


def reports(where: Place, bucket: str, run: Execution) -> dict[str, Mapping[str, Any]]:
    """Return what each step of a run has told, by its name, in the order of their ends."""
    told = (item for item in _told(where, bucket, run) if item.get("ended"))
    return {item["step"]: item for item in sorted(told, key=lambda each: each["ended"])}


def _told(where: Place, bucket: str, run: Execution) -> Iterator[Mapping[str, Any]]:
    """Yield what the steps of a run have told, those that still go on among them."""
    folder = place.step_report_key(run.component, run.id, "")[: -len(".json")]
    for path in documents.paths(where, bucket, folder):
        inside = path.removeprefix(folder)
        if "/" not in inside and not inside.endswith("-task.json"):
            report = documents.read(where, bucket, path)
            if report is not None:
                yield report


def _silent(where: Place, bucket: str, run: Execution) -> str:
    """Return what is known of a failed run of which no step has told a reason."""
    told = list(_told(where, bucket, run))
    if going := [item["step"] for item in told if not item.get("ended")]:
        return f"step {', '.join(f'`{name}`' for name in going)} was ended from outside"
    if not told:
        return f"{run.status}; no step has begun"
    last = max(told, key=lambda item: item["ended"])["step"]
    return f"{run.status}; no step has begun after `{last}`"


def _states(where: Place, run: Execution) -> dict[str, str]:
    reports = _told(where, run.bucket, run) if run.bucket else ()
    return {report["step"]: report["status"] for report in reports}


def _execution(item: Mapping[str, Any]) -> Execution:
    properties, times = item["properties"], item.get("systemData") or {}
    tags, name = properties.get("tags") or {}, item["id"]
    state = properties.get("status", "")
    status = STATUSES.get(state, RUNNING)
    return Execution(
        name=name,
        key=tags.get(KEY) or name.rpartition("/")[2],
        status=status,
        component=tags.get(COMPONENT, ""),
        kind=tags.get(KIND, ""),
        bucket=tags.get(BUCKET, ""),
        started=times.get("createdAt", ""),
        # Resource Manager tells no end; nothing changes a job once it has ended.
        ended=None if status == RUNNING else times.get("lastModifiedAt"),
        reason=(properties.get("error") or {}).get("message"),
        is_ending=state in _CANCELLING,
    )
