"""One task of a pipeline: a container, retried as it asks."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clouds.containers import Ended, Watch, Why
from tests.clouds.gcp.hooks import Run
from tests.clouds.gcp.work import images
from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.container import Container, Machines, mirror, moved, variables
from tests.clouds.gcp.work.failures import WorkError, exited, unknown
from tests.clouds.gcp.work.logs import job_stream
from tests.clouds.gcp.work.pipelines import values
from tests.clouds.runs import CancelledError

_KNOWN = frozenset({"image", "command", "args", "env", "resources"})
_REPLICA = "workerpool0-0"


@dataclass(frozen=True, kw_only=True)
class Task:
    """A container of a pipeline's task."""

    run: Run
    machines: Machines
    name: str
    number: str
    """Its own id, and that of the custom job which it is in Vertex AI."""
    component: Mapping[str, Any]
    container: Mapping[str, Any]
    inputs: Mapping[str, Any]
    retries: int

    @property
    def api(self) -> Api:
        """The cloud, as the pipeline's account sees it."""
        return Api.of(self.run, self.run.request.get("serviceAccount", ""))

    @property
    def facts(self) -> dict[str, str]:
        """What placeholders tell of the task and its pipeline."""
        return {
            "$.pipeline_job_name": self.run.id,
            "$.pipeline_job_resource_name": self.run.name,
            "$.pipeline_job_uuid": self.run.id,
            "$.pipeline_root": self.run.request["runtimeConfig"]["gcsOutputDirectory"],
            "$.pipeline_task_name": self.name,
            "$.pipeline_task_uuid": self.number,
        }

    def output_file(self, name: str) -> str:
        """Return where the container writes an output, as it sees it."""
        base = self.facts["$.pipeline_root"].replace("gs://", "/gcs/").rstrip("/")
        project = self.run.name.split("/")[1]
        return f"{base}/{project}/{self.run.id}/{self.name}_{self.number}/{name}"


def run_task(task: Task) -> dict[str, Any]:
    """Run a task, return its outputs.

    Raises:
        WorkError: it failed, in its last attempt too.
        CancelledError: the pipeline was cancelled.
    """
    for attempt in itertools.count():
        root = task.run.root / task.number / f"attempt-{attempt}"
        ended = _attempt(task, root)
        if ended.why is Why.STOPPED:
            raise CancelledError
        if ended.is_success:
            return _outputs(task, root)
        if attempt == task.retries:
            raise WorkError(exited(_REPLICA, ended.code, task.number, task.api.project))
    raise AssertionError  # the last attempt returns or raises


def _attempt(task: Task, root: Path) -> Ended:
    root.mkdir(parents=True)
    api = task.api
    buckets = mirror(api, root, task.run.root.parents[1] / "objects")
    buckets.pull()
    stream = job_stream(api, task.number, _REPLICA)
    try:
        # No slot is taken: what waits for jobs must not keep them from their turn.
        return _container(task, root, api).run(Watch(stopping=task.run.stopping), stream.add)
    finally:
        stream.close()
        buckets.push()


def _container(task: Task, root: Path, api: Api) -> Container:
    spec = task.container
    if strange := spec.keys() - _KNOWN:
        raise unknown(f"{sorted(strange)} of a task's container")
    command, arguments = (
        [values.filled(one, task.inputs, task.facts, task.output_file) for one in spec.get(key, ())]
        for key in ("command", "args")
    )
    names = {"CLOUD_ML_JOB_ID": task.number, "CLOUD_ML_PROJECT_ID": api.project}
    return Container(
        root=root,
        command=images.command(spec["image"], api, command, arguments),
        environment=variables(spec.get("env", ())),
        base={**task.machines.environment(api, root), **names},
    )


def _outputs(task: Task, root: Path) -> dict[str, Any]:
    definitions = task.component.get("outputDefinitions", {})
    if definitions.get("artifacts"):
        raise unknown("outputs that are artifacts")
    return {
        name: _output(task, root, name, one["parameterType"])
        for name, one in definitions.get("parameters", {}).items()
    }


def _output(task: Task, root: Path, name: str, kind: str) -> Any:
    file = Path(moved(task.output_file(name), root))
    if not file.is_file():
        raise WorkError(f"The task `{task.name}` has not written its output `{name}`.")
    return values.typed(file.read_text(), kind)
