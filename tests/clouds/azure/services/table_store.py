"""What the tables of storage accounts hold: entities by partition and row, with their etags."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.clouds.azure.calls import Body
from tests.clouds.azure.services.planes import Refusal
from tests.clouds.azure.services.table_filters import Keeps
from tests.clouds.azure.world import World

Key = tuple[str, str]
_FORBIDDEN = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_MOST_PROPERTIES, _TEXT_BYTES, _ENTITY_BYTES = 252, 64 * 1024, 1024 * 1024
_OWN = ("Timestamp", "odata.etag", "odata.metadata")


class Tables:
    """Entities of all tables."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], dict[Key, Body]] = {}
        self._last = datetime.min.replace(tzinfo=UTC)

    def of(self, account: str, table: str) -> dict[Key, Body]:
        """Return a table's entities."""
        return self.tables.setdefault((account, table.lower()), {})

    def drop(self, account: str, table: str) -> None:
        """Forget a table's entities."""
        self.tables.pop((account, table.lower()), None)

    def find(self, account: str, table: str, key: Key) -> Body:
        """Return an entity.

        Raises:
            Refusal: 404.
        """
        found = self.of(account, table).get(key)
        if found is None:
            raise Refusal(404, "ResourceNotFound", "The specified resource does not exist.")
        return found

    def insert(self, account: str, table: str, entity: Body, now: datetime) -> Body:
        """Keep a new entity.

        Raises:
            Refusal: 409 when it is there.
        """
        if key_of(entity) in self.of(account, table):
            raise Refusal(409, "EntityAlreadyExists", "The specified entity already exists.")
        return self._keep(account, table, entity, now)

    def change(
        self,
        account: str,
        table: str,
        entity: Body,
        match: str | None,
        now: datetime,
        *,
        merge: bool,
    ) -> Body:
        """Replace an entity or merge into it; without `match` it is made when it is not there.

        Raises:
            Refusal: 404 or 412 when `match` does not hold.
        """
        before = self.of(account, table).get(key_of(entity))
        if match is not None:
            judge(self.find(account, table, key_of(entity)), match)
        if merge and before is not None:
            kept = {name: value for name, value in before.items() if name not in _OWN}
            for name in entity:
                kept.pop(f"{name}@odata.type", None)
            entity = {**kept, **entity}
        return self._keep(account, table, entity, now)

    def delete(self, account: str, table: str, key: Key, match: str) -> None:
        """Forget an entity.

        Raises:
            Refusal: 404 or 412.
        """
        judge(self.find(account, table, key), match)
        del self.of(account, table)[key]

    def query(self, account: str, table: str, keeps: Keeps) -> list[Body]:
        """Return entities in the order of their keys."""
        kept = self.of(account, table)
        return [kept[key] for key in sorted(kept) if keeps(kept[key])]

    def _keep(self, account: str, table: str, entity: Body, now: datetime) -> Body:
        _judge_entity(entity)
        # Each write has a time of its own: it is the etag.
        self._last = max(now, self._last + timedelta(microseconds=1))
        stamp = self._last.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
        own = {name: value for name, value in entity.items() if name not in _OWN}
        own["Timestamp"] = stamp
        own["odata.etag"] = f"W/\"datetime'{quote(stamp, safe='')}'\""
        self.of(account, table)[key_of(own)] = own
        return own


def tables(world: World) -> Tables:
    """Return the cloud's entities."""
    return world.state("tables", Tables)


def key_of(entity: Mapping[str, Any]) -> Key:
    """Return an entity's key.

    Raises:
        Refusal: when it has none.
    """
    try:
        return entity["PartitionKey"], entity["RowKey"]
    except KeyError as error:
        message = f"The values are not specified for all properties in the entity: {error}."
        raise Refusal(400, "PropertiesNeedValue", message) from None


def judge(entity: Body, match: str) -> None:
    """Refuse a change whose condition does not hold.

    Raises:
        Refusal: 412.
    """
    if match not in {"*", entity["odata.etag"]}:
        message = "The update condition specified in the request was not satisfied."
        raise Refusal(412, "UpdateConditionNotSatisfied", message)


def _judge_entity(entity: Body) -> None:
    key: tuple[Any, Any] = key_of(entity)
    for name, value in zip(("PartitionKey", "RowKey"), key, strict=True):
        if not isinstance(value, str) or _FORBIDDEN.search(value):
            message = f"The '{name}' parameter of value '{value}' is out of range."
            raise Refusal(400, "OutOfRangeInput", message)
    names = [name for name in entity if "odata." not in name]
    if len(names) > _MOST_PROPERTIES + 3:
        raise Refusal(400, "TooManyProperties", "The entity contains more properties than allowed.")
    if any(len(str(entity[name]).encode("utf-16-le")) > _TEXT_BYTES for name in names):
        message = "The property value exceeds the maximum allowed size (64KB)."
        raise Refusal(400, "PropertyValueTooLarge", message)
    if len(json.dumps(entity)) > _ENTITY_BYTES:
        raise Refusal(400, "EntityTooLarge", "The entity is larger than the maximum allowed size.")
