"""The one dialect of cron: what an expression may hold, as specs judge it and targets read it."""

import re
from collections.abc import Mapping

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip

CRON_FIELDS: Mapping[str, tuple[int, int, Mapping[str, int]]] = {
    "minute": (0, 59, {}),
    "hour": (0, 23, {}),
    "day of the month": (1, 31, {}),
    "month": (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    "day of the week": (0, 7, {name: number for number, name in enumerate(_DAYS)}),
}
"""The five fields of an expression in their order: least and greatest value, and names.

As in Vixie cron (crontab(5)): Sunday is 0 and 7.
"""

_SUNDAY = 7
"""The second number of this day, and the greatest of a week."""
_ITEM = re.compile(r"(?:\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/(\d+))?")


def cron_fault(text: str) -> str | None:
    """Return what is wrong with a cron expression, in a user's words; `None` when nothing is."""
    fields = text.lower().split()
    if len(fields) != len(CRON_FIELDS):
        return f"has {len(fields)} fields; it needs 5: minute, hour, day, month, weekday"
    for (name, bounds), field in zip(CRON_FIELDS.items(), fields, strict=True):
        for item in field.split(","):
            if not _is_item(item, *bounds):
                return f"`{item}` is no {name} ({bounds[0]} to {bounds[1]})"
    if fields[2] != "*" and fields[4] != "*":
        return "names a day of the month and of the week; clouds read that differently: name one"
    return None


def cron_values(expression: str) -> dict[str, tuple[int, ...] | None]:
    """Return the values of each field of a valid expression; `None` where it is `*`.

    Sunday is 0, also where the expression says 7.
    """
    texts = expression.lower().split()
    return {
        name: None if text == "*" else _values(text, *bounds, is_week=bounds[1] == _SUNDAY)
        for (name, bounds), text in zip(CRON_FIELDS.items(), texts, strict=True)
    }


def _values(
    text: str, least: int, greatest: int, words: Mapping[str, int], *, is_week: bool
) -> tuple[int, ...]:
    values: set[int] = set()
    for item in text.split(","):
        body, _, step = item.partition("/")
        first, _, last = body.partition("-")
        start = least if first == "*" else _number(first, words)
        # A single value with a step goes on to the end: `1/2` is 1, 3, 5 …
        is_open = first == "*" or (not last and step)
        end = greatest if is_open else _number(last or first, words)
        values |= set(range(start, end + 1, int(step or 1)))
    return tuple(sorted({value % _SUNDAY for value in values} if is_week else values))


def _number(text: str, words: Mapping[str, int]) -> int:
    return words[text] if text in words else int(text)


def _is_item(item: str, least: int, greatest: int, names: Mapping[str, int]) -> bool:
    match = _ITEM.fullmatch(item)
    if match is None or (match[3] is not None and int(match[3]) == 0):
        return False
    ends = [names.get(text, text) for text in (match[1], match[2]) if text is not None]
    if not all(str(end).isdigit() and least <= int(end) <= greatest for end in ends):
        return False
    return len(ends) < 2 or int(ends[0]) <= int(ends[1])  # noqa: PLR2004  both ends of a range
