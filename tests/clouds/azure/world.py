"""The state of one cloud, and what changes it from many threads."""

from collections.abc import Callable, Mapping
from importlib import import_module, util
from pathlib import Path
from typing import Any

from tests.clouds import world
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
from tests.clouds.azure.hooks import Run, RunKind, Work
from tests.clouds.azure.identities import Identities, Identity
from tests.clouds.azure.operations import Operation, Operations
from tests.clouds.azure.store import Record, Store
from tests.clouds.faults import FaultKind
from tests.clouds.world import Heard

_EVENTS = "tests.clouds.azure.services.events"


class World(world.World[Run]):
    """One subscription of Azure."""

    def __init__(self, root: Path, work: Work, subscription: str = SUBSCRIPTION) -> None:
        self.subscription = subscription
        self.tenant = TENANT
        self.region = REGION
        self.authority = ""
        """The file of the certificate that signed the cloud's."""
        super().__init__(root, work, REFUSALS)

    def fresh(self) -> None:
        """Have nothing but what a new subscription has."""
        super().fresh()
        self.store = Store()
        self.operations = Operations()
        self.identities = Identities()
        self.pace["roles"] = 0
        self.decides = False
        """Whether role assignments decide who may do what."""
        self.quotas: dict[str, int] = {}

    @staticmethod
    def key(name: str) -> str:
        """Return what a run is found by: ids are told in any case."""
        return name.lower()

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
            root=self.folder(kind, name),
            environment=self.environment,
            resource=self._shown,
            child=lambda own, told: self.holding(lambda: keep(own, told)),
            report=lambda state, told: self.holding(lambda: heard(state, told)),
        )
        return self.launch(run)

    def _shown(self, resource: str) -> Body | None:
        with self.lock:
            record = self.store.get(resource)
            return record.shown() if record else None


def _fails() -> Body:
    raise CloudError(500, "InternalServerError", "An internal error occurred, as was asked for.")
