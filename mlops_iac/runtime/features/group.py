"""What a feature group is, wherever its values are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HISTORY = "history.parquet"
"""Name of the file with a group's history."""
GROUP = "group.json"
"""Name of what a filling has left, beside its history."""
VERSION_KEY = b"mlops-iac.version"
"""Key of the Parquet file's metadata that says which version of the group it holds."""


@dataclass(frozen=True, kw_only=True)
class FeatureSet:
    """The definition of a feature group, as far as its values depend on it."""

    name: str
    format: str
    """Format of the data that it is filled from."""
    entities: Sequence[str]
    event_time: str
    features: Mapping[str, str]
    """Type by name."""
    ttl: int | None = None
    """Seconds that a value counts; for ever when `None`."""
    offline: bool = True
    online: bool = True
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """Type of each entity column, as the data has it; known when the history is written."""
