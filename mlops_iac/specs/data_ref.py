"""Naming data: a dataset, or what a processing job makes."""

import re
from typing import Any, Literal

from pydantic import Field, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from mlops_iac.specs.base import Part
from mlops_iac.specs.types import Ref

OUTPUT_PATTERN = r"^[a-z][a-z0-9_]{0,62}$"
"""What an output of a job may be called."""

_TEXT = r"^([^/]+)(?:/([^/]+))?$"


class DataRef(Part):
    """Data by name: `departures` is a dataset, `clean/hourly` an output of the job `clean`."""

    name: Ref[Literal["Dataset", "ProcessingJob"]]
    """The dataset, or the job."""
    output: str | None = Field(default=None, pattern=OUTPUT_PATTERN)
    """The job's output; none for a dataset."""

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        name = getattr(value, "name", value) if not isinstance(value, DataRef) else value
        if not isinstance(name, str):
            return value
        match = re.fullmatch(_TEXT.strip("^$"), name)
        if match is None:
            raise PydanticCustomError(
                "data", "is a dataset, `departures`, or an output of a job, `clean/hourly`"
            )
        return {"name": match[1], "output": match[2]}

    @model_serializer
    def _text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.name}/{self.output}" if self.output else str(self.name)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "pattern": _TEXT, "examples": ["departures", "clean/hourly"]}

    @property
    def is_made(self) -> bool:
        """Whether a job of this stack makes the data."""
        return self.output is not None
