"""The worker pools of a job: each replica a process, one folder of buckets for all.

https://cloud.google.com/vertex-ai/docs/training/code-requirements. Limits: the job ends when all
replicas have ended; checkpoints in a bucket are stored when a process ends, however it ends.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clouds.containers import Ended, Watch, Why
from tests.clouds.gcp.hooks import Run
from tests.clouds.gcp.work import images
from tests.clouds.gcp.work.api import Api
from tests.clouds.gcp.work.container import SLOTS, Container, Machines, mirror, variables
from tests.clouds.gcp.work.failures import WorkError, exited
from tests.clouds.gcp.work.logs import job_stream
from tests.clouds.lines import LogStream

RESTARTS = 6
"""https://cloud.google.com/vertex-ai/docs/training/use-spot-vms: then the job fails."""
_DEFAULT_SECONDS = 7 * 86400.0


@dataclass(frozen=True)
class Replica:
    """One machine of a pool."""

    pool: int
    index: int
    spec: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As Vertex AI writes it."""
        return f"workerpool{self.pool}-{self.index}"


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be run on machines: a CustomJob, or a trial."""

    run: Run
    machines: Machines
    spec: Mapping[str, Any]
    """The CustomJobSpec."""
    root: Path
    output: str
    """URI of the folder for results, without a slash at its end; empty when none is asked for."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    arguments: Sequence[str] = ()
    interrupting: threading.Event = field(default_factory=threading.Event)

    @property
    def api(self) -> Api:
        """The cloud, as the job's account sees it."""
        return Api.of(self.run, self.spec.get("serviceAccount", ""))

    @property
    def cache(self) -> Path:
        """Contents of objects that were read before."""
        return self.run.root.parents[1] / "objects"

    def replicas(self) -> list[Replica]:
        """Return the machines, the chief first."""
        return [
            Replica(number, index, pool)
            for number, pool in enumerate(self.spec["workerPoolSpecs"])
            for index in range(int(pool.get("replicaCount", 1)))
        ]


def run_job(job: Job) -> Ended:
    """Run a job to its end; after a spot interruption again, on new machines.

    Raises:
        WorkError: it failed.
    """
    for attempt in range(RESTARTS + 1):
        ended = _attempt(job, job.root / f"attempt-{attempt}")
        if ended.why is not Why.INTERRUPTED:
            return ended
        job.interrupting.clear()
        _require_restart(job.spec.get("scheduling", {}))
    raise WorkError(f"The job was interrupted more than {RESTARTS} times: there are no resources.")


def _require_restart(scheduling: Mapping[str, Any]) -> None:
    again = scheduling.get("restartJobOnWorkerRestart") or scheduling.get("strategy") == "SPOT"
    if scheduling.get("disableRetries") or not again:
        raise WorkError("Internal error occurred: a worker was lost.")


def _attempt(job: Job, root: Path) -> Ended:
    root.mkdir(parents=True)
    api = job.api
    buckets = mirror(api, root, job.cache)
    buckets.pull()
    try:
        return _replicas(job, root, api)
    finally:
        buckets.push()


def _replicas(job: Job, root: Path, api: Api) -> Ended:
    replicas = job.replicas()
    containers = [_container(job, root, api, one) for one in replicas]
    streams = [job_stream(api, job.run.id, one.name) for one in replicas]
    seconds = _seconds(job.spec.get("scheduling", {}).get("timeout"))
    watch = Watch(stopping=job.run.stopping, seconds=seconds, interrupting=job.interrupting)
    try:
        with SLOTS:
            ends = _all(containers, watch, streams)
    finally:
        for stream in streams:
            stream.close()
    for replica, end in zip(replicas, ends, strict=True):
        if end.why is Why.EXITED and end.code:
            raise WorkError(exited(replica.name, end.code, job.run.id, api.project))
    return next((end for end in ends if not end.is_success), ends[0])


def _all(
    containers: Sequence[Container], watch: Watch, streams: Sequence[LogStream]
) -> list[Ended]:
    with ThreadPoolExecutor(len(containers)) as pool:
        tasks = [
            pool.submit(container.run, watch, stream.add)
            for container, stream in zip(containers, streams, strict=True)
        ]
        return [task.result() for task in tasks]


def _container(job: Job, root: Path, api: Api, replica: Replica) -> Container:
    own = root / replica.name
    own.mkdir()
    # One bucket for all machines.
    (own / "gcs").symlink_to(root / "gcs")
    spec = replica.spec.get("containerSpec")
    if spec is None:
        raise WorkError("The test cloud runs pools with a `containerSpec` only.")
    command = images.command(
        spec["imageUri"], api, spec.get("command", ()), [*spec.get("args", ()), *job.arguments]
    )
    told = {**_places(job), **_cluster(job, replica), **job.environment}
    return Container(
        root=own,
        command=command,
        environment={**variables(spec.get("env", ())), **told},
        base={**job.machines.environment(api, own), **_identity(job, api)},
    )


def _places(job: Job) -> dict[str, str]:
    if not job.output:
        return {}
    names = {
        "AIP_MODEL_DIR": "model",
        "AIP_CHECKPOINT_DIR": "checkpoints",
        "AIP_TENSORBOARD_LOG_DIR": "logs",
    }
    return {variable: f"{job.output}/{name}/" for variable, name in names.items()}


def _identity(job: Job, api: Api) -> dict[str, str]:
    return {
        "CLOUD_ML_JOB_ID": job.run.id,
        "CLOUD_ML_PROJECT_ID": api.project,
        "CLOUD_ML_REGION": api.region,
    }


def _cluster(job: Job, replica: Replica) -> dict[str, str]:
    """Return who is who: https://cloud.google.com/vertex-ai/docs/training/distributed-training."""
    cluster: dict[str, list[str]] = {}
    for one in job.replicas():
        cluster.setdefault(f"workerpool{one.pool}", []).append(f"{one.name}:2222")
    told = {
        "cluster": cluster,
        "environment": "cloud",
        "task": {"type": f"workerpool{replica.pool}", "index": replica.index},
        "job": json.dumps({"worker_pool_specs": job.spec["workerPoolSpecs"]}),
    }
    return {"CLUSTER_SPEC": json.dumps(told)}


def _seconds(duration: str | None) -> float:
    """Return a duration of Google's JSON, such as `3600s`."""
    return float(duration.removesuffix("s")) if duration else _DEFAULT_SECONDS


def output_of(spec: Mapping[str, Any]) -> str:
    """Return the URI of a job's folder for results."""
    return str(spec.get("baseOutputDirectory", {}).get("outputUriPrefix", "")).rstrip("/")


def stamp() -> str:
    """Return the machine's time as Google's JSON has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
