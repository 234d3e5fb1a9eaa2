"""Conditions of a Condition step."""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.clouds.aws.work.failures import JobError

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def holds_all(conditions: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether every condition holds; their values are resolved already."""
    return all(_holds(condition) for condition in conditions)


def _holds(condition: Mapping[str, Any]) -> bool:
    kind = condition["Type"]
    if kind in _COMPARED:
        return _compare(kind, condition["LeftValue"], condition["RightValue"])
    match kind:
        case "In":
            return condition["QueryValue"] in condition["Values"]
        case "Not":
            return not _holds(condition["Expression"])
        case "Or":
            return any(_holds(item) for item in condition["Conditions"])
        case _:
            raise JobError(f"ValidationException: `{kind}` is no condition")


def _compare(kind: str, left: Any, right: Any) -> bool:
    try:
        return _COMPARED[kind](left, right)
    except TypeError:
        raise JobError(f"ClientError: `{kind}` cannot compare {left!r} with {right!r}") from None
