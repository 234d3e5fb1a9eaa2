"""The runs that a policy starts of its pipeline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.evaluate import REPORT
from mlops_iac.runtime.policy import Gate, RunEnded, StartRun
from mlops_iac.runtime.policy.executor import Seen
from mlops_iac_gcp import documents, place, rest
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.jobs.launching import RUN_LABEL
from mlops_iac_gcp.jobs.runs import FINISHED, RUNNING, Execution
from mlops_iac_gcp.session import Place

_SERVED = "version {} is served already, data and code have not changed"
_JOBS = ("customJobs", "hyperparameterTuningJobs")


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """A policy's pipeline, and how its runs are started."""

    where: Place
    bucket: str
    policy: str
    pipeline: str
    """The component."""

    def run(self, action: StartRun) -> Execution | None:
        """Return the run of an action, whose id is made of it; `None` when there is none."""
        definition = self._read()
        if definition is None:
            return None
        return runs.run_of_id(self.where, runs.run_id(definition["pipeline"], self._key(action)))

    def start(self, action: StartRun) -> Execution:
        """Start the run of an action; a second start adopts the first's run."""
        definition = self._read()
        if definition is None:
            raise OperationError(
                f"the pipeline `{self.pipeline}` is not there", remedy="run `mlops-iac up`"
            )
        with told(f"starting `{self.pipeline}`"):
            return runs.start(self.where, definition, self._key(action))

    def seen(self, action: StartRun, run: Execution, served: int | None) -> Seen:
        """Return how a run stands; what is served already is no news."""
        seconds = sum(self._seconds(run))
        if run.status == RUNNING:
            return Seen(id=run.id, seconds=seconds)
        is_finished = run.status == FINISHED
        outcome = runs.outcome(self.where, self.bucket, run) if is_finished else None
        version = None if outcome is None else outcome.model_version
        is_served = version is not None and version == served
        ended = RunEnded(
            id=f"{action.id}-ended",
            at=_moment(run.ended or run.started),
            action_id=action.id,
            outcome=_outcome(run.status, version, is_served=is_served),
            version=version,
            gates=tuple(self._gates(run)),
            seconds=seconds,
            reason=_SERVED.format(version) if is_served else self._reason(run),
        )
        return Seen(id=run.id, seconds=seconds, ended=ended)

    def _read(self) -> dict[str, Any] | None:
        return documents.read(self.where, self.bucket, place.definition_key(self.pipeline))

    def _key(self, action: StartRun) -> str:
        return sha256(f"{self.policy}/{action.id}".encode()).hexdigest()

    def _reason(self, run: Execution) -> str:
        return "" if run.status == FINISHED else runs.failure(self.where, self.bucket, run)

    def _seconds(self, run: Execution) -> Iterator[float]:
        """Yield the machine seconds of each job: what is billed, on each machine."""
        wanted = runs.label(run.id)
        for collection in _JOBS:
            parameters = {
                "parent": self.where.parent,
                "filter": f'labels.{RUN_LABEL}="{wanted}"',
            }
            name = f"projects.locations.{collection}.list"
            for job in rest.listed(self.where, runs.API, name, parameters, collection):
                yield machine_seconds(job)

    def _gates(self, run: Execution) -> Iterator[Gate]:
        prefix = f"{place.run_prefix(self.pipeline, run.id)}/"
        for path in documents.paths(self.where, self.bucket, prefix):
            if path.endswith(f"/{REPORT}"):
                judged = documents.read(self.where, self.bucket, path) or {}
                yield from (_gate(each) for each in judged["gates"])


def machine_seconds(job: Mapping[str, Any]) -> float:
    """Return the seconds that the machines of a job have worked; of a search, of its trials."""
    spec = job.get("jobSpec") or job["trialJobSpec"]
    machines = sum(int(pool.get("replicaCount", 1)) for pool in spec["workerPoolSpecs"])
    parts = job.get("trials", ()) if "trialJobSpec" in job else (job,)
    return machines * sum(_lasted(part) for part in parts)


def _lasted(part: Mapping[str, Any]) -> float:
    if "startTime" not in part:
        return 0.0
    end = part.get("endTime")
    now = datetime.now(UTC).timestamp()
    return max(0.0, (_moment(end) if end else now) - _moment(part["startTime"]))


def _gate(judged: Mapping[str, Any]) -> Gate:
    return Gate(name=judged["metric"], passed=bool(judged["passed"]), detail=judged["reason"])


def _outcome(status: str, version: int | None, *, is_served: bool) -> str:
    if status != FINISHED:
        return status
    # A pipeline whose gates are closed ends well, and registers nothing.
    return "refused" if is_served or version is None else "passed"


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
