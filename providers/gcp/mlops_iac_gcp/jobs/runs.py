"""Runs: pipeline jobs of a component, whose ids are made of its key, so that one is made once.

Stands on REST alone: custom resources, run-time verbs and the loop start and read runs with it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from mlops_iac import keyed_runs
from mlops_iac.keyed_runs import FAILED, FINISHED, RUNNING, STOPPED, Outcome, run_id
from mlops_iac_gcp import documents, place, rest
from mlops_iac_gcp.errors import ApiError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.session import Place

API = "aiplatform.v1"
_JOBS = "projects.locations.pipelineJobs"
STATUSES: Mapping[str, str] = {
    "PIPELINE_STATE_SUCCEEDED": FINISHED,
    "PIPELINE_STATE_FAILED": FAILED,
    "PIPELINE_STATE_CANCELLED": STOPPED,
}
"""Of a pipeline job that has ended, as `mlops_iac.operations.Run` names them; others run."""
COMPONENT, KEY = "mlops-iac-component", "mlops-iac-key"
"""Labels of a run."""
_LABEL_LENGTH = 63


@dataclass(frozen=True, kw_only=True)
class Execution(keyed_runs.Execution):
    """One run: a pipeline job."""

    tasks: Mapping[str, str] = field(default_factory=dict[str, str])
    """State of each launcher that was started, by its step."""
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    """What Vertex AI says of each launcher that has failed, by its step."""


def key_label(key: str) -> str:
    """Return a key as far as a label takes it."""
    return key[:_LABEL_LENGTH]


def start(where: Place, definition: Mapping[str, Any], key: str, *, again: int = 0) -> Execution:
    """Start a run of a component, or adopt the one of that id.

    Args:
        where: project and region.
        definition: the document at `place.definition_key(component)`.
        key: the run's key.
        again: number of the repetition; 0 is the run that the key has by itself.
    """
    pipeline = documents.read(where, definition["bucket"], definition["template"])
    body = {**definition["pipeline_job"], "pipelineSpec": pipeline}
    return start_body(where, body, run_id(definition["pipeline"], key, again), key)


def start_body(where: Place, body: Mapping[str, Any], run: str, key: str) -> Execution:
    """Start a run by the body of its request, or adopt the one of that id."""
    labelled = {**body, "labels": {**body.get("labels", {}), KEY: key_label(key)}}
    parameters = {"parent": where.parent, "pipelineJobId": run}
    try:
        # The id is ours: a second call of the same id makes no second run.
        made = rest.call(where, API, f"{_JOBS}.create", parameters, labelled, repeatable=True)
    except ApiError as error:
        if not is_taken(error):
            raise
        return execution(where, job_id(where, run))
    return _execution(made)


def job_id(where: Place, run: str) -> str:
    """Return the full name of a run's pipeline job."""
    return f"{where.parent}/pipelineJobs/{run}"


def execution(where: Place, name: str) -> Execution:
    """Return a run as it is now."""
    return _execution(rest.call(where, API, f"{_JOBS}.get", {"name": name}))


def run_of_key(where: Place, pipeline: str, key: str) -> Execution | None:
    """Return the newest run of a key; `None` when there was none."""
    return next(runs_of_key(where, pipeline, key), None)


def runs_of_key(where: Place, pipeline: str, key: str) -> Iterator[Execution]:
    """Yield the runs of a key, newest first: more than one when some were asked for anew."""
    told = key_label(key)
    return (each for each in executions(where, pipeline) if each.key == told)


def of_this_life(where: Place, bucket: str, known: Iterable[Execution]) -> list[Execution]:
    """Return those runs that began after their stack's bucket was made.

    What earlier ones had made, before the stack was destroyed and made anew, has gone with its
    bucket; Vertex AI still tells of the runs themselves.
    """
    told = list(known)
    if not told:
        return []
    begun = documents.bucket_created(where, bucket)
    return [each for each in told if datetime.fromisoformat(each.started) >= begun]


def run_of_id(where: Place, run: str) -> Execution | None:
    """Return the run of an id; `None` when there is none."""
    told = found(rest.call, where, API, f"{_JOBS}.get", {"name": job_id(where, run)})
    return None if told is None else _execution(told)


def executions(where: Place, pipeline: str) -> Iterator[Execution]:
    """Yield the runs of a pipeline, newest first.

    Its name is the display name of every run; components of other stacks may be called alike.
    """
    parameters = {
        "parent": where.parent,
        "filter": f'display_name="{pipeline}"',
        "orderBy": "create_time desc",
    }
    for item in rest.listed(where, API, f"{_JOBS}.list", parameters, "pipelineJobs"):
        yield _execution(item)


def stop(where: Place, run: Execution) -> None:
    """Stop a run; one that has ended stays as it is."""
    if run.status == RUNNING:
        rest.call(where, API, f"{_JOBS}.cancel", {"name": run.name}, {})


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
        states=_states,
        stop=partial(stop, where),
        wait=wait,
        tell=tell,
        seconds=seconds,
    )


def failure(where: Place, bucket: str, run: Execution) -> str:
    """Return why a run failed: the reasons of its steps, else Vertex AI's own."""
    told = {
        name: str(step.get("error") or "") for name, step in reports(where, bucket, run).items()
    }
    # A launcher that was never started, or was killed, has told nothing.
    failed = [f"{name}: {said}" for name, said in {**run.errors, **told}.items()]
    return "; ".join(failed) or run.reason or run.status


def outcome(where: Place, bucket: str, run: Execution) -> Outcome:
    """Return what a run made, as its launchers have told."""
    return keyed_runs.outcome(run, reports(where, bucket, run))


def reports(where: Place, bucket: str, run: Execution) -> dict[str, Mapping[str, Any]]:
    """Return what each launcher of a run has told, by its step, in the order of their ends."""
    folder = place.step_report_key(run.component, run.id, "")[: -len(".json")]
    told = (documents.read(where, bucket, path) for path in _reports(where, bucket, folder))
    ended = sorted((item for item in told if item is not None), key=lambda each: each["ended"])
    return {item["step"]: item for item in ended}


def _reports(where: Place, bucket: str, folder: str) -> list[str]:
    paths = documents.paths(where, bucket, folder)
    return [path for path in paths if not path.endswith("-task.json")]


def _states(run: Execution) -> dict[str, str]:
    return {name: state.lower().replace("_", " ") for name, state in run.tasks.items()}


def _execution(item: Mapping[str, Any]) -> Execution:
    labels = item.get("labels", {})
    # Conditions and the graph itself are tasks too, without a container.
    launchers = [
        each
        for each in item.get("jobDetail", {}).get("taskDetails", ())
        if "executorDetail" in each
    ]
    return Execution(
        name=item["name"],
        key=labels.get(KEY, "") or item["name"].rpartition("/")[2],
        status=STATUSES.get(item.get("state", ""), RUNNING),
        component=labels.get(COMPONENT, ""),
        kind=item.get("pipelineSpec", {})
        .get("pipelineInfo", {})
        .get("description", "")
        .split(" ")[0],
        bucket=place.split(item.get("runtimeConfig", {}).get("gcsOutputDirectory", ""))[0],
        started=item.get("startTime") or item.get("createTime", ""),
        ended=item.get("endTime"),
        reason=item.get("error", {}).get("message"),
        tasks={each.get("taskName", ""): each.get("state", "") for each in launchers},
        errors={
            each.get("taskName", ""): each["error"].get("message", "")
            for each in launchers
            if "error" in each
        },
    )
