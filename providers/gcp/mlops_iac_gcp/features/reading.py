"""Reading features by key, as a serving program does."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.columns import TIMESTAMP
from mlops_iac.runtime.features.entities import entity_keys
from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac_gcp import rest
from mlops_iac_gcp.errors import ApiError
from mlops_iac_gcp.features.columns import data_key, value_of
from mlops_iac_gcp.features.document import Filled
from mlops_iac_gcp.features.syncing import API, VIEWS
from mlops_iac_gcp.session import Place

_PARALLEL = 8
"""Requests at a time: Vertex AI answers one entity a request."""


def read(
    where: Place, filled: Filled, entities: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Return the newest values of entities, in their order, as JSON; times are ISO 8601.

    Each answer has the entity's columns, every feature, and the event time of its values. Values
    of an unknown entity are `None`, and so are those that are older than `ttl` at `now`.

    Raises:
        OperationError: the group has no online values, or no such entities.
        GcpError: the store cannot be read.
    """
    group, view = filled.definition.values, filled.definition.view
    if view is None:
        raise OperationError(
            f"feature group `{group.name}` has no values to be read by key",
            remedy="set `online: true`, and `mlops-iac up`",
        )
    asked = entity_keys(group, entities)
    keys = [data_key([entity[name] for name in group.entities]) for entity in asked]
    with ThreadPoolExecutor(_PARALLEL) as pool:
        found = pool.map(partial(_served, where, view), keys)
        return [
            _answer(group, entity, served, now) for entity, served in zip(asked, found, strict=True)
        ]


def _served(where: Place, view: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """Return the served values of an entity by column; empty for one that is unknown."""
    asked = {"featureView": view}
    try:
        answer = rest.call(where, API, f"{VIEWS}.fetchFeatureValues", asked, {"dataKey": key})
    except ApiError as error:
        if error.http == HTTPStatus.NOT_FOUND:
            return {}
        raise
    pairs = answer.get("keyValues", {}).get("features", ())
    return {pair["name"]: pair.get("value", {}) for pair in pairs}


def _answer(
    group: FeatureSet, entity: Mapping[str, str | int], served: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    time = value_of(served.get(group.event_time, {}), TIMESTAMP)
    is_expired = (
        time is not None and group.ttl is not None and now - time > timedelta(seconds=group.ttl)
    )
    known = {} if is_expired else served
    values = {
        name: _plain(value_of(known.get(name, {}), kind)) for name, kind in group.features.items()
    }
    return {**entity, **values, group.event_time: _plain(time)}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
