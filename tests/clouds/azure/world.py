"""The state of one cloud, and what changes it from many threads."""

import threading
from collections.abc import Callable, Mapping
from importlib import import_module, util
from pathlib import Path
from typing import Any

from tests.clouds.azure.addresses import (
    REGION,
    SECRET,
    SECRET_OF,
    SUBSCRIPTION,
    TENANT,
    USER,
    variables,
)
from tests.clouds.azure.calls import Body, CloudError, not_found
from tests.clouds.azure.faults import REFUSALS
from tests.clouds.azure.hooks import Run, RunKind, RunState, Work
from tests.clouds.azure.identities import Identities, Identity
from tests.clouds.azure.operations import Operation, Operations
from tests.clouds.azure.store import Record, Store
from tests.clouds.clock import Clock
from tests.clouds.faults import Fault, FaultKind, Faults

Heard = Callable[[RunState, Mapping[str, Any]], None]
_EVENTS = "tests.clouds.azure.services.events"


class World:
    """One subscription of Azure."""

    def __init__(self, root: Path, work: Work, subscription: str = SUBSCRIPTION) -> None:
        self.root = root
        self.work = work
        self.subscription = subscription
        self.tenant = TENANT
        self.region = REGION
        self.address = ""
        self.authority = ""
        """The file of the certificate that signed the cloud's."""
        self.lock = threading.RLock()
        self.faults = Faults(REFUSALS)
        self._due = threading.local()
        self._fresh()

    def _fresh(self) -> None:
        self.clock = Clock()
        self.store = Store()
        self.operations = Operations()
        self.identities = Identities()
        self.pace = {"operations": 2, "roles": 0}
        self.decides = False
        """Whether role assignments decide who may do what."""
        self.quotas: dict[str, int] = {}
        self.calls: list[Body] = []
        self.runs: dict[str, Run] = {}
        self.services: dict[str, Any] = {}
        self.fault: Fault | None = None

    def state(self, name: str, make: Callable[[], Any]) -> Any:
        """Return a service's own state beside the store, made when first used."""
        return self.services.setdefault(name, make())

    def find(self, resource: str) -> Record:
        """Return a resource.

        Raises:
            CloudError: 404.
        """
        record = self.store.get(resource)
        if record is None:
            raise not_found(resource)
        return record

    def named(self, type_: str, name: str) -> Record:
        """Return the resource of a type whose name is unique in Azure, as a storage account.

        Raises:
            CloudError: 404.
        """
        for record in self.store.of_type(type_):
            if record.name.lower() == name.lower():
                return record
        raise not_found(f"{type_}/{name}")

    def reserve(self, type_: str) -> None:
        """Judge whether one more resource of a type may be made.

        Raises:
            CloudError: when a quota is full.
        """
        limit = self.quotas.get(type_.lower())
        if limit is not None and len([*self.store.of_type(type_)]) >= limit:
            text = f"Operation could not be completed as it results in exceeding quota {limit}"
            raise CloudError(400, "QuotaExceeded", f"{text} of `{type_}`.")

    def secret_of(self, identity: str) -> str:
        """Return what a machine that has an identity (or several) tells the identity endpoint."""
        if not identity:
            return SECRET
        found = [self.identities.find(one).principal for one in identity.split(",")]
        return SECRET_OF + ",".join(found)

    def identity_for(self, secret: str, client: str) -> Identity:
        """Return who a machine is, when it asks for an identity by its client id or for its own.

        Raises:
            CloudError: 401 for a wrong secret, 400 for an identity that the machine has not.
        """
        if secret == SECRET:
            return self.identities.find(client) if client else Identity(USER, USER)
        if not secret.startswith(SECRET_OF):
            raise CloudError(401, "Unauthorized", "The secret of the identity endpoint is wrong.")
        own = [self.identities.find(one) for one in secret.removeprefix(SECRET_OF).split(",")]
        for one in own:
            if client in {"", one.client}:
                return one
        raise CloudError(400, "invalid_request", f"Identity `{client}` not found on this machine.")

    def environment(self, identity: str = "") -> Mapping[str, str]:
        """Return the variables that point a process at this cloud, as an identity or the user."""
        secret = self.secret_of(identity)
        return variables(self.address, self.authority, self.subscription, secret)

    def emit(self, source: str, kind: str, subject: str, data: Body) -> None:
        """Tell Event Grid what happened to a resource, once the lock is free.

        Args:
            source: the resource's id.
            kind: as `Microsoft.MachineLearningServices.RunCompleted`.
            subject: the event's.
            data: the event's.
        """
        if util.find_spec(_EVENTS) is not None:
            publish = import_module(_EVENTS).publish
            self.later(lambda: publish(self, source, kind, subject, data))

    def begin_operation(self, operation: Operation) -> Operation:
        """Begin an operation."""
        self.operations.add(operation)
        operation.watch = self.work.look
        if self.fault is not None and self.fault.kind is FaultKind.OPERATION:
            operation.effect = _fails
        if operation.looks <= 0:
            operation.look()
        return operation

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

    def begin(
        self,
        kind: RunKind,
        name: str,
        request: Mapping[str, Any],
        heard: Heard,
        child: Callable[[str, Mapping[str, Any]], None] | None = None,
    ) -> Run:
        """Start work, once the lock is free."""
        keep = child or (lambda *_: None)
        run = Run(
            kind=kind,
            name=name,
            request=request,
            root=self.root / kind.value / name.strip("/").replace("/", "-"),
            environment=self.environment,
            resource=self._shown,
            child=lambda own, told: self.holding(lambda: keep(own, told)),
            report=lambda _, state, told: self.holding(lambda: heard(state, told)),
        )
        self.runs[name.lower()] = run
        self.later(lambda: self._start(run))
        return run

    def _shown(self, resource: str) -> Body | None:
        with self.lock:
            record = self.store.get(resource)
            return record.shown() if record else None

    def _start(self, run: Run) -> None:
        try:
            self.work.start(run)
        except Exception as error:  # noqa: BLE001 - it is the run's failure, whatever it is
            run.finish(RunState.FAILED, f"{type(error).__name__}: {error}")

    def look(self, name: str) -> None:
        """Tell the work that somebody asked how it stands."""
        run = self.runs.get(name.lower())
        if run is not None:
            self.work.look(run)

    def retire(self, name: str) -> None:
        """End what runs or serves under a name."""
        run = self.runs.pop(name.lower(), None)
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
    raise CloudError(500, "InternalServerError", "An internal error occurred, as was asked for.")
