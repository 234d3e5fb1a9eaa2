"""The state of one cloud, and what changes it from many threads."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.clouds import world
from tests.clouds.faults import FaultKind
from tests.clouds.gcp.addresses import ACCOUNT_TOKEN, NUMBER, PROJECT, TOKEN, USER, variables
from tests.clouds.gcp.calls import Body, CloudError, Status, exists, not_found
from tests.clouds.gcp.faults import REFUSALS
from tests.clouds.gcp.hooks import Run, RunKind, Work
from tests.clouds.gcp.identities import is_identity
from tests.clouds.gcp.operations import Operation, Operations
from tests.clouds.gcp.store import Record, Store
from tests.clouds.world import Heard

# What answers with the project's number where a request may name it by its id.
_NUMBERED = frozenset({"aiplatform"})
_PROJECT = re.compile(r"^projects/([^/]+)")


class World(world.World[Run]):
    """One project of Google Cloud."""

    def __init__(self, root: Path, work: Work, project: str = PROJECT) -> None:
        self.project = project
        self.number = NUMBER
        super().__init__(root, work, REFUSALS)

    def fresh(self) -> None:
        """Have nothing but what a new project has."""
        super().fresh()
        self.store = Store()
        self.operations = Operations()
        self.policies: dict[tuple[str, str], Body] = {}
        self.quotas: dict[tuple[str, str], int] = {}

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

    def begin(self, kind: RunKind, name: str, request: Mapping[str, Any], heard: Heard) -> Run:
        """Start work, once the lock is free."""
        run = Run(
            kind=kind,
            name=name,
            request=request,
            root=self.folder(kind, name),
            environment=self.environment,
            report=lambda state, told: self.holding(lambda: heard(state, told)),
        )
        return self.launch(run)


def _fails() -> Body:
    raise CloudError(Status.INTERNAL, "An internal error occurred, as was asked for.")
