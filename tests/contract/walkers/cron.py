"""Schedules in the three dialects that the clouds read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import regex

from tests.contract.walkers.finding import Finding, Rule
from tests.contract.walkers.rules import Check

_MONTHS = tuple("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())  # noqa: SIM905 - a line
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()
    extra: str = "(?!)"
    """Further spellings, as a pattern."""


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day of month", 1, 31)
_MONTH = _Field("month", 1, 12, _MONTHS)
_UNIX_WEEKDAY = _Field("day of week", 0, 7, _DAYS)

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
_EVENTBRIDGE = (
    _MINUTE,
    _HOUR,
    _Field("day of month", 1, 31, extra=r"\?|L|L-\d+|LW|\d{1,2}W"),
    _MONTH,
    _Field("day of week", 1, 7, _DAYS, extra=r"\?|L|([1-7]|[A-Z]{3})(L|#[1-5])"),
    _Field("year", 1970, 2199),
)
# https://man7.org/linux/man-pages/man5/crontab.5.html
_UNIX = (_MINUTE, _HOUR, _DAY, _MONTH, _UNIX_WEEKDAY)

_RATE = regex.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_AT = regex.compile(r"at\(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\)")
_CRON = regex.compile(r"cron\((.*)\)")
_ZONE = regex.compile(r"(CRON_TZ|TZ)=[A-Za-z_]+(/[A-Za-z0-9_+-]+)*\s+")


def eventbridge(value: object, path: str) -> Iterator[Finding]:
    """Yield what EventBridge and Application Auto Scaling refuse in a schedule expression."""
    text = str(value)
    source = "EventBridge schedule expressions"
    found = _CRON.fullmatch(text)
    if found:
        fields = found.group(1).split()
        yield from _fields(_EVENTBRIDGE, fields, text, path, source)
        # One of the two days must be `?`: the same page.
        if len(fields) == len(_EVENTBRIDGE) and (fields[2] == "?") == (fields[4] == "?"):
            yield _finding(text, path, "exactly one of the two day fields must be `?`", source)
    elif not _AT.fullmatch(text) and not _rate(text):
        yield _finding(text, path, "must be `cron(…)`, `rate(…)` or `at(…)`", source)


def _rate(text: str) -> bool:
    found = _RATE.fullmatch(text)
    return found is not None and (found.group(1) == "1") == (found.group(3) == "")


def unix(
    value: object, path: str, *, zone: bool = False, source: str = "crontab(5)"
) -> Iterator[Finding]:
    """Yield what a five-field cron refuses; `zone` allows a leading `TZ=` or `CRON_TZ=`."""
    text = str(value)
    rest = _ZONE.sub("", text, count=1) if zone and _ZONE.match(text) else text
    yield from _fields(_UNIX, rest.split(), text, path, source)


vertex: Check = partial(
    unix, zone=True, source="Vertex AI schedules: `CRON_TZ=…` before five fields"
)
ncrontab: Check = partial(unix, source="Azure ML NCronTab: five fields")


def _fields(
    dialect: Sequence[_Field], fields: Sequence[str], text: str, path: str, source: str
) -> Iterator[Finding]:
    if len(fields) != len(dialect):
        yield _finding(text, path, f"must have {len(dialect)} fields, has {len(fields)}", source)
        return
    for rule, value in zip(dialect, fields, strict=True):
        if not all(_part(rule, part) for part in value.split(",")):
            yield _finding(text, path, f"`{value}` is no {rule.name}", source)


def _part(rule: _Field, text: str) -> bool:
    if regex.fullmatch(rule.extra, text):
        return True
    base, slash, step = text.partition("/")
    if slash and not (step.isdigit() and int(step) > 0):
        return False
    if base == "*":
        return True
    ends = [_number(rule, end) for end in base.split("-")]
    known = [end for end in ends if end is not None]
    return len(known) == len(ends) <= 2 and known == sorted(known)


def _number(rule: _Field, text: str) -> int | None:
    if text.upper() in rule.words:
        return rule.words.index(text.upper()) + rule.low
    return int(text) if text.isdigit() and rule.low <= int(text) <= rule.high else None


def _finding(value: str, path: str, message: str, source: str) -> Finding:
    return Finding(path=path, rule=Rule.CRON, value=value, message=message, source=source)
