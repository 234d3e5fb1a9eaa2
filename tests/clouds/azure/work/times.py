"""Durations and moments as Azure's JSON has them."""

import re
from datetime import UTC, datetime

_DURATION = re.compile(
    r"P(?:(?P<days>\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


def seconds(duration: str | float | None, default: float) -> float:
    """Return a duration of ISO 8601, such as `PT1H30M`, in seconds; a number is one already.

    Raises:
        ValueError: it is none.
    """
    if not duration:
        return default
    if isinstance(duration, int | float):
        return float(duration)
    found = _DURATION.fullmatch(duration)
    if found is None or not any(found.groups()):
        raise ValueError(f"'{duration}' is no duration of ISO 8601")
    return sum(float(found[name] or 0) * factor for name, factor in _SECONDS.items())


def stamp() -> str:
    """Return the machine's time as Azure's JSON has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
