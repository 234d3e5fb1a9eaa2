"""Versioned data."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Spec


class DataFormat(StrEnum):
    """How the files of a dataset are written."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"
    FILES = "files"
    """Anything else: images, archives, text."""


class ColumnType(StrEnum):
    """Type of a column, as data contracts and feature stores share it."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"


class Dataset(Spec):
    """A versioned data asset: local files, uploaded by content, or data that lies elsewhere."""

    kind: ClassVar[str] = "Dataset"

    source: str = Field(min_length=1, max_length=1024)
    """A path or glob relative to the declaration (`data/*.parquet`), or a URI (`s3://…`)."""
    format: DataFormat = DataFormat.PARQUET
    """How the files are written."""
    columns: Mapping[str, ColumnType] = Field(default_factory=dict)
    """Columns that the data must have, with their types; not checked when left out."""
    description: str = Field(default="", max_length=500)
    """What the data is, for the people who find it."""

    asks = (
        Ask(Capability.DATASET_FILES, "source", lambda s: not s.is_remote),
        Ask(Capability.DATASET_URI, "source", lambda s: s.is_remote),
        Ask(Capability.DATASET_COLUMNS, "columns", lambda s: bool(s.columns)),
    )

    @property
    def is_remote(self) -> bool:
        """Whether the source is a URI, not files beside the declaration."""
        return "://" in self.source
