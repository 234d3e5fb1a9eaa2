"""Hours of data: the folders that captured traffic and ground truth lie in."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

_OFFSET = re.compile(r"(?P<sign>-?)P((?P<days>\d+)D)?(T((?P<hours>\d+)H)?((?P<minutes>\d+)M)?)?")


def hours(start: datetime, end: datetime) -> Iterator[str]:
    """Yield `yyyy/mm/dd/hh` of every hour that has a part in the time from `start` to `end`."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield f"{hour:%Y/%m/%d/%H}"
        hour += timedelta(hours=1)


def offset(text: str | None) -> timedelta:
    """Return an offset such as `-PT1H` or `-P1D`; none is zero."""
    if not text:
        return timedelta()
    match = _OFFSET.fullmatch(text)
    assert match is not None, text
    named = {name: int(match[name] or 0) for name in ("days", "hours", "minutes")}
    length = timedelta(days=named["days"], hours=named["hours"], minutes=named["minutes"])
    return -length if match["sign"] else length
