"""Features of entities over time: stored once, read alike for training and for serving."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Spec
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.dataset import ColumnType
from mlops_iac.specs.types import Duration

FeatureName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
"""Legal in every feature store (SageMaker: 64 characters; Vertex and BigQuery: no `-`)."""


class FeatureGroup(Spec):
    """Typed features of an entity, each with the time from which it is known."""

    kind: ClassVar[str] = "FeatureGroup"

    data: DataRef
    """Rows of features: entity columns, event time, one column per feature."""
    entities: tuple[FeatureName, ...] = Field(min_length=1, max_length=8)
    """Columns that together say which entity a row is about."""
    event_time: FeatureName
    """Column with the time from which the row's values are known."""
    features: Mapping[FeatureName, ColumnType] = Field(min_length=1, max_length=2000)
    """The features and their types. Adding one changes the group in place."""
    ttl: Duration | None = None
    """How long a value counts; for ever when left out."""
    offline: bool = True
    """Whether the history is kept, for training."""
    online: bool = True
    """Whether the newest values are kept for reads by key, for serving."""
    description: str = Field(default="", max_length=500)
    """What the features are, for the people who find them."""

    asks = (
        Ask(Capability.FEATURES_OFFLINE, "offline", lambda s: s.offline),
        Ask(Capability.FEATURES_ONLINE, "online", lambda s: s.online),
        Ask(Capability.FEATURES_TTL, "ttl", lambda s: s.ttl is not None),
        Ask(Capability.DATA_FROM_JOB, "data", lambda s: s.data.is_made),
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> "FeatureGroup":
        if not (self.offline or self.online):
            raise PydanticCustomError("store", "needs `offline`, `online` or both")
        own = [*self.entities, self.event_time]
        if twice := sorted({n for n in own if own.count(n) > 1} | (set(own) & set(self.features))):
            raise PydanticCustomError(
                "twice",
                "{names} cannot be two of entity, event time and feature",
                {"names": ", ".join(f"`{name}`" for name in twice)},
            )
        return self
