"""Filters of Event Grid's subscriptions.

https://learn.microsoft.com/azure/event-grid/event-filtering: texts are compared without case; a
negation also holds for what is not there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.clouds.azure.calls import Body, CloudError

_MISSING: Any = object()
_MOST_FILTERS, _MOST_VALUES = 25, 25


def passes(told: Mapping[str, Any], event: Body) -> bool:
    """Tell whether an event passes a subscription's `filter`."""
    kinds = told.get("includedEventTypes") or []
    subject = event["subject"]
    begin, end = told.get("subjectBeginsWith") or "", told.get("subjectEndsWith") or ""
    if not told.get("isSubjectCaseSensitive"):
        subject, begin, end = subject.lower(), begin.lower(), end.lower()
    if kinds and "All" not in kinds and event["eventType"] not in kinds:
        return False
    if not (subject.startswith(begin) and subject.endswith(end)):
        return False
    return all(_holds(one, event) for one in told.get("advancedFilters") or [])


def judge(told: Mapping[str, Any]) -> None:
    """Refuse filters that Event Grid does not take.

    Raises:
        CloudError: 400.
    """
    filters: Sequence[Body] = told.get("advancedFilters") or []
    many = sum(len(one.get("values") or [1]) for one in filters)
    if len(filters) > _MOST_FILTERS or many > _MOST_VALUES:
        text = f"At most {_MOST_FILTERS} advanced filters with {_MOST_VALUES} values in all."
        raise CloudError(400, "InvalidRequest", text)
    for one in filters:
        if one.get("operatorType") not in _OPERATORS or not one.get("key"):
            text = f"The advanced filter {one} has no key, or an operator that is none."
            raise CloudError(400, "InvalidRequest", text)


def _holds(told: Body, event: Body) -> bool:
    have = _value(event, told["key"])
    positive, compare = _OPERATORS[told["operatorType"]]
    values = told["values"] if "values" in told else [told.get("value")]
    found = have is not _MISSING and any(compare(have, one) for one in values)
    return found if positive else not found


def _value(event: Body, key: str) -> Any:
    """Return what a key names, as `data.runTags.policy`; the first words' case means nothing."""
    own = {name.lower(): value for name, value in event.items()}
    first, _, rest = key.partition(".")
    found = own.get(first.lower(), _MISSING)
    for name in rest.split(".") if rest else ():
        found = found.get(name, _MISSING) if isinstance(found, dict) else _MISSING
    return _MISSING if found is None else found


def _texts(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda have, one: isinstance(have, str) and compare(have.lower(), str(one).lower())


def _numbers(compare: Callable[[float, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(have: Any, one: Any) -> bool:
        return isinstance(have, int | float) and not isinstance(have, bool) and compare(have, one)

    return holds


_OPERATORS: Mapping[str, tuple[bool, Callable[[Any, Any], bool]]] = {
    "StringIn": (True, _texts(lambda have, one: have == one)),
    "StringNotIn": (False, _texts(lambda have, one: have == one)),
    "StringContains": (True, _texts(lambda have, one: one in have)),
    "StringNotContains": (False, _texts(lambda have, one: one in have)),
    "StringBeginsWith": (True, _texts(lambda have, one: have.startswith(one))),
    "StringNotBeginsWith": (False, _texts(lambda have, one: have.startswith(one))),
    "StringEndsWith": (True, _texts(lambda have, one: have.endswith(one))),
    "StringNotEndsWith": (False, _texts(lambda have, one: have.endswith(one))),
    "NumberIn": (True, _numbers(lambda have, one: have == one)),
    "NumberNotIn": (False, _numbers(lambda have, one: have == one)),
    "NumberLessThan": (True, _numbers(lambda have, one: have < one)),
    "NumberLessThanOrEquals": (True, _numbers(lambda have, one: have <= one)),
    "NumberGreaterThan": (True, _numbers(lambda have, one: have > one)),
    "NumberGreaterThanOrEquals": (True, _numbers(lambda have, one: have >= one)),
    "NumberInRange": (True, _numbers(lambda have, one: one[0] <= have <= one[1])),
    "NumberNotInRange": (False, _numbers(lambda have, one: one[0] <= have <= one[1])),
    "BoolEquals": (True, lambda have, one: have is one),
    "IsNotNull": (True, lambda *_: True),
    "IsNullOrUndefined": (False, lambda *_: True),
}
