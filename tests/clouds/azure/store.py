"""What the cloud keeps: resources by their ids, whose case means nothing."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.azure.calls import Body


@dataclass
class Record:
    """One resource."""

    id: str
    """As it was first written."""
    type: str
    """As Azure writes it, as `Microsoft.Storage/storageAccounts`."""
    body: Body
    """As it is answered, but for `id`, `name` and `type`."""
    hidden: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the cloud knows and does not answer."""

    @property
    def name(self) -> str:
        """The last part of the id."""
        return self.id.rpartition("/")[2]

    @property
    def properties(self) -> Body:
        """The body's `properties`, to be read and changed."""
        return self.body.setdefault("properties", {})

    @properties.setter
    def properties(self, told: Body) -> None:
        # `record.properties |= …` sets what it has read.
        self.body["properties"] = told

    @property
    def key(self) -> str:
        """The id as ids are compared."""
        return self.id.lower()

    def shown(self) -> Body:
        """Return it as it is answered."""
        told = {"id": self.id, "name": self.name, "type": self.type}
        return {**told, **copy.deepcopy(self.body)}


class Store:
    """All resources, oldest first."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._before: dict[str, Body | None] = {}
        self._numbers = 1000

    def get(self, resource: str) -> Record | None:
        """Return a resource."""
        return self._records.get(resource.lower())

    def add(self, record: Record) -> Record:
        """Keep a resource."""
        self._before[record.key] = None
        self._records[record.key] = record
        return record

    def remove(self, resource: str) -> list[Record]:
        """Forget a resource and what is below it; return them, the deepest first."""
        gone = [*self.below(resource)][::-1]
        own = self.get(resource)
        gone += [own] if own else []
        for record in gone:
            self._records.pop(record.key, None)
        return gone

    def children(self, scope: str, type_: str) -> Iterator[Record]:
        """Yield the resources of a type below a scope, at any depth."""
        above, wanted = f"{scope.lower().rstrip('/')}/", type_.lower()
        for record in list(self._records.values()):
            if record.type.lower() == wanted and record.key.startswith(above):
                yield record

    def of_type(self, type_: str) -> Iterator[Record]:
        """Yield all resources of a type."""
        return self.children("", type_)

    def below(self, resource: str) -> Iterator[Record]:
        """Yield everything beneath an id."""
        above = f"{resource.lower()}/"
        for record in list(self._records.values()):
            if record.key.startswith(above):
                yield record

    def everything(self) -> list[Record]:
        """Return all resources."""
        return list(self._records.values())

    def remember(self, record: Record) -> None:
        """Keep what a resource was, for a read that is to be stale."""
        self._before[record.key] = copy.deepcopy(record.body)

    def stale(self, record: Record) -> Body | None:
        """Return what a resource was before its last change; None when it was not there."""
        return self._before.get(record.key)

    def number(self) -> int:
        """Return a number that nothing else has."""
        self._numbers += 1
        return self._numbers
