"""The state of one cloud, and what changes it from many threads."""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.clouds.clock import Clock
from tests.clouds.faults import Fault, FaultKind, Faults
from tests.clouds.gcp.addresses import ACCOUNT_TOKEN, NUMBER, PROJECT, TOKEN, USER, variables
from tests.clouds.gcp.calls import Body, CloudError, Status, exists, not_found
from tests.clouds.gcp.faults import REFUSALS
from tests.clouds.gcp.hooks import Run, RunKind, RunState, Work
from tests.clouds.gcp.identities import is_identity
from tests.clouds.gcp.operations import Operation, Operations
from tests.clouds.gcp.store import Record, Store

# What answers with the project's number where a request may name it by its id.
_NUMBERED = frozenset({"aiplatform"})
_PROJECT = re.compile(r"^projects/([^/]+)")

Heard = Callable[[RunState, Mapping[str, Any]], None]


class World:
    """One project of Google Cloud."""

    def __init__(self, root: Path, work: Work, project: str = PROJECT) -> None:
        self.root = root
        self.work = work
        self.project = project
        self.number = NUMBER
        self.address = ""
        self.lock = threading.RLock()
        self.faults = Faults(REFUSALS)
        self._due = threading.local()
        self._fresh()

    def _fresh(self) -> None:
        self.clock = Clock()
        self.store = Store()
        self.operations = Operations()
        self.policies: dict[tuple[str, str], Body] = {}
        self.pace = {"operations": 2}
        self.quotas: dict[tuple[str, str], int] = {}
        self.calls: list[Body] = []
        self.runs: dict[str, Run] = {}
        self.services: dict[str, Any] = {}
        self.fault: Fault | None = None

    def state(self, name: str, make: Callable[[], Any]) -> Any:
        """Return a service's own state beside the store, made when first used."""
        return self.services.setdefault(name, make())

    def canonical(self, service: str, name: str) -> str:
        """Return a resource's name with the project as the service itself writes it."""
        found = _PROJECT.match(name)
        if found is None or found.group(1) not in {self.project, self.number}:
            return name
        written = self.number if service in _NUMBERED else self.project
        return f"projects/{written}{name[found.end() :]}"

    def find(self, service: str, name: str) -> Record:
        """Return a resource.

        Raises:
            CloudError: NOT_FOUND.
        """
        record = self.store.get(service, self.canonical(service, name))
        if record is None:
            raise not_found(name)
        return record

    def reserve(self, service: str, name: str) -> None:
        """Judge whether one more resource may be made.

        Raises:
            CloudError: when the name is taken, also by what is still being made, or a quota full.
        """
        if self.store.get(service, name) or self.operations.pending(service, name):
            raise exists(name)
        collection = name.rsplit("/", 2)[1]
        limit = self.quotas.get((service, collection))
        have = [one for one in self.store.everything() if one.service == service]
        if limit is not None and sum(one.collection == collection for one in have) >= limit:
            violation = {"subject": f"projects/{self.number}", "description": collection}
            raise CloudError(
                Status.RESOURCE_EXHAUSTED,
                f"Quota limit `{limit}` of `{service}` for `{collection}` is exceeded.",
                **{"@type": "type.googleapis.com/google.rpc.QuotaFailure"},
                violations=[violation],
            )

    def caller(self, token: str) -> str:
        """Return whose token it is.

        Raises:
            CloudError: UNAUTHENTICATED.
        """
        if token.startswith(ACCOUNT_TOKEN):
            return token.removeprefix(ACCOUNT_TOKEN)
        if not token or is_identity(token):
            raise CloudError(
                Status.UNAUTHENTICATED,
                "Request is missing required authentication credential. Expected OAuth 2 access "
                "token, login cookie or other valid authentication credential.",
            )
        return USER

    def token_of(self, account: str) -> str:
        """Return the token of a service account."""
        return f"{ACCOUNT_TOKEN}{account}"

    def environment(self, account: str = "") -> Mapping[str, str]:
        """Return the variables that point a process at this cloud, as an account."""
        token = self.token_of(account) if account else TOKEN
        return variables(self.address, self.project, token)

    def start(self, operation: Operation) -> Body:
        """Begin an operation; return it as it is answered."""
        self.operations.add(operation)
        operation.watch = self.work.look
        if self.fault is not None and self.fault.kind is FaultKind.OPERATION:
            operation.effect = _fails
        if operation.looks <= 0:
            operation.look()
        return operation.body()

    def later(self, action: Callable[[], None]) -> None:
        """Do something once this thread has let go of the lock."""
        self._queue().append(action)

    def holding(self, action: Callable[[], Any]) -> Any:
        """Do something under the lock, then what it left for later."""
        try:
            with self.lock:
                return action()
        finally:
            self._drain()

    def _drain(self) -> None:
        # Inner calls leave their rest to the outermost, which holds no lock any more.
        if self.lock._is_owned():  # pyright: ignore[reportAttributeAccessIssue]
            return
        queue = self._queue()
        while queue:
            queue.pop(0)()

    def _queue(self) -> list[Callable[[], None]]:
        if not hasattr(self._due, "queue"):
            self._due.queue = []
        return self._due.queue

    def begin(self, kind: RunKind, name: str, request: Mapping[str, Any], heard: Heard) -> Run:
        """Start work, once the lock is free."""
        run = Run(
            kind=kind,
            name=name,
            request=request,
            root=self.root / kind.value / name.replace("/", "-"),
            environment=self.environment,
            report=lambda _, state, told: self.holding(lambda: heard(state, told)),
        )
        self.runs[name] = run
        self.later(lambda: self._start(run))
        return run

    def _start(self, run: Run) -> None:
        try:
            self.work.start(run)
        except Exception as error:  # noqa: BLE001 - it is the run's failure, whatever it is
            run.finish(RunState.FAILED, f"{type(error).__name__}: {error}")

    def look(self, name: str) -> None:
        """Tell the work that somebody asked how it stands, once the lock is free."""
        run = self.runs.get(name)
        if run is not None:
            self.work.look(run)

    def retire(self, name: str) -> None:
        """End what runs or serves under a name."""
        run = self.runs.pop(name, None)
        if run is not None:
            run.stopping.set()
            self.later(lambda: self.work.retire(run))

    def forget(self) -> None:
        """Become as new; running work is stopped."""
        for run in list(self.runs.values()):
            run.stopping.set()
            self.work.retire(run)
        with self.lock:
            self.faults.clear()
            self._fresh()


def _fails() -> Body:
    raise CloudError(Status.INTERNAL, "An internal error occurred, as was asked for.")
