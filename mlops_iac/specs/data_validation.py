"""Expectations that data must meet before anything reads it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from mlops_iac.capabilities import Capability
from mlops_iac.specs.base import Ask, Part, Spec
from mlops_iac.specs.compute import Compute
from mlops_iac.specs.data_ref import DataRef
from mlops_iac.specs.dataset import ColumnType
from mlops_iac.specs.types import Duration

ColumnName = Annotated[str, Field(min_length=1, max_length=256)]


class Expectation(Part):
    """What must hold for the values of one column."""

    type: ColumnType | None = None
    """Type of the values; any when left out."""
    nullable: bool = False
    """Whether values may be missing."""
    unique: bool = False
    """Whether no value may occur twice."""
    min: float | None = None
    """Least value."""
    max: float | None = None
    """Greatest value."""
    one_of: tuple[bool | int | float | str, ...] = Field(default=(), max_length=1000)
    """The only values there may be; any when left out."""
    pattern: str | None = Field(default=None, max_length=500)
    """Regular expression (Python's `re`) that each whole text must match."""
    max_failures_percent: float = Field(default=0, ge=0, le=100)
    """Share of the rows that may fail one of these checks."""

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise PydanticCustomError(
                "pattern", "is no regular expression: {why}", {"why": str(error)}
            ) from None
        return pattern

    @model_validator(mode="after")
    def _is_ordered(self) -> "Expectation":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError(
                "order", "`min` is {min} and `max` is {max}", {"min": self.min, "max": self.max}
            )
        return self


class DataValidation(Spec):
    """A contract on data: whoever reads the same data waits, and is stopped when it fails."""

    kind: ClassVar[str] = "DataValidation"

    data: DataRef
    """The data that is checked."""
    columns: Mapping[ColumnName, Expectation] = Field(min_length=1, max_length=1000)
    """Columns that must be there, and what must hold for each."""
    min_rows: int = Field(default=1, ge=0)
    """Fewest rows."""
    max_rows: int | None = Field(default=None, ge=1)
    """Most rows; any number when left out."""
    compute: Compute = Compute()
    """What the machine that checks must offer."""
    timeout: Duration = timedelta(hours=1)
    """A check that takes longer is stopped and failed."""

    asks = (
        Ask(Capability.VALIDATION, "columns", lambda _: True),
        Ask(
            Capability.PROCESSING_ACCELERATOR,
            "compute.accelerator",
            lambda s: s.compute.accelerator is not None,
        ),
        Ask(Capability.DATA_FROM_JOB, "data", lambda s: s.data.is_made),
    )
