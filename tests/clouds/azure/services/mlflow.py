"""MLflow of each workspace: MLflow's own server and file store, behind the workspace's address.

https://learn.microsoft.com/azure/machine-learning/reference-mlflow-rest. A job is a run of its own
name, in the experiment that it names, and ends with it. Limits: artifacts go through the server
(`mlflow-artifacts:`), not to the workspace's storage; models are not registered this way; one
request at a time.
"""

import os
import re
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from tests.clouds.azure import roles, tokens
from tests.clouds.azure.calls import Answer, Call, CloudError, Deferred, Request, told
from tests.clouds.azure.kinds import WORKSPACES
from tests.clouds.azure.parts import Service
from tests.clouds.azure.store import Record
from tests.clouds.azure.world import World

_PATH = re.compile(
    r"(?:mlflow/)?v\d\.\d(?P<workspace>/subscriptions/[^/]+/resourceGroups/[^/]+/providers/"
    r"Microsoft\.MachineLearningServices/workspaces/[^/]+)(?P<rest>/.*)",
    re.IGNORECASE,
)
_LOCK = threading.RLock()
_RUN = re.compile(rb'"run_(?:id|uuid)"\s*:\s*"([^"]+)"')
_PASSED = ("accept", "content-type", "user-agent")
# https://learn.microsoft.com/python/api/azureml-core/azureml.core.run(class): how a run may stand.
_STATES = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED"}
_JOBS = f"{WORKSPACES}/jobs"


@dataclass(frozen=True)
class _Stores:
    """What MLflow keeps for one workspace."""

    tracking: Any
    artifacts: Any


def _stores(world: World, workspace: Record) -> _Stores:
    kept: dict[str, _Stores] = world.state("mlflow", dict)
    key = f"{workspace.key}#{workspace.hidden.setdefault('mlflow', world.store.number())}"
    if key not in kept:
        number = key.rpartition("#")[2]
        kept[key] = _made(world.root / "mlflow" / f"{workspace.name}-{number}")
    return kept[key]


def _made(folder: Path) -> _Stores:
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
    from mlflow.store.tracking.file_store import FileStore

    folder.mkdir(parents=True, exist_ok=True)
    place = (folder / "runs").as_uri()
    (folder / "artifacts").mkdir(exist_ok=True)
    with _allowed():
        tracking = FileStore(place, "mlflow-artifacts:/")
    return _Stores(tracking, LocalArtifactRepository((folder / "artifacts").as_uri()))


@contextmanager
def _allowed() -> Generator[None]:
    """Let MLflow have a file store, which it does not recommend."""
    name = "MLFLOW_ALLOW_FILE_STORE"
    before = os.environ.get(name)
    os.environ[name] = "true"
    try:
        yield
    finally:
        os.environ.pop(name)
        os.environ.update({name: before} if before is not None else {})


@cache
def _server() -> Any:
    """Return MLflow's server, made when first used: it takes seconds."""
    from mlflow.server import app

    return app


@contextmanager
def _of(stores: _Stores) -> Generator[None]:
    """Let MLflow's server be that of a workspace."""
    from mlflow.server import handlers

    own: Mapping[str, Callable[..., Any]] = {
        "_get_tracking_store": lambda *_, **__: stores.tracking,
        "_get_artifact_repo_mlflow_artifacts": lambda: stores.artifacts,
        "_is_serving_proxied_artifacts": lambda: True,
    }
    before = {name: getattr(handlers, name) for name in own}
    try:
        for name, value in own.items():
            setattr(handlers, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(handlers, name, value)


def _answer(world: World, call: Call) -> Deferred:
    found = _PATH.fullmatch(call.path)
    record = world.store.get(found["workspace"]) if found else None
    if found is None or record is None:
        raise CloudError(404, "RESOURCE_DOES_NOT_EXIST", f"There is no workspace at `{call.path}`.")
    rest = found["rest"]
    roles.require(world, call.caller, _action(call.request, rest), record.id)
    if "/registered-models/" in rest or "/model-versions/" in rest:
        raise CloudError(501, "FEATURE_DISABLED", "The test cloud registers no models by MLflow.")
    if "/logged-models" in rest:
        # https://github.com/Azure/azure-sdk-for-python/issues/44896: Azure ML's server has none.
        raise CloudError(404, "ENDPOINT_NOT_FOUND", "Azure ML knows no logged models of MLflow 3.")
    return Deferred(lambda: _served(world, record, call.request, rest))


_READS = ("/get", "/search", "/list", "/get-by-name", "/get-history")
_OF_RUNS = frozenset({"runs", "metrics", "artifacts"})


def _action(request: Request, path: str) -> str:
    """Return the action that a role must hold."""
    reads = request.verb == "GET" or path.endswith(_READS)
    area = path.partition("/mlflow/")[2].partition("/")[0]
    own = "experiments/runs" if area in _OF_RUNS else "experiments"
    own = "metadata/artifacts" if "mlflow-artifacts" in path else own
    return f"{WORKSPACES}/{own}/{'read' if reads else 'write'}"


def _served(world: World, workspace: Record, request: Request, path: str) -> Answer:
    from werkzeug.test import EnvironBuilder, run_wsgi_app

    with _LOCK:
        stores = _stores(world, workspace)
        _adopt(world, workspace, stores.tracking, request, path)
        headers = {name: request.headers[name] for name in _PASSED if name in request.headers}
        builder = EnvironBuilder(
            path,
            method=request.verb,
            query_string=urlencode(request.query),
            headers=[*headers.items()],
            data=request.body,
        )
        with _of(stores):
            chunks, status, told_headers = run_wsgi_app(
                _server(), builder.get_environ(), buffered=True
            )
        body = b"".join(chunks)
        _give_back(world, workspace, stores.tracking, request)
    kept = {name: value for name, value in told_headers.items() if name != "Content-Length"}
    return Answer(int(status.split()[0]), body, kept)


# Jobs are runs


def _adopt(world: World, workspace: Record, store: Any, request: Request, path: str) -> None:
    """Let the jobs that a request may be about be runs that stand as the jobs do."""
    job = _job(world, workspace, request)
    if job:
        jobs = [job]
    elif path.endswith(("runs/search", "experiments/search", "experiments/get-by-name")):
        jobs = [*world.store.children(workspace.id, _JOBS)]
    else:
        return
    for job in jobs:
        _follow(store, job)


def _job(world: World, workspace: Record, request: Request) -> Record | None:
    """Return the job whose run a request is about."""
    found = _RUN.search(request.body)
    name = found[1].decode() if found else dict(request.query).get("run_id", "")
    return world.store.get(f"{workspace.id}/jobs/{name}") if name else None


def _give_back(world: World, workspace: Record, store: Any, request: Request) -> None:
    """Let a job have the tags of its run: they are the same."""
    job = _job(world, workspace, request)
    if job is None or request.verb == "GET":
        return
    tags = store.get_run(job.name).data.tags
    own = {name: value for name, value in tags.items() if not name.startswith("mlflow.")}
    world.holding(lambda: job.properties.update(tags=own))


def _follow(store: Any, job: Record) -> None:
    from mlflow.entities import RunStatus, RunTag
    from mlflow.exceptions import MlflowException

    try:
        run = store.get_run(job.name)
    except MlflowException:
        run = _begun(store, job)
    for key, value in _tags(job).items():
        if run.data.tags.get(key) != value:
            store.set_tag(job.name, RunTag(key, value))
    state = _STATES.get(job.properties.get("status", ""), "RUNNING")
    if run.info.status != state:
        end = None if state == "RUNNING" else run.info.start_time + 1
        status = RunStatus.from_string(state)
        store.update_run_info(job.name, status, end, None)


def _tags(job: Record) -> dict[str, str]:
    return {key: str(value) for key, value in (job.properties.get("tags") or {}).items()}


def _begun(store: Any, job: Record) -> Any:
    """Begin the run of a job, under the job's own name."""
    from mlflow.store.tracking import file_store as module
    from mlflow.utils.time import get_current_time_millis

    name = job.properties.get("experimentName") or "Default"
    experiment = store.get_experiment_by_name(name)
    number = experiment.experiment_id if experiment else store.create_experiment(name, None, [])
    file_store: Any = module
    before = file_store.uuid
    file_store.uuid = SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=job.name))
    try:
        shown = job.properties.get("displayName") or job.name
        return store.create_run(number, "", get_current_time_millis(), [], shown)
    finally:
        file_store.uuid = before


def runs_of(world: World, workspace: Record) -> list[Any]:
    """Return all runs of a workspace as MLflow has them, for tests."""
    from mlflow.entities import ViewType

    with _LOCK:
        store = _stores(world, workspace).tracking
        numbers = [one.experiment_id for one in store.search_experiments()]
        return [*store.search_runs(numbers, "", ViewType.ALL)]


def _method(request: Request, path: str) -> str:
    del request
    return ".".join(path.rstrip("/").split("/")[-2:])


def _refuse(error: CloudError) -> Answer:
    return told({"error_code": error.code, "message": error.message}, error.status, error.headers)


SERVICE = Service(
    "mlflow", _answer, (*tokens.MANAGEMENT, *tokens.MACHINE_LEARNING), _method, _refuse
)
