"""What the cloud keeps: resources by their full names."""

import copy
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.clouds.gcp.calls import Body


@dataclass
class Record:
    """One resource."""

    service: str
    name: str
    """As `projects/p/locations/r/endpoints/7`."""
    schema: str
    """The schema of `body`; empty where a service has none."""
    body: Body
    """As it is answered, without what changes by itself."""
    hidden: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the cloud knows and does not answer."""

    @property
    def parent(self) -> str:
        """The name of what it is in."""
        return self.name.rsplit("/", 2)[0]

    @property
    def collection(self) -> str:
        """As `endpoints`."""
        return self.name.rsplit("/", 2)[1]

    @property
    def id(self) -> str:
        """The last part of the name."""
        return self.name.rpartition("/")[2]

    def etag(self) -> str:
        """Return a mark of the content."""
        content = json.dumps(self.body, sort_keys=True, default=str).encode()
        return hashlib.sha256(content).hexdigest()[:16]


class Store:
    """Resources of all services, oldest first."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], Record] = {}
        self._before: dict[tuple[str, str], Body | None] = {}
        self._numbers = 1000

    def get(self, service: str, name: str) -> Record | None:
        """Return a resource."""
        return self._records.get((service, name))

    def add(self, record: Record) -> Record:
        """Keep a resource."""
        self._before[record.service, record.name] = None
        self._records[record.service, record.name] = record
        return record

    def remove(self, service: str, name: str) -> None:
        """Forget a resource and what is below it."""
        for record in [*self.below(service, name)]:
            self._records.pop((service, record.name), None)
        self._records.pop((service, name), None)

    def children(self, service: str, parent: str, collection: str) -> Iterator[Record]:
        """Yield the resources of a collection; `-` in the parent stands for any."""
        wanted = parent.split("/")
        for record in list(self._records.values()):
            if record.service == service and record.collection == collection:
                have = record.parent.split("/")
                if len(have) == len(wanted) and all(
                    ask in {"-", one} for ask, one in zip(wanted, have, strict=True)
                ):
                    yield record

    def below(self, service: str, name: str) -> Iterator[Record]:
        """Yield everything beneath a name."""
        for record in list(self._records.values()):
            if record.service == service and record.name.startswith(f"{name}/"):
                yield record

    def everything(self) -> list[Record]:
        """Return all resources."""
        return list(self._records.values())

    def remember(self, record: Record) -> None:
        """Keep what a resource was, for a read that is to be stale."""
        self._before[record.service, record.name] = copy.deepcopy(record.body)

    def stale(self, record: Record) -> Body | None:
        """Return what a resource was before its last change; None when it was not there."""
        return self._before.get((record.service, record.name))

    def number(self) -> str:
        """Return an id as the cloud gives one: digits that nothing else has."""
        self._numbers += 1
        digest = hashlib.sha256(str(self._numbers).encode()).hexdigest()
        return str(int(digest[:15], 16) % 9 + 1) + str(int(digest[:15], 16)).zfill(18)[:17]
