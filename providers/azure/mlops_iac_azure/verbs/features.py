"""The verb `features`: the newest values of entities."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mlops_iac.errors import OperationError
from mlops_iac_azure.faults import told
from mlops_iac_azure.features.document import current
from mlops_iac_azure.features.reading import read
from mlops_iac_azure.verbs.site import Site


def features(site: Site, group: str, entities: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the newest values of entities, in their order, read from the online store.

    Raises:
        OperationError: the group was never filled, or has no such entities.
    """
    site.spec(group, "FeatureGroup")
    with told(f"reading feature group `{group}`"):
        filled = current(site.place, site.bucket, group)
        if filled is None:
            raise OperationError(
                f"feature group `{group}` was not filled yet", remedy=f"`mlops-iac run {group}`"
            )
        return read(site.place, filled, entities, datetime.now(UTC))
