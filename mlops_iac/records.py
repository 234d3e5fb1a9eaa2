"""What a stack has done, in one document: read from its records, the same on every target."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mlops_iac.operations import ModelVersion, Run

VERSION = 1
"""Of the document; it grows by new keys, and changes its number when a key changes its meaning."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A gate's verdict on a candidate."""

    name: str
    passed: bool
    detail: str
    """The verdict in words."""
    candidate: float | None = None
    """The candidate's value, where it could be measured."""
    champion: float | None = None
    """The champion's on the same rows; `None` when nothing was compared."""
    threshold: float | None = None


@dataclass(frozen=True, kw_only=True)
class VersionRecord:
    """A version of a model, and who decided on it."""

    version: ModelVersion
    decided: str | None = None
    """UTC, ISO 8601."""
    comment: str = ""
    gates: tuple[Judgement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Served:
    """Since when an endpoint has served a version, until the next one."""

    version: int
    since: str
    """UTC, ISO 8601."""


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """Answers that took no longer than `seconds`, and longer than the bucket before."""

    seconds: float | None
    """Upper bound; `None` for the last, which has none."""
    answers: int


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Times from a request's body to its answer, as the server counts them."""

    version: str
    """Version in service when it answered; empty where the server does not say."""
    buckets: tuple[Bucket, ...]
    """In rising order; at least the one without a bound."""
    seconds: float
    """Sum of all times."""

    @property
    def answers(self) -> int:
        """How many were timed."""
        return sum(bucket.answers for bucket in self.buckets)

    def interval(self, share: float) -> tuple[float, float | None]:
        """Return the bounds, in seconds, between which the time lies that `share` stay under.

        It is the bucket of that percentile; nothing more exact is known. The upper bound is `None`
        above the last one.
        """
        seen, lower = 0, 0.0
        for bucket in self.buckets:
            seen += bucket.answers
            if seen >= share * self.answers or bucket.seconds is None:
                return lower, bucket.seconds
            lower = bucket.seconds
        return lower, None


@dataclass(frozen=True, kw_only=True)
class EndpointRecord:
    """An endpoint as it is now, and what it has served."""

    name: str
    model: str
    state: str
    """`waiting`, `serving`, `starting` or `dead`."""
    url: str
    version: int | None = None
    served: tuple[Served, ...] = ()
    """Oldest first."""
    answers: Mapping[str, int] | None = None
    """Answers by HTTP status since the server's start; `None` when it does not answer."""
    latency: tuple[Latency, ...] = ()
    lost_rows: int = 0
    """Captured rows that could not be written."""
    memory_mb: float | None = None
    """Memory of the server's processes, shared pages divided among those that share them."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of one run of a pipeline."""

    name: str
    status: str
    after: tuple[str, ...] = ()
    seconds: float | None = None
    run_id: str | None = None
    adopted: bool = False
    """Whether a run of the same key was there before."""
    reason: str | None = None
    """Why it did not end well."""


@dataclass(frozen=True, kw_only=True)
class PipelineRun:
    """One run of a pipeline: steps, gates, outcome."""

    run: Run
    outcome: str
    """`passed`, `refused`, `failed`, `stopped` or `running`."""
    steps: tuple[Step, ...] = ()
    gates: tuple[Judgement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One try of a search."""

    number: int
    parameters: Mapping[str, Any]
    value: float | None
    """The metric; `None` when the trial did not finish."""
    state: str
    seconds: float | None = None
    reason: str | None = None
    """Why it has no value."""


@dataclass(frozen=True, kw_only=True)
class SearchRun:
    """One run of a hyperparameter search."""

    run: Run
    metric: str
    goal: str
    """`maximize` or `minimize`."""
    trials: tuple[Trial, ...] = ()

    @property
    def best(self) -> Trial | None:
        """The trial that counts; the earliest of equal ones."""
        scored = [trial for trial in self.trials if trial.value is not None]
        sign = -1.0 if self.goal == "maximize" else 1.0
        return min(scored, key=lambda trial: sign * (trial.value or 0.0), default=None)


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """How values spread: shares of bins between edges, or of categories."""

    shares: tuple[float, ...]
    """Sum 1 or less."""
    edges: tuple[float, ...] = ()
    """One more than shares, for numbers."""
    labels: tuple[str, ...] = ()
    """As many as shares, for categories."""


@dataclass(frozen=True, kw_only=True)
class ColumnSignal:
    """What a signal found of one column."""

    name: str
    kind: str
    """`number` or `category`."""
    alarm: bool
    value: float | None
    """Distance for drift, share of the rows for quality."""
    reason: str = ""
    """Why it could not be compared, or what is bad."""
    baseline: Distribution | None = None
    """`None` where there is none to compare, and of old checks."""
    current: Distribution | None = None


@dataclass(frozen=True, kw_only=True)
class SignalRecord:
    """What one signal of a check found."""

    name: str
    alarm: bool | None
    """`None` when there was no verdict."""
    value: float | None
    threshold: float | None
    """Where `value` becomes an alarm."""
    column_threshold: float | None = None
    """From which a column's `value` counts."""
    reason: str = ""
    columns: tuple[ColumnSignal, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of a monitor."""

    run: Run
    alarm: bool | None
    """`None` when there was no verdict: too few rows, or the check failed."""
    reason: str = ""
    rows: int | None = None
    new_rows: int | None = None
    """Rows since the last check; `rows` were looked at."""
    model_version: str | None = None
    signals: tuple[SignalRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Validation:
    """One run of a data contract."""

    run: Run
    passed: bool | None
    """`None` when the run ended without a verdict."""
    rows: int | None = None
    faults: tuple[str, ...] = ()
    """What the data break, in words."""


@dataclass(frozen=True, kw_only=True)
class PolicyEvent:
    """What a policy was told, and what it decided."""

    at: str
    """UTC, ISO 8601."""
    event: str
    reason: str
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PolicyRecord:
    """A retraining policy: where it is, and how it got there."""

    name: str
    phase: str
    reason: str
    events: tuple[PolicyEvent, ...] = ()
    """Oldest first; only those that counted."""


@dataclass(frozen=True, kw_only=True)
class StackRecords:
    """Everything that one stack has done and is now."""

    project: str
    stack: str
    target: str
    made: str
    """When it was read: UTC, ISO 8601."""
    place: str
    """Folder that the records lie in."""
    runs: tuple[Run, ...] = ()
    """Of every kind, newest first."""
    versions: tuple[VersionRecord, ...] = ()
    """Of every model; of each the newest first."""
    endpoints: tuple[EndpointRecord, ...] = ()
    pipelines: tuple[PipelineRun, ...] = ()
    """Newest first, as the other runs below."""
    searches: tuple[SearchRun, ...] = ()
    checks: tuple[Check, ...] = ()
    validations: tuple[Validation, ...] = ()
    policies: tuple[PolicyRecord, ...] = ()
    version: int = field(default=VERSION, init=False)

    def document(self) -> dict[str, Any]:
        """Return the records as a JSON document; its keys are the fields of these classes."""
        return asdict(self)
