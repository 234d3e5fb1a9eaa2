"""Reading features by key, as a serving program does."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.columns import TIMESTAMP
from mlops_iac.runtime.features.entities import entity_keys
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac_azure.features.document import Filled
from mlops_iac_azure.features.entities import value_of
from mlops_iac_azure.features.online import find, table_of
from mlops_iac_azure.session import Place

_PARALLEL = 8
"""Requests at a time: a point query answers one entity."""


def read(
    where: Place, filled: Filled, entities: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Return the newest values of entities, in their order, as JSON; times are ISO 8601.

    Each answer has the entity's columns, every feature, and the event time of its values. Values
    of an unknown entity are `None`, and so are those that are older than `ttl` at `now`.

    Raises:
        OperationError: the group has no online values, or no such entities.
        AzureError: the store cannot be read.
    """
    definition = filled.definition
    group = definition.values
    if definition.table is None:
        raise OperationError(
            f"feature group `{group.name}` has no values to be read by key",
            remedy="set `online: true`, and `mlops-iac up`",
        )
    asked = entity_keys(group, entities)
    client = table_of(where, definition.bucket, definition.table)
    keys = [[item[name] for name in group.entities] for item in asked]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        found = pool.map(lambda key: find(client, key), keys)
        return [
            _answer(group, item, stored or {}, now)
            for item, stored in zip(asked, found, strict=True)
        ]


def _answer(
    group: FeatureSet, item: Mapping[str, str | int], stored: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    time = value_of(stored, group.event_time, TIMESTAMP)
    is_expired = (
        time is not None and group.ttl is not None and now - time > timedelta(seconds=group.ttl)
    )
    known = {} if is_expired else stored
    values = {name: _plain(value_of(known, name, kind)) for name, kind in group.features.items()}
    return {**item, **values, group.event_time: _plain(time)}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
