"""Long-running operations: they take several looks, and their effect comes with the last.

An operation moves on whenever something of its service is read, so that a caller who lost its name
sees the effect too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.clouds.gcp.calls import Body, Call, CloudError, Status, invalid, not_found
from tests.clouds.gcp.hooks import Run, RunState
from tests.clouds.gcp.routes import by_id
from tests.contract.walkers import discovery

_VERSIONED = re.compile(r"^GoogleCloud([A-Z][a-z]+)(V\d+(?:beta\d+)?)([A-Z].*)$")
EMPTY = "google.protobuf.Empty"


@dataclass
class Operation:
    """Something that is being done."""

    service: str
    name: str
    target: str
    """The name of the resource that it makes or changes."""
    effect: Callable[[], Body]
    """What its last look does; it answers the response."""
    answers: str
    """The full name of the response's message."""
    metadata: Body
    looks: int
    """How many more it takes."""
    error: Body | None = None
    response: Body | None = None
    run: Run | None = None
    """Work that must end first."""
    watch: Callable[[Run], None] = field(default=lambda _: None)
    """Tells the work that somebody looks."""
    undo: Callable[[], None] = field(default=lambda: None)
    """What is to be done when it fails."""

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.error is not None or self.response is not None

    def look(self) -> None:
        """Move on; end with the last look."""
        if self.done:
            return
        self.looks -= 1
        if self.run is not None and not self.run.ended.is_set():
            self.watch(self.run)
        if self.looks <= 0 and (self.run is None or self.run.ended.is_set()):
            self.end()

    def end(self) -> None:
        """Do it."""
        try:
            self._refuse_failed_run()
            self.response = {"@type": f"type.googleapis.com/{self.answers}", **self.effect()}
        except CloudError as error:
            self.fail(error)

    def _refuse_failed_run(self) -> None:
        if self.run is not None and self.run.state is not RunState.SUCCEEDED:
            raise CloudError(Status.FAILED_PRECONDITION, self.run.reason or "The work failed.")

    def fail(self, error: CloudError) -> None:
        """End without the effect."""
        self.error = error.rpc()
        self.undo()

    def body(self) -> Body:
        """Return it as it is answered."""
        told: Body = {"name": self.name, "metadata": self.metadata}
        if self.error is not None:
            return {**told, "done": True, "error": self.error}
        if self.response is not None:
            return {**told, "done": True, "response": self.response}
        return told


class Operations:
    """All operations, oldest first."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Operation] = {}

    def add(self, operation: Operation) -> Operation:
        """Keep one."""
        self._all[operation.service, operation.name] = operation
        return operation

    def get(self, service: str, name: str) -> Operation:
        """Return one.

        Raises:
            CloudError: NOT_FOUND.
        """
        found = self._all.get((service, name))
        if found is None:
            raise not_found(name)
        return found

    def below(self, service: str, prefix: str) -> list[Operation]:
        """Return those whose names begin so."""
        return [
            one
            for (of, name), one in self._all.items()
            if of == service and name.startswith(prefix)
        ]

    def pending(self, service: str, target: str) -> list[Operation]:
        """Return those that still change a resource."""
        return [
            one
            for (of, _), one in self._all.items()
            if of == service and one.target == target and not one.done
        ]

    def tick(self, service: str) -> None:
        """Move on all of a service."""
        for (of, _), one in list(self._all.items()):
            if of == service:
                one.look()

    def forget(self, service: str, name: str) -> None:
        """Forget one that has ended."""
        self._all.pop((service, name), None)

    def cancel(self, service: str, name: str) -> None:
        """End one without its effect; one that has ended stays as it is."""
        one = self.get(service, name)
        if not one.done:
            if one.run is not None:
                one.run.stopping.set()
            one.fail(CloudError(Status.CANCELLED, "Operation was cancelled."))


def message(api: str, schema: str) -> str:
    """Return the full name of a schema's message, as `google.cloud.run.v2.Service`."""
    found = _VERSIONED.match(schema)
    if found is None:
        service, _, version = api.partition(".")
        return f"google.cloud.{service}.{version}.{schema}"
    product, version, name = found.groups()
    return f"google.cloud.{product.lower()}.{version.lower()}.{name}"


def metadata(call: Call, schema: str, stamp: str) -> Body:
    """Return an operation's metadata, of the message that the document has for it."""
    verb = {"patch": "Update"}.get(call.verb, call.verb[:1].upper() + call.verb[1:])
    found = _VERSIONED.match(schema)
    if found is None:
        return {"createTime": stamp}
    prefix, name = schema[: found.start(3)], found.group(3)
    schemas = discovery.document(call.route.api)["schemas"]
    for candidate in (f"{verb}{name}OperationMetadata", f"{verb}OperationMetadata"):
        if prefix + candidate in schemas:
            kind = f"type.googleapis.com/{message(call.route.api, prefix + candidate)}"
            if "genericMetadata" in schemas[prefix + candidate].get("properties", {}):
                times = {"createTime": stamp, "updateTime": stamp}
                return {"@type": kind, "genericMetadata": times}
            return {"@type": kind}
    return {}


def place(call: Call, target: str, number: str) -> str:
    """Return an operation's name: below its resource where the document has it so."""
    collection = call.route.id.rpartition(".")[0]
    if f"{collection}.operations.get" in by_id(call.service, call.route.version):
        return f"{target}/operations/{number}"
    parts = target.split("/")
    depth = 4 if parts[2:3] == ["locations"] else 0
    return "/".join([*parts[:depth], "operations", number])


def require_name(call: Call) -> str:
    """Return the name of the operation that a call is about.

    Raises:
        CloudError: INVALID_ARGUMENT.
    """
    name = call.text("name")
    if not name:
        raise invalid("an operation must be named")
    return name
