"""The runs that a policy starts of its pipeline."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.policy import Gate, RunEnded, StartRun
from mlops_iac.runtime.policy.executor import Seen
from mlops_iac_aws import documents
from mlops_iac_aws.faults import found, told
from mlops_iac_aws.jobs import runs
from mlops_iac_aws.jobs.runs import FINISHED, RUNNING, Execution
from mlops_iac_aws.session import Clients

_JUDGED = "evaluation.json"
_SERVED = "version {} is served already, data and code have not changed"
_JOBS: Mapping[str, tuple[str, str, str]] = {
    # Member of a step's metadata: operation, its parameter, path of the machines' number.
    "TrainingJob": ("describe_training_job", "TrainingJobName", "ResourceConfig"),
    "ProcessingJob": ("describe_processing_job", "ProcessingJobName", "ProcessingResources"),
}


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """A policy's pipeline, and how its runs are started."""

    clients: Clients
    bucket: str
    policy: str
    definition_key: str
    """Where the document lies by which its runs are started."""

    def run(self, action: StartRun) -> Execution | None:
        """Return the run of an action; it carries the action in its description."""
        definition = self._read()
        if definition is None:
            return None
        known = {"pipeline": definition["pipeline"], "key": self._mark(action)}
        run = found(runs.run_of_key, clients=self.clients, **known)
        # A list of executions does not tell when they ended.
        return None if run is None else runs.execution(self.clients, run.arn)

    def start(self, action: StartRun) -> None:
        """Start the run of an action; SageMaker answers a second start with the first run."""
        definition = self._definition()
        mark = self._mark(action)
        token = hashlib.sha256(f"{definition['pipeline']} {mark}".encode()).hexdigest()
        pipeline, parameters = definition["pipeline"], definition["parameters"]
        with told(f"starting `{pipeline}`"):
            runs.start(self.clients, pipeline, mark, parameters, token=token)

    def seen(self, action: StartRun, run: Execution, served: int | None) -> Seen:
        """Return how a run stands; what is served already is no news."""
        seconds = sum(self._seconds(run))
        status = run.status
        if status == RUNNING:
            return Seen(id=run.id, seconds=seconds)
        version = runs.outcome(self.clients, run).model_version if status == FINISHED else None
        gates = self._gates(run)
        is_served = version is not None and version == served
        ended = RunEnded(
            id=f"{action.id}-ended",
            at=_moment(run.ended or run.started),
            action_id=action.id,
            outcome=_outcome(status, version, is_served=is_served),
            version=version,
            gates=gates,
            seconds=seconds,
            reason=_SERVED.format(version) if is_served else self._reason(run, status),
        )
        return Seen(id=run.id, seconds=seconds, ended=ended)

    def _definition(self) -> dict[str, Any]:
        definition = self._read()
        if definition is None:
            raise OperationError(
                f"the pipeline of policy `{self.policy}` is not there", remedy="run `mlops-iac up`"
            )
        return definition

    def _read(self) -> dict[str, Any] | None:
        return documents.read(self.clients, self.bucket, self.definition_key)

    def _mark(self, action: StartRun) -> str:
        return f"{self.policy}/{action.id}"

    def _reason(self, run: Execution, status: str) -> str:
        return "" if status == FINISHED else runs.failure(self.clients, run)

    def _seconds(self, run: Execution) -> Iterator[float]:
        """Yield the machine seconds of each job: what is billed, on each machine."""
        for step in runs.steps(self.clients, run):
            for kind, (operation, parameter, machines) in _JOBS.items():
                if name := step.job(kind):
                    job = getattr(self.clients("sagemaker"), operation)(**{parameter: name})
                    yield _billed(job) * _machines(job[machines])

    def _gates(self, run: Execution) -> tuple[Gate, ...]:
        prefix = f"runs/{self._definition()['job']}/{run.id}/"
        pages = self.clients("s3").get_paginator("list_objects_v2")
        keys = [
            item["Key"]
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix)
            for item in page.get("Contents", ())
            if item["Key"].endswith(f"/{_JUDGED}")
        ]
        return tuple(gate for key in keys for gate in self._judged(key))

    def _judged(self, key: str) -> Iterator[Gate]:
        answer = self.clients("s3").get_object(Bucket=self.bucket, Key=key)
        with answer["Body"] as body:
            for gate in json.load(body)["gates"]:
                yield Gate(name=gate["metric"], passed=bool(gate["passed"]), detail=gate["reason"])


def _outcome(status: str, version: int | None, *, is_served: bool) -> str:
    if status != FINISHED:
        return status
    # A pipeline whose gates are closed ends well, and registers nothing.
    return "refused" if is_served or version is None else "passed"


def _machines(resources: Mapping[str, Any]) -> int:
    return int(resources.get("ClusterConfig", resources).get("InstanceCount", 1))


def _billed(job: Mapping[str, Any]) -> float:
    if "BillableTimeInSeconds" in job:
        return float(job["BillableTimeInSeconds"])
    start = job.get("TrainingStartTime") or job.get("ProcessingStartTime")
    end = job.get("TrainingEndTime") or job.get("ProcessingEndTime")
    if start is None:
        return 0.0
    return ((end or datetime.now(tz=start.tzinfo)) - start).total_seconds()


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
