"""The runs that a policy starts of its pipeline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from mlops_iac.loop.kept import Kept
from mlops_iac.runtime.evaluate import REPORT
from mlops_iac.runtime.policy import Gate, RunEnded, StartRun
from mlops_iac.runtime.policy.executor import Seen

RUNNING, FINISHED = "running", "finished"
"""Of the states of a run, as `mlops_iac.operations.Run` names them."""
_SERVED = "version {} is served already, data and code have not changed"


class Execution(Protocol):
    """One run."""

    @property
    def id(self) -> str:
        """What it is called."""
        ...

    @property
    def status(self) -> str:
        """`running`, `finished`, `failed` or `stopped`."""
        ...

    @property
    def started(self) -> str:
        """ISO 8601."""
        ...

    @property
    def ended(self) -> str | None:
        """ISO 8601; `None` while it runs."""
        ...


class Runs(Protocol):
    """The runs of one pipeline."""

    def run(self, key: str) -> Any | None:
        """Return the run of a key, whose id is made of it; `None` when there is none."""
        ...

    def start(self, key: str) -> Any:
        """Start the run of a key; a second start adopts the first's run."""
        ...

    def stop(self, run: Any) -> None:
        """Stop a run; one that has ended stays as it is."""
        ...

    def version(self, run: Any) -> int | None:
        """Return the version that a finished run has registered, or `None`."""
        ...

    def failure(self, run: Any) -> str:
        """Return why a run failed."""
        ...

    def seconds(self, run: Any) -> float:
        """Return the machine seconds of a run's jobs: what is billed, on each machine."""
        ...

    def folder(self, run: Any) -> str:
        """Return the folder of what a run leaves; ends with `/`."""
        ...


@dataclass(frozen=True, kw_only=True)
class Retraining:
    """A policy's pipeline, and how its runs are started."""

    kept: Kept
    policy: str
    runs: Runs

    def run(self, action: StartRun) -> Any | None:
        """Return the run of an action, whose id is made of it; `None` when there is none."""
        return self.runs.run(self._key(action))

    def start(self, action: StartRun) -> Any:
        """Start the run of an action; a second start adopts the first's run."""
        return self.runs.start(self._key(action))

    def seen(self, action: StartRun, run: Execution, served: int | None) -> Seen:
        """Return how a run stands; what is served already is no news."""
        seconds = self.runs.seconds(run)
        if run.status == RUNNING:
            return Seen(id=run.id, seconds=seconds)
        version = self.runs.version(run) if run.status == FINISHED else None
        is_served = version is not None and version == served
        ended = RunEnded(
            id=f"{action.id}-ended",
            at=datetime.fromisoformat(run.ended or run.started).timestamp(),
            action_id=action.id,
            outcome=_outcome(run.status, version, is_served=is_served),
            version=version,
            gates=tuple(self._gates(run)),
            seconds=seconds,
            reason=_SERVED.format(version) if is_served else self._reason(run),
        )
        return Seen(id=run.id, seconds=seconds, ended=ended)

    def _key(self, action: StartRun) -> str:
        return sha256(f"{self.policy}/{action.id}".encode()).hexdigest()

    def _reason(self, run: Execution) -> str:
        return "" if run.status == FINISHED else self.runs.failure(run)

    def _gates(self, run: Execution) -> Iterator[Gate]:
        for path in self.kept.paths(self.runs.folder(run)):
            if path.endswith(f"/{REPORT}"):
                judged = self.kept.read(path) or {}
                yield from (_gate(each) for each in judged["gates"])


def _gate(judged: Mapping[str, Any]) -> Gate:
    return Gate(name=judged["metric"], passed=bool(judged["passed"]), detail=judged["reason"])


def _outcome(status: str, version: int | None, *, is_served: bool) -> str:
    if status != FINISHED:
        return status
    # A pipeline whose gates are closed ends well, and registers nothing.
    return "refused" if is_served or version is None else "passed"
