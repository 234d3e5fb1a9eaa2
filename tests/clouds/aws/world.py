"""The cloud's whole state, and how things happen in it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.backends import get_backend

from tests.clouds.aws.calls import Answer, Application, Call
from tests.clouds.aws.events import Event
from tests.clouds.aws.faults import Faults
from tests.clouds.aws.hooks import Run, RunKind, RunState, Work
from tests.clouds.aws.store import Record, Store
from tests.clouds.world import Locked

Handler = Callable[["World", Call], Any]
"""Does an operation; returns the result's members, or a whole answer. It runs under the lock."""
Heard = Callable[[RunState, Mapping[str, Any]], None]

PACE: Mapping[str, int] = {"Endpoint": 1}
"""How many descriptions show a passing state, by kind; what is not named settles at once."""
_backends: Callable[[str], Any] = get_backend  # pyright: ignore[reportAssignmentType]


@dataclass
class World(Locked):
    """Everything that one test cloud knows."""

    account: str
    root: Path
    work: Work
    moto: Application
    address: str = ""
    client: Callable[[str, str], Any] = field(default=lambda *_: None)
    """boto3 clients of this cloud, by service and region."""
    faults: Faults = field(default_factory=Faults)
    pace: dict[str, int] = field(default_factory=lambda: dict(PACE))
    events: list[Event] = field(default_factory=list[Event])
    """All that were sent to EventBridge's default buses, oldest first."""
    copies: int = 1
    """How often each event is delivered: EventBridge promises once, and more is allowed."""
    calls: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    """What was called, oldest first, with how it ended."""
    judges_roles: bool = False
    """Whether a role that SageMaker is given must be there and trust it."""
    target_tags: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    """Tags of scalable targets, by ARN."""
    holds_offline: bool = False
    """Whether what is put into feature groups waits before it is in their offline stores."""
    clock: float = 0.0
    """Seconds that the schedules' time is ahead."""
    store: Store = field(init=False)
    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    """What runs or serves, by ARN."""

    def __post_init__(self) -> None:
        super().__init__()
        self.store = Store(self.account)

    def backend(self, service: str, region: str = "aws") -> Any:
        """Return moto's own state of a service; `aws` is the region of those that have none."""
        return _backends(service)[self.account][region]

    def backends(self, service: str) -> Iterable[Any]:
        """Return moto's own states of a service, of every region that was used."""
        return list(_backends(service)[self.account].values())

    def forward(self, call: Call, params: Mapping[str, Any] | None = None) -> Answer:
        """Let moto do the operation."""
        return call.to(self.moto, params)

    def begin(self, kind: RunKind, record: Record, request: Mapping[str, Any], heard: Heard) -> Run:
        """Start the work behind a record, once the lock is free."""
        name = record.key.rpartition("/")[2]
        run = Run(
            kind=kind,
            name=name,
            arn=record.arn,
            region=record.region,
            request=request,
            root=self.root / kind.value / record.key.replace("/", "-"),
            client=lambda service: self.client(service, record.region),
            environment=self.environment(record.region),
            report=lambda _, state, told: self.holding(lambda: heard(state, told)),
        )
        self.runs[run.arn] = run
        self.later(lambda: self._start(run))
        return run

    def _start(self, run: Run) -> None:
        try:
            self.work.start(run)
        except Exception as error:  # noqa: BLE001 - it is the run's failure, whatever it is
            run.finish(RunState.FAILED, f"{type(error).__name__}: {error}")

    def stop(self, arn: str) -> None:
        """Tell a run to stop."""
        run = self.runs.get(arn)
        if run is not None:
            run.stopping.set()

    def environment(self, region: str) -> Mapping[str, str]:
        """Return the variables that point a process at this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def forget(self) -> None:
        """Become as new; running work is stopped."""
        for run in list(self.runs.values()):
            run.stopping.set()
        with self.lock:
            self.store = Store(self.account)
            self.faults.clear()
            self.pace = dict(PACE)
            self.runs.clear()
            self.events.clear()
            self.calls.clear()
            self.target_tags.clear()
            self.copies, self.clock = 1, 0.0
            self.holds_offline = self.judges_roles = False
