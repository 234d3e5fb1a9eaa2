"""Rows of a history as entities of Table Storage, and back.

https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlops_iac.runtime.columns import BOOLEAN, INTEGER, NUMBER, STRING, TIMESTAMP
from mlops_iac.runtime.features.group import FeatureSet

VERSION = "mlops_iac_version"
"""Property of each row: the filling that has put it."""
RESERVED = frozenset({"partitionkey", "rowkey", "timestamp", "etag", VERSION})
"""Names that every entity has already, in lower case."""
MOST_PROPERTIES = 252 - 1
"""Of an entity beside its three own ones, less `VERSION`."""
_PARTITION_DIGITS = 2
"""A transaction holds rows of one partition; reads are spread over all 256."""


def address(values: Sequence[str | int]) -> tuple[str, str]:
    """Return partition and key of an entity: hashes, since neither takes every character."""
    text = json.dumps([str(value) for value in values], separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return digest[:_PARTITION_DIGITS], digest


def entity(group: FeatureSet, row: Mapping[str, Any], version: str) -> dict[str, Any]:
    """Return a row of a history as `azure-data-tables` takes it; a missing value is left out."""
    keys = [row[name] for name in group.entities]
    partition, key = address(keys)
    kinds = {**group.features, group.event_time: TIMESTAMP}
    values = {name: _WRITTEN[kind](row[name]) for name, kind in kinds.items() if _has(row, name)}
    return {
        "PartitionKey": partition,
        "RowKey": key,
        VERSION: version,
        **{name: str(row[name]) for name in group.entities},
        **values,
    }


def value_of(found: Mapping[str, Any], name: str, kind: str) -> Any:
    """Return a stored value in its own type, a time as `datetime`; `None` for no value."""
    value = found.get(name)
    return None if value is None else _READ[kind](getattr(value, "value", value))


def _has(row: Mapping[str, Any], name: str) -> bool:
    return row[name] is not None


def _whole(value: int) -> tuple[int, str]:
    # Without its type the client takes 32 bits only.
    return int(value), "Edm.Int64"


def _time(value: datetime) -> str:
    # The store's own times begin in 1601.
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


_WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    STRING: str,
    INTEGER: _whole,
    NUMBER: float,
    BOOLEAN: bool,
    TIMESTAMP: _time,
}
_READ: Mapping[str, Callable[[Any], Any]] = {
    STRING: str,
    INTEGER: int,
    NUMBER: float,
    BOOLEAN: bool,
    TIMESTAMP: datetime.fromisoformat,
}
