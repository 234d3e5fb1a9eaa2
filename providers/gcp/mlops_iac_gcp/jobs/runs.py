"""Runs: pipeline jobs of a component, whose ids are made of its key, so that one is made once.

Stands on REST alone: custom resources, run-time verbs and the loop start and read runs with it.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from mlops_iac_gcp import documents, place, rest
from mlops_iac_gcp.errors import ApiError
from mlops_iac_gcp.faults import found, is_taken
from mlops_iac_gcp.session import Place

API = "aiplatform.v1"
_JOBS = "projects.locations.pipelineJobs"
RUNNING, FINISHED, FAILED, STOPPED = "running", "finished", "failed", "stopped"
STATUSES: Mapping[str, str] = {
    "PIPELINE_STATE_SUCCEEDED": FINISHED,
    "PIPELINE_STATE_FAILED": FAILED,
    "PIPELINE_STATE_CANCELLED": STOPPED,
}
"""Of a pipeline job that has ended, as `mlops_iac.operations.Run` names them; others run."""
COMPONENT, KEY = "mlops-iac-component", "mlops-iac-key"
"""Labels of a run."""
_LABEL_LENGTH = 63
_KEY_IN_ID = 16
_REPETITION = re.compile(rf".*-[^-]{{{_KEY_IN_ID}}}-(\d+)")
"""Id of a run that was asked for anew, as `run_id` makes it."""
FIRST_POLL_SECONDS, LAST_POLL_SECONDS = 1.0, 15.0


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One run."""

    name: str
    """Full name of its pipeline job."""
    key: str
    """Key of which up to 63 digits are told; its id where it was given none."""
    status: str
    """`running`, `finished`, `failed` or `stopped`."""
    component: str
    kind: str
    """Kind of the component."""
    bucket: str
    """The stack's bucket."""
    started: str
    ended: str | None = None
    reason: str | None = None
    """Why it failed, as Vertex AI says it."""
    tasks: Mapping[str, str] = field(default_factory=dict[str, str])
    """State of each launcher that was started, by its step."""
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    """What Vertex AI says of each launcher that has failed, by its step."""

    @property
    def id(self) -> str:
        """Last word of its name."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run has come to."""

    execution: Execution
    model_version: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Hyperparameters of the best trial, of a search."""
    value: float | None = None
    """Metric of the best trial, of a search."""
    steps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """What each launcher has told, by its step."""


def label(text: str) -> str:
    """Return text as the value of a label: what is too long ends with its hash."""
    plain = "".join(one if one.isalnum() or one in "-_" else "_" for one in text.lower())
    if len(plain) <= _LABEL_LENGTH:
        return plain
    digest = sha256(text.encode()).hexdigest()[:16]
    return f"{plain[: _LABEL_LENGTH - len(digest) - 1]}-{digest}"


def key_label(key: str) -> str:
    """Return a key as far as a label takes it."""
    return key[:_LABEL_LENGTH]


def run_id(pipeline: str, key: str, again: int = 0) -> str:
    """Return the id of a run of a key; `again` counts those that were asked for anew."""
    return repeated(f"{pipeline}-{key[:_KEY_IN_ID]}", again)


def repeated(run: str, again: int) -> str:
    """Return the id of a repetition of a run; 0 is the run itself."""
    return f"{run}-{again}" if again else run


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


def next_repetition(known: Sequence[Execution]) -> int:
    """Return the number of a key's next run, by the ids of those it has had; 0 is the first."""
    numbers = (_REPETITION.fullmatch(each.id) for each in known)
    return max((int(found[1]) for found in numbers if found), default=0) + 1 if known else 0


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
    """Wait until a run has ended, and tell how its tasks go; after `seconds` it is stopped."""
    told: dict[str, str] = {}
    pause, last = FIRST_POLL_SECONDS, time.monotonic() + seconds
    while run.status == RUNNING:
        _tell_tasks(run, told, tell)
        if time.monotonic() > last:
            stop(where, run)
        wait(pause)
        pause = min(pause * 1.5, LAST_POLL_SECONDS)
        run = execution(where, run.name)
    _tell_tasks(run, told, tell)
    return run


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
    steps = reports(where, bucket, run)
    done = [told for told in steps.values() if told.get("status") == FINISHED]
    versions = [told["model_version"] for told in done if told.get("model_version")]
    trained = [told for told in done if told.get("metrics")]
    searched = [told for told in done if "parameters" in told]
    return Outcome(
        execution=run,
        model_version=versions[-1] if versions else None,
        metrics=trained[-1]["metrics"] if trained else {},
        parameters=searched[-1]["parameters"] if searched else {},
        value=searched[-1]["value"] if searched else None,
        steps=steps,
    )


def reports(where: Place, bucket: str, run: Execution) -> dict[str, Mapping[str, Any]]:
    """Return what each launcher of a run has told, by its step, in the order of their ends."""
    folder = place.step_report_key(run.component, run.id, "")[: -len(".json")]
    told = (documents.read(where, bucket, path) for path in _reports(where, bucket, folder))
    ended = sorted((item for item in told if item is not None), key=lambda each: each["ended"])
    return {item["step"]: item for item in ended}


def _reports(where: Place, bucket: str, folder: str) -> list[str]:
    paths = documents.paths(where, bucket, folder)
    return [path for path in paths if not path.endswith("-task.json")]


def _tell_tasks(run: Execution, told: dict[str, str], tell: Callable[[str], None]) -> None:
    for name, state in run.tasks.items():
        if told.get(name) != state:
            told[name] = state
            tell(f"{name}: {state.lower().replace('_', ' ')}")


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
