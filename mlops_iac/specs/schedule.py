"""When something happens by itself: one cron dialect, or a period; each target translates."""

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, Tag, field_validator
from pydantic_core import PydanticCustomError

from mlops_iac.cron import cron_fault
from mlops_iac.specs.base import Part
from mlops_iac.specs.types import Duration
from mlops_iac.specs.variants import by_keys


class Cron(Part):
    """At the times of a cron expression."""

    mode: Literal["cron"] = "cron"
    cron: str = Field(max_length=200)
    """Minute, hour, day of the month, month, day of the week: `0 3 * * 1` is Mondays at three.

    Not both days: clouds read such an expression differently.
    """
    timezone: str = Field(default="UTC", max_length=64)
    """Name in the IANA time zone database, such as `Europe/Berlin`."""

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        if fault := cron_fault(text):
            raise PydanticCustomError("cron", "{fault}", {"fault": fault})
        return " ".join(text.lower().split())

    @field_validator("timezone")
    @classmethod
    def _is_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise PydanticCustomError("timezone", "is no time zone of the IANA database") from None
        return name


class Every(Part):
    """Again and again, with the same time between two starts."""

    mode: Literal["every"] = "every"
    every: Duration
    """Time between two starts, at least one second."""

    @field_validator("every")
    @classmethod
    def _is_positive(cls, value: timedelta) -> timedelta:
        if value < timedelta(seconds=1):
            raise PydanticCustomError("period", "is at least `1s`")
        return value


Schedule = Annotated[
    Annotated[Cron, Tag("cron")] | Annotated[Every, Tag("every")],
    by_keys({"cron": "cron", "timezone": "cron"}, "every"),
]
"""`{cron: "0 3 * * 1", timezone: Europe/Berlin}` or `{every: 1h}`."""
