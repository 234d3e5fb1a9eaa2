"""A command on machines: its folders, its variables, its processes, its log.

https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-command. Limits: all machines
share one file system; a job ends when all its processes have ended.
"""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds.azure.hooks import Run
from tests.clouds.azure.work import images
from tests.clouds.azure.work.api import Api
from tests.clouds.azure.work.container import SLOTS, Container, environment
from tests.clouds.azure.work.data import Data
from tests.clouds.azure.work.failures import WorkError, exited
from tests.clouds.azure.work.jobs import identity, layout, machines
from tests.clouds.azure.work.jobs.layout import Layout
from tests.clouds.azure.work.jobs.template import filled
from tests.clouds.azure.work.logs import blob_log
from tests.clouds.azure.work.mounts import Cache
from tests.clouds.azure.work.times import seconds
from tests.clouds.containers import LIMIT_SECONDS, Ended, Watch, Why
from tests.clouds.lines import LogStream
from tests.clouds.runs import CancelledError

_MLFLOW = "https://ml.azure.com"
RESTARTS = 6
"""A job that is evicted more often fails here; Azure ML goes on."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is to be run: a command job, a pipeline's node or a trial."""

    run: Run
    name: str
    """The job's own name, and that of its run in MLflow."""
    told: Mapping[str, Any]
    """A command job's properties."""
    root: Path
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """More that the command's template may name: `search_space.x`."""
    interrupting: threading.Event = field(default_factory=threading.Event)
    takes_turn: bool = True
    """Whether it waits for one of the few places; what waits for others' ends must not."""

    @property
    def data(self) -> Data:
        """What the workspace knows."""
        return Data(self.run, self.run.request["workspace"])

    @property
    def cache(self) -> Cache:
        """Contents that were read before."""
        return Cache(self.run.root.parents[0] / "contents")

    @property
    def identity(self) -> Api | None:
        """The calls of its own identity."""
        told: Mapping[str, Any] = self.told
        compute = machines.compute_of(self.run, told)
        return identity.of_job(self.run, told.get("identity"), compute)


def execute(command: Command) -> None:
    """Run a command to its end; after an eviction again, on new machines.

    Raises:
        WorkError: it failed.
        CancelledError: it was cancelled.
    """
    for attempt in range(RESTARTS + 1):
        ended = _attempt(command, command.root / f"attempt-{attempt}")
        if ended.is_success:
            return
        if ended.why is Why.STOPPED:
            raise CancelledError
        if ended.why is Why.TIME_IS_UP:
            raise WorkError("Job exceeded its timeout and was canceled.", "JobTimeout")
        if ended.why is Why.EXITED:
            raise exited(ended.code)
        command.interrupting.clear()
        if not machines.are_low_priority(command.run, command.told):
            raise WorkError("The node was lost: the job cannot go on.", "NodeLost")
    raise WorkError(f"The job was evicted more than {RESTARTS} times.")


def _attempt(command: Command, root: Path) -> Ended:
    service = Api.of(command.run)
    images.environment(command.data, command.told.get("environmentId") or "", service)
    found = layout.lay_out(command, root, service)
    try:
        return _processes(command, found, service)
    finally:
        found.store()


def _processes(command: Command, found: Layout, service: Api) -> Ended:
    rows = machines.processes(command.told)
    streams = [_stream(command, service, one.log) for one in rows]
    watch = Watch(
        stopping=command.run.stopping,
        seconds=seconds((command.told.get("limits") or {}).get("timeout"), LIMIT_SECONDS),
        interrupting=command.interrupting,
    )
    containers = [_container(command, found, one.variables) for one in rows]
    try:
        if not command.takes_turn:
            return _ended(_all(containers, watch, streams))
        with SLOTS:
            return _ended(_all(containers, watch, streams))
    finally:
        for stream in streams:
            stream.close()


def _all(
    containers: Sequence[Container], watch: Watch, streams: Sequence[LogStream]
) -> list[Ended]:
    with ThreadPoolExecutor(len(containers)) as pool:
        tasks = [
            pool.submit(container.run, watch, stream.add)
            for container, stream in zip(containers, streams, strict=True)
        ]
        return [task.result() for task in tasks]


def _ended(ends: Sequence[Ended]) -> Ended:
    return next((end for end in ends if not end.is_success), ends[0])


def _stream(command: Command, service: Api, log: str) -> LogStream:
    spot = command.data.artifacts(command.name).below(f"user_logs/{log}")
    container = service.container(spot.account, spot.container)
    return blob_log(container, spot.path)


def _container(command: Command, found: Layout, rank: Mapping[str, str]) -> Container:
    values = {**found.values, **command.values}
    given: Mapping[str, Any] = command.told.get("environmentVariables") or {}
    own = {name: filled(str(value), values) for name, value in given.items()}
    api = command.identity
    base = environment(api, found.root, Api.of(command.run).environment)
    return Container(
        root=found.root,
        folder=found.folder,
        command=["/bin/bash", "-c", filled(command.told["command"], values)],
        environment={**found.variables, **_run_variables(command), **_token(command), **own},
        base={**base, **rank, **identity.variables(command.run, command.told.get("identity"))},
    )


def _token(command: Command) -> dict[str, str]:
    """Return the token that Azure ML tells a job for its run's MLflow."""
    api = command.identity
    return {"MLFLOW_TRACKING_TOKEN": api.token(_MLFLOW)} if api else {}


def _run_variables(command: Command) -> dict[str, str]:
    """Return what a job is told of itself.

    https://learn.microsoft.com/azure/machine-learning/how-to-use-mlflow-cli-runs, and what
    `azureml-mlflow` reads.
    """
    workspace = command.run.request["workspace"]
    parts = str(workspace["id"]).strip("/").split("/")
    experiment = command.told.get("experimentName") or "Default"
    properties = workspace["properties"]
    return {
        "AZUREML_RUN_ID": command.name,
        "AZUREML_ROOT_RUN_ID": command.run.id,
        "AZUREML_EXPERIMENT_NAME": experiment,
        "AZUREML_ARM_SUBSCRIPTION": parts[1],
        "AZUREML_ARM_RESOURCEGROUP": parts[3],
        "AZUREML_ARM_WORKSPACE_NAME": workspace["name"],
        "AZUREML_ARM_PROJECT_NAME": experiment,
        "MLFLOW_TRACKING_URI": properties.get("mlFlowTrackingUri", ""),
        "MLFLOW_RUN_ID": command.name,
        "MLFLOW_EXPERIMENT_NAME": experiment,
    }
