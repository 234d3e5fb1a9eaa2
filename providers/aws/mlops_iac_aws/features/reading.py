"""Reading features by key, as a serving program does."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac.runtime.features.entities import entity_keys
from mlops_iac_aws.features.document import Filled
from mlops_iac_aws.features.encoding import feature_value, record_key
from mlops_iac_aws.features.online import BATCH, SERVICE, OnlineStore
from mlops_iac_aws.session import Clients


def read(
    clients: Clients, filled: Filled, entities: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Return the newest values of entities, in their order, as JSON; times are ISO 8601.

    Each answer has the entity's columns, every feature, and the event time of its values. Values
    of an unknown entity are `None`, and so are those that are older than `ttl` at `now`; SageMaker
    forgets these altogether, within some time.

    Raises:
        OperationError: the group has no online values, or no such entities.
        AwsError: the store cannot be read.
    """
    group = filled.definition.values
    if not group.online:
        raise OperationError(
            f"feature group `{group.name}` has no values to be read by key",
            remedy="set `online: true` and give the group another name: a group cannot change it",
        )
    asked = entity_keys(group, entities)
    keys = [record_key([entity[name] for name in group.entities]) for entity in asked]
    store = OnlineStore(runtime=clients(SERVICE), name=filled.definition.group, group=group)
    found = _records(store, list(dict.fromkeys(keys)))
    return [
        _answer(store, entity, found.get(key), now) for entity, key in zip(asked, keys, strict=True)
    ]


def _records(store: OnlineStore, keys: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(keys), BATCH):
        found |= store.records(keys[start : start + BATCH])
    return found


def _answer(
    store: OnlineStore,
    entity: Mapping[str, str | int],
    stored: Mapping[str, str] | None,
    now: datetime,
) -> dict[str, Any]:
    group = store.group
    time = None if stored is None else store.moment(stored)
    is_expired = (
        time is not None and group.ttl is not None and now - time > timedelta(seconds=group.ttl)
    )
    texts = {} if stored is None or is_expired else stored
    values = {
        name: _plain(feature_value(texts.get(name), kind)) for name, kind in group.features.items()
    }
    return {**entity, **values, group.event_time: _plain(time)}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
