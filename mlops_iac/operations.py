"""Run-time verbs that are not infrastructure: what happens between two `up`s."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mlops_iac.records import StackRecords


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """A version in a registry."""

    model: str
    version: int
    status: str
    """`pending`, `approved` or `rejected`."""
    aliases: tuple[str, ...]
    run_id: str | None
    digest: str | None
    """SHA-256 of the model's files."""
    created: str
    """UTC, ISO 8601."""
    metrics: Mapping[str, float]
    approver: str | None = None
    author: str | None = None


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of a job: of training, processing, a pipeline, a check."""

    component: str
    kind: str
    """Kind of the component, such as `TrainingJob`."""
    id: str
    key: str
    status: str
    """`running`, `finished`, `failed` or `stopped`."""
    started: str
    ended: str | None
    metrics: Mapping[str, float]
    model_version: int | None
    outputs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Digest of each folder of data that it left, by name."""
    reports: tuple[str, ...] = ()
    """Files for people that it left; also of a failed run."""
    parent: str | None = None
    """Id of the run that asked for this one."""
    reason: str | None = None
    """Why it failed."""


@dataclass(frozen=True, kw_only=True)
class ComponentStatus:
    """How a component is now, seen in the world, not in the state."""

    component: str
    kind: str
    state: str
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Labels that an endpoint was told."""

    endpoint: str
    rows: int
    """Labels in the file."""
    unknown: int
    """Those of requests that are not captured; or not yet, a server writes with some delay."""
    examples: tuple[str, ...]
    """Some of these requests."""
    file: str
    """Where the labels are kept."""


class Operations(Protocol):
    """What each provider can do at run time. All refuse with `OperationError`."""

    def status(self) -> Sequence[ComponentStatus]:
        """Return how each component is now."""
        ...

    def run(
        self,
        component: str,
        *,
        again: bool = False,
        parameters: Mapping[str, Any] | None = None,
    ) -> Run:
        """Start a run of a job and return it as soon as it is started.

        Args:
            component: a job of any kind.
            again: repeat a run of the same key.
            parameters: other values than the declared ones, for this run only.
        """
        ...

    def wait(self, run: Run) -> Run:
        """Wait until a run has ended."""
        ...

    def stop(self, run: Run) -> Run:
        """Stop a run."""
        ...

    def runs(self, component: str) -> Sequence[Run]:
        """Return the runs of a job, newest first."""
        ...

    def logs(self, component: str, *, follow: bool = False) -> Iterator[str]:
        """Yield log lines of the newest run of a job, or of an endpoint."""
        ...

    def versions(self, model: str) -> Sequence[ModelVersion]:
        """Return the versions of a model, newest first, in numeric order."""
        ...

    def approve(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Let a version be deployed; who approved is recorded."""
        ...

    def reject(self, model: str, version: int, *, approver: str, comment: str) -> ModelVersion:
        """Refuse a version for good."""
        ...

    def promote(self, endpoint: str, version: int) -> ComponentStatus:
        """Move the alias that an endpoint follows to an approved version, and serve it."""
        ...

    def rollback(self, endpoint: str) -> ComponentStatus:
        """Go back to the version that was served before."""
        ...

    def predict(self, endpoint: str, payload: Any) -> Any:
        """Ask an endpoint for predictions, with the caller's own credential."""
        ...

    def check(self, monitor: str) -> Run:
        """Start a check of a monitor on the rows that wait, or return the one under way.

        Raises:
            NothingToDoError: too few rows wait.
        """
        ...

    def truth(self, endpoint: str, path: Path, *, label: str | None = None) -> Truth:
        """Tell an endpoint what turned out of its predictions; monitors join it by request.

        Args:
            endpoint: whose predictions they are.
            path: CSV, JSON lines or parquet with `request_id`, the label, and `row` where a
                request had several.
            label: column with the label; the only other column when left out.
        """
        ...

    def features(
        self, group: str, entities: Sequence[Mapping[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """Return the newest values of entities, in their order.

        Each answer has the entity's columns, every feature, and the event time of the values;
        `None` where nothing is known, or what is known is older than the group's `ttl`.
        """
        ...

    def records(self) -> "StackRecords":
        """Return all that the stack has done and is now; changes nothing."""
        ...
