"""What the filling of a group is told, and what it leaves behind, as JSON in the bucket."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mlops_iac.runtime.features.group import FeatureSet
from mlops_iac.store_paths import filled_key
from mlops_iac_gcp import documents
from mlops_iac_gcp.session import Place


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A group: its values, and where BigQuery, the online store and the bucket hold them."""

    values: FeatureSet
    project: str
    region: str
    bucket: str
    dataset: str
    """Dataset of BigQuery."""
    view: str | None
    """Full name of the feature view; `None` without an online store."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return asdict(self)

    @property
    def where(self) -> Place:
        """Where its stores are."""
        return Place(project=self.project, region=self.region)


def definition_of(document: Mapping[str, Any]) -> Definition:
    """Return a definition from its JSON."""
    told: dict[str, Any] = {**document, "values": FeatureSet(**document["values"])}
    return Definition(**told)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A group as it was filled last."""

    definition: Definition
    """With the types of the keys, which the data has shown."""
    version: str
    rows: int
    moment: int
    """When the filling began, in microseconds since 1970."""

    def document(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return asdict(self)


def filled_of(document: Mapping[str, Any]) -> Filled:
    """Return what a filling left from its JSON."""
    told: dict[str, Any] = {**document, "definition": definition_of(document["definition"])}
    return Filled(**told)


def current(where: Place, bucket: str, group: str) -> Filled | None:
    """Return how a group was filled last; `None` before it was."""
    found = documents.read(where, bucket, filled_key(group))
    return None if found is None else filled_of(found)
