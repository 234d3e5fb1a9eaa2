"""Numbers, times and states as a person reads them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mlops_iac.operations import Run
from mlops_iac.records import Latency

NOTHING = "—"
"""Stands where there is no value."""

GOOD, BAD, WARN, NOTE = "good", "bad", "warn", "note"

_TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("approved", "finished", "good", "passed", "quiet", "ready", "serving", "steady"), GOOD
    ),
    **dict.fromkeys(("alarm", "bad", "dead", "drifted", "failed", "rejected"), BAD),
    **dict.fromkeys(("pending", "refused", "skipped", "starting", "stopped", "waiting"), WARN),
}

_MINUTE, _HOUR = 60, 3600
_ROUNDING = 1e-9


def tone(state: str) -> str:
    """Return how a state is coloured; the state's word always stands beside it."""
    return _TONES.get(state, NOTE)


def verdict(alarm: bool | None) -> str:
    """Return the word for a signal or a check, as `mlops-iac status` has it."""
    return "unsure" if alarm is None else "alarm" if alarm else "quiet"


def column_verdict(signal: str, *, alarm: bool) -> str:
    """Return the word for one column of a signal."""
    worse, well = ("bad", "good") if signal == "data_quality" else ("drifted", "steady")
    return worse if alarm else well


def words(name: str) -> str:
    """Return a name in `CamelCase` or `snake_case` as words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name).lower()


def number(value: Any) -> str:
    """Return a value for a table: numbers with four digits that count."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) > 9999 else str(value)  # noqa: PLR2004  years stay years
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def pairs(values: Mapping[str, Any]) -> str:
    """Return names and values on one line."""
    return ", ".join(f"{name} {number(value)}" for name, value in values.items()) or NOTHING


def duration(seconds: float | None) -> str:
    """Return a time in its own unit."""
    if seconds is None:
        return NOTHING
    if seconds < 1:
        return f"{1000 * seconds:.3g} ms"
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min {int(seconds % _MINUTE):02} s"
    return f"{int(seconds // _HOUR)} h {int(seconds % _HOUR // _MINUTE):02} min"


def elapsed(run: Run) -> float | None:
    """Return how many seconds a run took; `None` while it runs."""
    if run.ended is None:
        return None
    return (moment(run.ended) - moment(run.started)).total_seconds()


def moment(text: str) -> datetime:
    """Return the moment that an ISO 8601 text means; UTC where it names no zone."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def clock(text: str) -> str:
    """Return a moment in UTC, to the second."""
    return f"{moment(text):%Y-%m-%d %H:%M:%S} UTC"


def percentile(latency: Latency, share: float) -> str:
    """Return the bucket that a percentile lies in: more is not known, of few answers nothing."""
    if latency.answers * (1 - share) < 1 - _ROUNDING:
        return "too few answers"
    lower, upper = latency.interval(share)
    if upper is None:
        return f"> {duration(lower)}"
    return f"≤ {duration(upper)}" if lower == 0 else f"{duration(lower)} to {duration(upper)}"


def plural(count: int, noun: str) -> str:
    """Return a number of things."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def short(digest: str | None) -> str:
    """Return the head of a digest or an id, enough to tell it from others."""
    return NOTHING if digest is None else digest.removeprefix("sha256:")[:12]
