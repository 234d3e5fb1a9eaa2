"""The runs of the pipeline that a policy starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.keyed_runs import label, run_id
from mlops_iac_gcp import documents, place, rest
from mlops_iac_gcp.faults import told
from mlops_iac_gcp.jobs import runs
from mlops_iac_gcp.jobs.launching import RUN_LABEL
from mlops_iac_gcp.jobs.runs import Execution
from mlops_iac_gcp.session import Place

_JOBS = ("customJobs", "hyperparameterTuningJobs")


@dataclass(frozen=True, kw_only=True)
class PipelineRuns:
    """Implements `mlops_iac.loop.retraining.Runs`."""

    where: Place
    bucket: str
    pipeline: str
    """The component."""

    def run(self, key: str) -> Execution | None:
        """Return the run of a key, whose id is made of it; `None` when there is none."""
        definition = self._read()
        if definition is None:
            return None
        return runs.run_of_id(self.where, run_id(definition["pipeline"], key))

    def start(self, key: str) -> Execution:
        """Start the run of a key; a second start adopts the first's run."""
        definition = self._read()
        if definition is None:
            raise OperationError(
                f"the pipeline `{self.pipeline}` is not there", remedy="run `mlops-iac up`"
            )
        with told(f"starting `{self.pipeline}`"):
            return runs.start(self.where, definition, key)

    def stop(self, run: Execution) -> None:
        """Stop a run; one that has ended stays as it is."""
        runs.stop(self.where, run)

    def version(self, run: Execution) -> int | None:
        """Return the version that a finished run has registered, or `None`."""
        return runs.outcome(self.where, self.bucket, run).model_version

    def failure(self, run: Execution) -> str:
        """Return why a run failed."""
        return runs.failure(self.where, self.bucket, run)

    def seconds(self, run: Execution) -> float:
        """Return the machine seconds of a run's jobs."""
        return sum(
            machine_seconds(job)
            for collection in _JOBS
            for job in rest.listed(
                self.where,
                runs.API,
                f"projects.locations.{collection}.list",
                {
                    "parent": self.where.parent,
                    "filter": f'labels.{RUN_LABEL}="{label(run.id)}"',
                },
                collection,
            )
        )

    def folder(self, run: Execution) -> str:
        """Return the folder of what a run leaves."""
        return f"{place.run_prefix(self.pipeline, run.id)}/"

    def _read(self) -> dict[str, Any] | None:
        return documents.read(self.where, self.bucket, place.definition_key(self.pipeline))


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


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
