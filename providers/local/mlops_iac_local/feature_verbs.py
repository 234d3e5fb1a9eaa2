"""The verb on features: the newest values of entities, as they are known now."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_local.features import online
from mlops_iac_local.features.group import online_file, stored_group
from mlops_iac_local.features.views import registered
from mlops_iac_local.layout import Layout


def features(
    layout: Layout, name: str, entities: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the newest values of entities as JSON; times are ISO 8601.

    Raises:
        OperationError: the group has no online values, or no such entities.
    """
    stored_group(layout, name)
    # What is read goes by what was registered: an `up` may be between the two.
    group = registered(layout).get(name)
    if group is None or not group.online:
        raise OperationError(
            f"feature group `{name}` has no values to be read by key",
            remedy="set `online: true` and run `mlops-iac up`",
        )
    found = online.read(online_file(layout), group, entities, datetime.now(tz=UTC))
    return [{key: _plain(value) for key, value in answer.items()} for answer in found]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
