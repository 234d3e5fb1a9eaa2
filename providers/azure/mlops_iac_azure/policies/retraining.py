"""The runs of the pipeline that a policy starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.keyed_runs import run_id
from mlops_iac_azure import documents, place
from mlops_iac_azure.faults import told
from mlops_iac_azure.jobs import runs
from mlops_iac_azure.jobs.runs import Execution
from mlops_iac_azure.session import Place


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
        """Return the machine seconds of a run's steps, and of the trials of its searches."""
        definition = self._read() or {}
        nodes = (definition.get("pipeline_job") or {}).get("jobs") or {}
        until = run.ended or datetime.now(UTC).isoformat()
        return sum(
            lasted(report, until) * _machines(nodes.get(step) or {})
            for step, report in self._reports(run)
        )

    def folder(self, run: Execution) -> str:
        """Return the folder of what a run leaves."""
        return f"{place.run_prefix(self.pipeline, run.id)}/"

    def _read(self) -> dict[str, Any] | None:
        return documents.read(self.where, self.bucket, place.definition_key(self.pipeline))

    def _reports(self, run: Execution) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield what each container of a run has told, with the name of its step."""
        folder = place.step_report_key(self.pipeline, run.id, "")[: -len(".json")]
        for path in documents.paths(self.where, self.bucket, folder):
            inside = path.removeprefix(folder)
            if inside.endswith("-task.json"):
                continue
            report = documents.read(self.where, self.bucket, path)
            if report is not None and "started" in report:
                # Those of a search's trials lie in a folder of the step's name.
                yield inside.partition("/")[0].removesuffix(".json"), report


def lasted(report: Mapping[str, Any], until: str) -> float:
    """Return the seconds that a container has worked; one that tells no end, until a moment."""
    ended = report.get("ended") or until
    return max(0.0, (_moment(ended) - _moment(report["started"])).total_seconds())


def _machines(node: Mapping[str, Any]) -> int:
    return int((node.get("resources") or {}).get("instance_count") or 1)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
